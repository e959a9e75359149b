"""`hivelet bench …`: measurements that anyone can repeat; each prints one JSON object with --json.

Nothing here computes: a command imports its module of `core.bench` when it is called, and hands over its options.
"""

from dataclasses import replace
from typing import Annotated, Any

import typer

from core.cli.options import JsonOption
from core.cli.output import answer

app = typer.Typer(
    help="Measure this computer and this version. Everything stays on this computer.", no_args_is_help=True
)


LISTS = ("--grid", "--delay-ms", "--compression", "--share")
"""Options that take one value or several."""

GridOption = Annotated[list[int] | None, typer.Option(metavar="N …", help="Places of the grid in each dimension.")]
ExpertsOption = Annotated[int, typer.Option(min=1, max=65536, help="Experts, in the first places of the grid.")]


@app.command()
def rpc(
    expert: Annotated[
        str, typer.Option(metavar="LAYER", help="The expert's layer type; nop returns its input.")
    ] = "nop",
    batch: Annotated[int, typer.Option(min=1, max=4096, help="Rows of one call.")] = 1,
    hidden: Annotated[int, typer.Option(min=1, max=65536, help="Numbers in a row.")] = 1024,
    inner: Annotated[int, typer.Option(min=0, max=262144, help="Inner units; 0: four times hidden.")] = 0,
    calls: Annotated[int, typer.Option(min=5, help="Calls of each client.")] = 300,
    clients: Annotated[int, typer.Option(min=1, max=64, help="Threads that call at once.")] = 1,
    experts: Annotated[int, typer.Option(min=1, max=1024, help="Experts that are called in turn.")] = 1,
    backward: Annotated[
        bool, typer.Option("--backward", help="Train: a backward request follows each forward.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Calls to an expert in another process: latency, samples and bytes per second, beside the same work here."""
    from core.bench.expert_host import HostOptions  # noqa: PLC0415 - torch and ZeroMQ load here
    from core.bench.rpc import RpcOptions, run_rpc  # noqa: PLC0415

    host = HostOptions(expert, hidden, inner or 4 * hidden, experts)
    figures(as_json, run_rpc(RpcOptions(host, batch, calls, clients, backward)))


@app.command()
def load(
    seconds: Annotated[float, typer.Option(min=1, help="Of each measurement.")] = 5.0,
    cap_mb: Annotated[
        float | None, typer.Option("--cap-MB", min=0.1, help="Cap sending, then receiving, at so many MB/s.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Small questions while tensors fill the line both ways; with --cap-MB, how exactly a cap is kept."""
    from core.bench.load import LoadOptions, run_load  # noqa: PLC0415

    figures(as_json, run_load(LoadOptions(seconds, None if cap_mb is None else cap_mb * 1e6)))


@app.command()
def moe(
    experts: ExpertsOption = 16,
    grid: GridOption = None,
    hidden: Annotated[int, typer.Option(min=1, max=65536, help="Numbers in a row.")] = 128,
    batch: Annotated[int, typer.Option(min=1, max=4096, help="Samples of one step.")] = 32,
    k: Annotated[int, typer.Option("--k", min=1, max=64, help="Experts of each sample.")] = 4,
    in_flight: Annotated[int, typer.Option(min=1, max=256, help="Batches under way at any time.")] = 1,
    seconds: Annotated[float, typer.Option(min=0.2, help="Of each of three rounds.")] = 3.0,
    as_json: JsonOption = False,
) -> None:
    """Training steps through a mixture whose experts live in another process, and what that process takes."""
    from core.bench.expert_host import HostOptions  # noqa: PLC0415
    from core.bench.moe import MoeOptions, run_moe  # noqa: PLC0415
    from core.bench.training import TrainingOptions  # noqa: PLC0415

    host = HostOptions("ffn", hidden, 4 * hidden, experts, grid_text(grid))
    figures(as_json, run_moe(MoeOptions(host, TrainingOptions(batch, k, in_flight), seconds)))


@app.command()
def latency(
    delay_ms: Annotated[
        list[float] | None, typer.Option("--delay-ms", min=0, max=2000, metavar="MS …", help="Added to a round trip.")
    ] = None,
    experts: ExpertsOption = 16,
    grid: GridOption = None,
    hidden: Annotated[int, typer.Option(min=1, max=65536, help="Numbers in a row.")] = 128,
    batch: Annotated[int, typer.Option(min=1, max=4096, help="Samples of one step.")] = 512,
    k: Annotated[int, typer.Option("--k", min=1, max=64, help="Experts of each sample.")] = 4,
    seconds: Annotated[float, typer.Option(min=0.5, help="Of each measurement.")] = 2.0,
    tickets_mb: Annotated[
        int, typer.Option(min=1, help="Memory of the host for what backward calls will need, in MiB.")
    ] = 512,
    as_json: JsonOption = False,
) -> None:
    """Training throughput while every question and answer is delayed, and the batches in flight that it takes."""
    from core.bench.expert_host import HostOptions  # noqa: PLC0415
    from core.bench.latency import LatencyOptions, run_latency  # noqa: PLC0415
    from core.bench.training import TrainingOptions  # noqa: PLC0415

    host = HostOptions("ffn", hidden, 4 * hidden, experts, grid_text(grid), tickets_mb=tickets_mb)
    delays = tuple(delay_ms or (0, 50, 100, 200))
    figures(as_json, run_latency(LatencyOptions(host, TrainingOptions(batch, k), delays, seconds)))


@app.command()
def line(
    over: Annotated[str, typer.Option("--line", metavar="RATE,DELAY,LOSS", help="The line.")] = "10mbit,100ms,1%",
    compression: Annotated[
        list[str] | None, typer.Option("--compression", metavar="NAME …", help="none, float16, bfloat16, int8, auto")
    ] = None,
    experts: ExpertsOption = 16,
    grid: GridOption = None,
    hidden: Annotated[int, typer.Option(min=1, max=65536, help="Numbers in a row.")] = 128,
    batch: Annotated[int, typer.Option(min=1, max=4096, help="Samples of one step.")] = 32,
    k: Annotated[int, typer.Option("--k", min=1, max=64, help="Experts of each sample.")] = 4,
    in_flight: Annotated[int, typer.Option(min=1, max=256, help="Batches under way at any time.")] = 32,
    seconds: Annotated[float, typer.Option(min=1, help="Of each measurement.")] = 30.0,
    netem: Annotated[
        bool,
        typer.Option("--netem", help="Let the kernel's TCP cross the line, in a namespace: root on Linux, iproute2."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Training over a slow, long, lossy line, with tensors as they are and shortened. The line is a relay's,
    or with --netem one of packets that the kernel's TCP crosses."""
    from core.bench.expert_host import HostOptions  # noqa: PLC0415
    from core.bench.line_training import LineOptions, run_line  # noqa: PLC0415
    from core.bench.training import TrainingOptions  # noqa: PLC0415

    host = HostOptions("ffn", hidden, 4 * hidden, experts, grid_text(grid))
    training = TrainingOptions(batch, k, in_flight)
    figures(as_json, run_line(LineOptions(host, training, over, compression or ("none", "int8"), seconds, netem)))


@app.command()
def search(
    batch: Annotated[int, typer.Option(min=1, help="Samples that are searched for at once.")] = 256,
    k: Annotated[int, typer.Option("--k", min=1, max=64, help="Experts of each sample.")] = 4,
    as_json: JsonOption = False,
) -> None:
    """Finding each sample's best experts among 65,536, for grids of one to four dimensions."""
    from core.bench.search import run_search  # noqa: PLC0415

    figures(as_json, run_search(batch, k))


@app.command()
def dht(
    peers: Annotated[int, typer.Option(min=2, max=64, help="Processes, one peer each.")] = 16,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Of each of four tasks.")] = 8,
    seed: Annotated[int, typer.Option(help="Of the choice of peers.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Stores and gets between peers in processes of their own: in each round eight peers store and eight read."""
    from core.bench.dht import DhtOptions, run_dht  # noqa: PLC0415

    figures(as_json, run_dht(DhtOptions(peers, rounds, seed=seed)))


@app.command()
def churn(
    nodes: Annotated[int, typer.Option(min=2, max=100_000, help="Nodes of the simulated swarm.")] = 1000,
    dead: Annotated[float, typer.Option(min=0, max=0.95, help="Share that dies at once.")] = 0.0,
    bad: Annotated[float, typer.Option(min=0, max=0.95, help="Share that lies, together.")] = 0.0,
    gets: Annotated[int, typer.Option(min=1, help="Records stored before, and read after.")] = 1000,
    lookups: Annotated[int, typer.Option(min=1, help="Lookups for nodes.")] = 400,
    idle_minutes: Annotated[float, typer.Option(min=0, help="Virtual time in which idle messages are counted.")] = 0.0,
    seed: Annotated[int, typer.Option(help="The same seed, the same figures.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Thousands of DHT nodes in virtual time, joined by the real protocol: what is found when many die or lie."""
    from core.bench.churn import ChurnOptions, run_churn  # noqa: PLC0415

    figures(as_json, run_churn(ChurnOptions(nodes, dead, bad, gets, lookups, idle_minutes, seed)))


@app.command()
def budget(
    budgets: Annotated[
        list[float] | None, typer.Option("--share", min=0.01, max=1, metavar="SHARE", help="0.3 0.5 0.8 by default.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Of each measurement.")] = 20.0,
    project: Annotated[str, typer.Option(help="What the engine hosts and trains.")] = "text",
    as_json: JsonOption = False,
) -> None:
    """One real engine in a home of its own: which share of this computer it takes, and how soon a pause stops it."""
    from core.bench.budget import BudgetOptions, run_budget  # noqa: PLC0415

    options = BudgetOptions(seconds=seconds, project=project)
    figures(as_json, run_budget(replace(options, budgets=tuple(budgets)) if budgets else options))


@app.command("dht-peer", hidden=True)
def dht_peer(bootstrap: Annotated[str, typer.Option()] = "") -> None:
    """One peer of `bench dht`."""
    from core.bench.dht_peer import run_dht_peer  # noqa: PLC0415

    raise typer.Exit(run_dht_peer(bootstrap))


def grid_text(grid: list[int] | None) -> str:
    """A grid as `HostOptions.dims`; one row where none is asked for."""
    return "x".join(map(str, grid or ()))


def figures(as_json: bool, found: dict[str, Any]) -> None:
    """The result of a measurement, for scripts or for people."""
    answer(as_json, found, lambda: "\n".join(f"{name:<22} {value}" for name, value in found.items()))
