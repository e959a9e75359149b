"""`hivelet bench dht`: stores and gets between peers in processes of their own, as Hivemind's benchmark_dht does them.

`_TASKS` tasks run at once. In each of its rounds a task takes a new key; random peers each store one subkey under
it; when all are stored, random peers each read the dictionary, and must find all of it. `seconds` is the time from
the first store to the last answer; the start of the processes and their joining are not in it. `cpu_seconds` is what
all peers together computed meanwhile.
"""

import base64
import contextlib
import json
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

from core.errors import HiveletError
from core.paths import START_FOLDER, program_command

_TASKS = 4
_VALUE_BYTES = 64
_ANSWER_S = 60.0
_JOIN_S = 60.0
_LOOK_S = 0.05
_END_S = 10.0
_ENDED_EARLY = "A peer's process ended early; its last words are above."


@dataclass(frozen=True, slots=True)
class DhtOptions:
    """peers: processes; rounds: of each task; store_peers, get_peers: who takes part in a round."""

    peers: int = 16
    rounds: int = 8
    store_peers: int = 8
    get_peers: int = 8
    seed: int = 0


class _Peer:
    """A process, and the answers that it owes."""

    def __init__(self, bootstrap: str) -> None:
        self._process = subprocess.Popen(
            [*program_command(), "bench", "dht-peer", f"--bootstrap={bootstrap}"],
            cwd=START_FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._owed: dict[int, Future[dict[str, Any]]] = {0: Future()}
        self._first = self._owed[0]
        self._reader = threading.Thread(target=self._read, name="bench peer", daemon=True)
        self._reader.start()

    def address(self) -> str:
        """Where others join through it, once it has started. Raises HiveletError."""
        return str(_result(self._first)["address"])

    def tell(self, do: str, **what: str) -> "Future[dict[str, Any]]":
        """Let it do something; the answer comes later."""
        owed: Future[dict[str, Any]] = Future()
        with self._lock:
            number = next(self._numbers)
            self._owed[number] = owed
            stdin = self._process.stdin
            assert stdin is not None  # noqa: S101 - a pipe was asked for
            try:
                stdin.write(json.dumps({"id": number, "do": do, **what}) + "\n")
                stdin.flush()
            except OSError:
                raise HiveletError(_ENDED_EARLY) from None
        return owed

    def end(self) -> None:
        """Let it end: it does when its standard input does. `gone` waits for that."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # it went before
                self._process.stdin.close()

    def gone(self) -> None:
        """It has ended, by force if need be."""
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        for line in self._process.stdout:
            answer = json.loads(line)
            self._owed.pop(answer["id"]).set_result(answer)
        for owed in list(self._owed.values()):
            owed.set_exception(HiveletError(_ENDED_EARLY))


def run_dht(options: DhtOptions) -> dict[str, Any]:
    """The figures. Raises HiveletError when a peer does not start, join or answer; all processes are gone then too."""
    began = time.perf_counter()
    with _swarm(options.peers) as peers:
        cpu = _cpu(peers)
        started = time.perf_counter()
        interrupted = threading.Event()
        with ThreadPoolExecutor(_TASKS) as pool:
            tasks = [
                pool.submit(_task, peers, options, random.Random(f"{options.seed}/{number}"), interrupted)
                for number in range(_TASKS)
            ]
            try:
                done = [task.result() for task in tasks]
            finally:
                interrupted.set()  # where one has failed, or Ctrl-C was pressed, the others end with their round
        seconds = time.perf_counter() - started
        cpu = _cpu(peers) - cpu
    stores, gets, good = (sum(column) for column in zip(*done, strict=True))
    return {
        "seconds": round(seconds, 3),
        "stores": stores,
        "gets": gets,
        "success": round(good / max(1, stores + gets), 5),
        "peers": options.peers,
        "cpu_seconds": round(cpu, 3),
        "start_s": round(started - began, 2),
    }


@contextlib.contextmanager
def _swarm(size: int) -> Iterator[list[_Peer]]:
    """Peers that all know each other."""
    peers: list[_Peer] = []
    try:
        peers.append(_Peer(""))
        first = peers[0].address()
        peers.extend(_Peer(first) for _ in range(size - 1))
        deadline = time.monotonic() + _JOIN_S
        while any(_result(answer)["peers"] < size - 1 for answer in [peer.tell("known") for peer in peers]):
            if time.monotonic() > deadline:
                raise HiveletError(f"The {size} peers did not find each other within {_JOIN_S:.0f} seconds.")
            time.sleep(_LOOK_S)  # other processes: there is no event to wait for
        yield peers
    finally:
        for peer in peers:
            peer.end()
        for peer in peers:
            peer.gone()


def _task(
    peers: list[_Peer], options: DhtOptions, rng: random.Random, interrupted: threading.Event
) -> tuple[int, int, int]:
    """All rounds of one task: stores, gets, and how many of both were right."""
    stores = gets = good = 0
    for _ in range(options.rounds):
        if interrupted.is_set():
            break
        key = rng.randbytes(32).hex()
        storing = rng.sample(peers, min(options.store_peers, len(peers)))
        wanted = {
            rng.randbytes(16).hex(): base64.b64encode(rng.randbytes(_VALUE_BYTES)).decode() for _ in range(len(storing))
        }
        kept = [
            peer.tell("store", key=key, subkey=subkey, value=value)
            for peer, (subkey, value) in zip(storing, wanted.items(), strict=True)
        ]
        good += sum(_result(answer)["kept"] > 1 for answer in kept)
        reading = [peer.tell("get", key=key) for peer in rng.sample(peers, min(options.get_peers, len(peers)))]
        good += sum(_result(answer)["found"] == wanted for answer in reading)
        stores += len(kept)
        gets += len(reading)
    return stores, gets, good


def _cpu(peers: list[_Peer]) -> float:
    return float(sum(_result(answer)["cpu"] for answer in [peer.tell("known") for peer in peers]))


def _result(answer: "Future[dict[str, Any]]") -> dict[str, Any]:
    try:
        return answer.result(_ANSWER_S)
    except TimeoutError:
        raise HiveletError(f"A peer did not answer within {_ANSWER_S:.0f} seconds.") from None
