"""`hivelet engine` and `hivelet demo`: the commands that run things."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.options import HomeOption, JsonOption, LoopbackOption
from core.errors import UsageError


def engine(
    home: HomeOption = None,
    listen: Annotated[
        str, typer.Option(metavar="ADDR", help="Where others reach this engine, as tcp://HOST:PORT; port 0: any.")
    ] = "",
    bootstrap: Annotated[
        list[str] | None, typer.Option(metavar="ADDR", help="A peer to join through; may be given several times.")
    ] = None,
    project: Annotated[
        str | None, typer.Option(metavar="FILE", help="Project file, or the name of a built-in project.")
    ] = None,
    data: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Train on the UTF-8 text in this folder.")] = None,
    loopback: LoopbackOption = False,
    as_json: JsonOption = False,
    stop_with_stdin: Annotated[
        bool, typer.Option("--stop-with-stdin", hidden=True, help="Stop when standard input closes.")
    ] = False,
    fast_announcements: Annotated[
        bool, typer.Option("--fast-announcements", hidden=True, help="For short-lived swarms on one computer.")
    ] = False,
    delay_ms: Annotated[float, typer.Option(hidden=True, min=0, max=60_000)] = 0.0,
    fail_rate: Annotated[float, typer.Option(hidden=True, min=0, max=1)] = 0.0,
) -> int:
    """Run one engine without a window: hosts experts, finds peers, trains."""
    from core.engine.main import run_engine  # noqa: PLC0415 - torch and ZeroMQ load here
    from core.engine.options import EngineOptions  # noqa: PLC0415

    return run_engine(
        EngineOptions(
            home=home,
            listen=listen,
            bootstrap=tuple(bootstrap or ()),
            project=project,
            data=data,
            loopback=loopback,
            stop_with_stdin=stop_with_stdin,
            fast_announcements=fast_announcements,
            delay_ms=delay_ms,
            fail_rate=fail_rate,
        ),
        as_json=as_json,
    )


def demo(
    peers: Annotated[int, typer.Option(min=2, max=64, help="How many engines.")] = 4,
    task: Annotated[str, typer.Option(help="text or digits.")] = "text",
    steps: Annotated[int | None, typer.Option(min=1, help="Stop after this many training steps of the swarm.")] = None,
    seconds: Annotated[float | None, typer.Option(min=1, help="Stop after this much training time.")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="No window.")] = False,
    as_json: JsonOption = False,
    delay_ms: Annotated[
        float, typer.Option(min=0, max=60_000, help="Added to every answer of an expert on another peer.")
    ] = 0.0,
    fail_rate: Annotated[
        float, typer.Option(min=0, max=1, help="Share of expert requests that a host fails on purpose.")
    ] = 0.0,
    kill_every: Annotated[
        float | None, typer.Option(min=2, metavar="S", help="Every S seconds kill a random peer and start a new one.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the demo's own choices.")] = 0,
    data: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Train on the UTF-8 text in this folder.")] = None,
) -> int:
    """Train a model with a whole swarm of engines on this computer, and show how it goes."""
    if task not in ("text", "digits"):
        raise UsageError(f"There is no task {task!r}; choose text or digits.")
    if data is not None and task != "text":
        raise UsageError("--data works with --task text.")
    from core.demo.main import DemoOptions, run_demo  # noqa: PLC0415

    return run_demo(
        DemoOptions(
            peers=peers,
            task=task,
            steps=steps,
            seconds=seconds if seconds is not None or steps is not None else 120.0,
            headless=headless,
            as_json=as_json,
            delay_ms=delay_ms,
            fail_rate=fail_rate,
            kill_every=kill_every,
            seed=seed,
            data=data,
        )
    )
