"""The line that measurements emulate: its arithmetic, and bytes that really pass through it."""

import random
import socket
import sys
import threading
import time

import pytest

from core.bench import netem
from core.bench.line import LineSpec, TcpLine, _Bottleneck, _Flow
from core.errors import HiveletError, UsageError


def carried(spec: LineSpec, segments: int, seed: int = 0) -> list[float]:
    """When each segment arrives, sent as early as the flow allows, in virtual time."""
    flow = _Flow(spec, _Bottleneck(spec), random.Random(seed))
    now, arrivals = 0.0, []
    for _ in range(segments):
        while (at := flow.may_send_at(now)) > now:
            now = at
        arrivals.append(flow.send(now, spec.segment_bytes))
    return arrivals


def test_a_line_is_read_from_a_few_words() -> None:
    assert LineSpec.parse("10mbit,100ms,1%") == LineSpec(1.25e6, 0.1, 0.01)
    for text in ("10,100,1", "10mbit", "fast", "10mbit,100ms,60%"):
        with pytest.raises(UsageError, match="10mbit,100ms,1%"):
            LineSpec.parse(text)


def test_a_segment_takes_half_the_delay_and_its_time_at_the_bottleneck() -> None:
    spec = LineSpec(rate=1e6, delay_s=0.2)
    arrivals = carried(spec, 100)
    assert arrivals[0] == pytest.approx(0.1 + spec.segment_bytes / 1e6)
    assert arrivals[-1] == pytest.approx(0.1 + 100 * spec.segment_bytes / 1e6)


def test_losses_cost_what_they_cost_tcp_reno() -> None:
    """Mathis and others (1997): a rate of about 1.22 segments over round trip and square root of the loss."""
    spec = LineSpec.parse("1000mbit,100ms,1%")
    count = 20_000
    rate = count * spec.segment_bytes / carried(spec, count)[-1]
    assert rate == pytest.approx(1.22 * spec.segment_bytes / (0.1 * 0.01**0.5), rel=0.4)


def test_what_was_sent_arrives_in_order_however_much_is_lost() -> None:
    arrivals = carried(LineSpec(delay_s=0.1, loss=0.2), 500)
    assert arrivals == sorted(arrivals)


def test_bytes_pass_both_ways_and_nothing_is_left_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def echo() -> None:
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(65536):
                    connection.sendall(data)

        answering = threading.Thread(target=echo, daemon=True)
        answering.start()
        with TcpLine(LineSpec(rate=2e6, delay_s=0.06, loss=0.01)) as line:
            began = time.monotonic()
            with socket.create_connection(("127.0.0.1", line.to(*listener.getsockname()))) as client:
                sent = random.Random(0).randbytes(60_000)
                client.sendall(sent)
                got = b""
                while len(got) < len(sent):
                    got += client.recv(65536)
            assert got == sent
            assert time.monotonic() - began > 0.06 + 60_000 / 2e6
            assert line.relayed == [60_000, 60_000]
        answering.join(5)
    assert not any(thread.name == "line" for thread in threading.enumerate())


def test_the_kernel_s_line_has_half_the_delay_each_way() -> None:
    words = "netem rate 10000000bit delay 50ms loss 1%"
    assert " ".join(netem.queue_of(LineSpec.parse("10mbit,100ms,1%"))) == words
    assert netem.queue_of(LineSpec(delay_s=0.05)) == ("netem", "delay", "25ms", "loss", "0%")


@pytest.mark.skipif(sys.platform != "linux", reason="a TUN device is Linux's")
def test_packets_wait_for_the_rate_and_half_the_delay_and_are_lost_as_often_as_the_line_says() -> None:
    from core.bench.tunnel import PacketQueue  # noqa: PLC0415 - only Linux has it

    queue = PacketQueue(LineSpec(rate=1e6, delay_s=0.2), random.Random(0))
    assert queue.wait_s(0.0) is None
    for number in range(3):
        queue.put(0.0, bytes([number]) * 1000)
    assert queue.wait_s(0.0) == pytest.approx(0.101)
    assert queue.due(0.1) == []
    assert [packet[0] for packet in queue.due(0.1021)] == [0, 1]
    assert queue.wait_s(0.1021) == pytest.approx(0.0009)

    lossy = PacketQueue(LineSpec(loss=0.1), random.Random(0))
    arrived = 0
    for _ in range(10_000):
        lossy.put(0.0, b"x")
        arrived += len(lossy.due(0.0))
    assert arrived == pytest.approx(9_000, rel=0.02)

    full = PacketQueue(LineSpec(delay_s=1.0), random.Random(0))
    for _ in range(2_000):
        full.put(0.0, b"x")
    assert len(full.due(1.0)) == 1000


def test_where_the_kernel_cannot_make_it_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netem.os, "geteuid", lambda: 1000, raising=False)
    with pytest.raises(HiveletError, match="needs Linux and root"):
        netem.enter(LineSpec())
    with pytest.raises(HiveletError, match="iproute2"):
        netem._run("no-such-program")
    with pytest.raises(HiveletError, match="makes no such line"):
        netem._run(sys.executable, "-c", "import sys; sys.exit('Error: unknown.')")
