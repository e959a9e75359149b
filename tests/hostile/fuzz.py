"""Feeds a whole peer with messages that nobody should send: `python -m tests.hostile.fuzz --messages 1000000`.

No message may crash it, raise what is no typed error, be logged as our own fault, or leave memory behind. Prints one
JSON object. `--atheris` lets coverage choose the bytes, where atheris is installed.
"""

import argparse
import asyncio
import json
import logging
import struct
import sys
import time
import traceback
import types
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import torch

from net.wire.codec import encode
from net.wire.envelope import Kind
from net.wire.messages import PROTOCOL_VERSION, ExpertBackward, ExpertCall, ExpertForward, TensorHeader
from net.wire.table import TABLE
from tests.hostile.fuzz_inputs import Inputs
from tests.hostile.fuzz_node import PROJECT, SERVED, UID, Complaints, FuzzedPeer

GOLDEN = Path(__file__).parents[1] / "unit" / "net" / "wire" / "golden.json"
_A_TURN = 50  # messages between looks of the event loop at its tasks
_WARM = 0.5  # of the run: in a long one every bounded table is full by then, and what grows on is a leak
MB = 1024 * 1024


def examples() -> dict[int, list[bytes]]:
    """Bodies of true messages, by code: the golden ones, and requests to an expert that is there."""
    bodies: dict[str, str] = json.loads(GOLDEN.read_text())["bodies"]
    found = {code: [bytes.fromhex(bodies[cls.__name__])] for code, cls in TABLE.items() if cls.__name__ in bodies}
    header = TensorHeader((4, 4), "float32", "none", 64)
    found[ExpertForward.CODE].append(encode(ExpertForward(PROJECT, (ExpertCall(UID, (header,)),))))
    found[ExpertBackward.CODE].append(encode(ExpertBackward(PROJECT, (ExpertCall(UID, (header, header)),))))
    return found


async def fuzz(messages: int, seed: int) -> dict[str, Any]:
    """Run, and return what was found. `faults` must be empty."""
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    faults: Counter[str] = Counter()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.update([str(context)]))
    peer = FuzzedPeer(Inputs(seed, examples()))
    await peer.start()
    process = psutil.Process()
    began, warm = time.monotonic(), 0
    try:
        for number in range(messages):
            if number == int(messages * _WARM):
                warm = process.memory_info().rss
            try:
                peer.take()
            except Exception:  # noqa: BLE001 - finding these is what it is for
                faults[traceback.format_exc()] += 1
            if number % _A_TURN == _A_TURN - 1:
                await asyncio.sleep(0)
    finally:
        await peer.close()
        logging.getLogger().removeHandler(complaints)
    seconds = time.monotonic() - began
    return {
        "messages": messages,
        "seed": seed,
        "seconds": round(seconds, 1),
        "messages_per_s": round(messages / seconds),
        "rss_growth_MB": round((process.memory_info().rss - warm) / MB, 1),
        "faults": dict((faults + complaints.seen).most_common(20)),
        "rejected": dict(sorted(peer.outcomes.items())),
    }


def functions_of_net() -> list[types.FunctionType]:
    """Everything that handles what comes from the network, for its coverage to be watched."""
    found: list[types.FunctionType] = []
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] != "net":
            continue
        for thing in vars(module).values():
            members = list(vars(thing).values()) if isinstance(thing, type) else [thing]
            found += [each for each in members if isinstance(each, types.FunctionType) and each.__module__ == name]
    return found


def fuzz_by_coverage(arguments: list[str], runs: int) -> None:
    """Let atheris choose the bytes; it ends the process, with its own report where it finds a fault."""
    import atheris  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

    loop = asyncio.SelectorEventLoop()
    asyncio.set_event_loop(loop)

    async def make() -> FuzzedPeer:
        made = FuzzedPeer(Inputs(0, examples()))
        await made.start()
        return made

    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    peer = loop.run_until_complete(make())

    heads = [struct.pack("!BBHQIH", PROTOCOL_VERSION, Kind.REQUEST, code, 7, 100, 0) for code in SERVED]

    async def take(data: bytes) -> None:
        peer.raw(data)
        if data:  # and as the body of a request, which it would take long to find out how to begin
            peer.raw(heads[data[0] % len(heads)] + data[1:])
        await asyncio.sleep(0)

    def one(data: bytes) -> None:
        loop.run_until_complete(take(data))
        if complaints.seen:
            raise AssertionError(next(iter(complaints.seen)))

    for function in functions_of_net():
        atheris.instrument_func(function)
    atheris.Setup([*arguments, f"-atheris_runs={runs}"], one)
    atheris.Fuzz()


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Fuzz a whole peer.")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--atheris", action="store_true", help="let coverage choose the bytes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.atheris:
        fuzz_by_coverage(sys.argv[:1], options.messages)
        return 0
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        found = runner.run(fuzz(options.messages, options.seed))
    print(json.dumps(found, indent=1))  # noqa: T201 - the result
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
