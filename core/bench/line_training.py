"""`hivelet bench line`: training over a poor line, with tensors as they are and shortened."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.bench.expert_host import HostOptions, host_process
from core.bench.line import LineSpec, TcpLine
from core.bench.netem import enter
from core.bench.settings import like_an_engine
from core.bench.swarm import joined
from core.bench.training import TrainingOptions, patient, steps_per_s
from net.clock import new_event_loop


@dataclass(frozen=True, slots=True)
class LineOptions:
    """line: like "10mbit,100ms,1%"; encodings: the first is what the others are compared with; netem: packets of the
    kernel's own TCP cross it, in a namespace, as root on Linux; else bytes of a relay's sockets do."""

    host: HostOptions
    training: TrainingOptions
    line: str = "10mbit,100ms,1%"
    encodings: Sequence[str] = ("none", "int8")
    seconds: float = 20.0
    netem: bool = False


def run_line(options: LineOptions) -> dict[str, Any]:
    """Samples per second with each encoding, over a line of its own with the same losses."""
    spec = LineSpec.parse(options.line)
    made_by = enter(spec) if options.netem else "sockets in user space"
    like_an_engine()
    with host_process(options.host) as host, asyncio.Runner(loop_factory=new_event_loop) as runner:
        rows = [runner.run(_row(host.address, options, spec, encoding)) for encoding in options.encodings]
    first = rows[0]["samples_per_s"]
    return {
        "line": options.line,
        "made_by": made_by,
        "experts": options.host.experts,
        "hidden": options.host.hidden,
        "batch": options.training.batch,
        "k": options.training.k,
        "in_flight": options.training.in_flight,
        "rows": [{**row, "times_first": round(row["samples_per_s"] / first, 2)} for row in rows],
    }


async def _row(address: str, options: LineOptions, spec: LineSpec, encoding: str) -> dict[str, Any]:
    if options.netem:
        return await _measured(address, options, encoding, None)
    with TcpLine(spec) as line:
        row = await _measured(address, options, encoding, line)
        there, back = line.relayed
    return {**row, "MB_there": round(there / 1e6, 2), "MB_back": round(back / 1e6, 2)}


async def _measured(address: str, options: LineOptions, encoding: str, line: TcpLine | None) -> dict[str, Any]:
    async with joined(address, options.host, patient(encoding), line) as peer:
        rate = await steps_per_s(
            peer,
            options.host.grid,
            options.host.hidden,
            options.training,
            seconds=options.seconds,
            warm_up_s=options.seconds / 4,
        )
    return {
        "compression": encoding,
        "samples_per_s": round(rate * options.training.batch, 1),
        "steps_per_s": round(rate, 3),
    }
