"""Ports opened by routers: kept, renewed, given back; and NAT-PMP's packets with a router on loopback."""

import asyncio
import struct
from collections.abc import Sequence
from typing import Any

import pytest

from net.clock import VirtualTimeLoop
from net.nat.nat_pmp import NatPmp, likely_gateways
from net.nat.port_mapping import FIRST_RETRY_S, LIFE_S, LONGEST_RETRY_S, Mapping, MappingError, PortMapping

PORTS = (4800, 4801, 4802)
OPENED = Mapping("11.2.0.1", ((4800, 4800), (4801, 4801), (4802, 4802)))


class FakeMapper:
    """A router that does what `answers` say, one after the other, then always the last."""

    def __init__(self, name: str, *answers: Mapping | Exception | None) -> None:
        self.name = name
        self.answers = list(answers)
        self.asked: list[float] = []
        self.closed: list[Mapping] = []

    async def open(self, host: str, ports: Sequence[int], life: float) -> Mapping:
        assert (host, tuple(ports), life) == ("192.168.1.10", PORTS, LIFE_S)
        self.asked.append(asyncio.get_running_loop().time())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        assert answer is not None
        return answer

    async def close(self, mapping: Mapping) -> None:
        self.closed.append(mapping)


def run(scenario: Any) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())


def test_the_first_that_answers_is_used_and_renewed_and_given_back() -> None:
    async def scenario() -> None:
        told: list[Mapping | None] = []
        silent, good = FakeMapper("NAT-PMP", MappingError("no router answers.")), FakeMapper("UPnP", OPENED)
        mapping = PortMapping(told.append)
        task = asyncio.create_task(mapping.run([silent, good], "192.168.1.10", PORTS))
        await asyncio.sleep(2 * LIFE_S)
        assert told == [OPENED]
        assert good.asked == [0.0, LIFE_S / 2, LIFE_S, 1.5 * LIFE_S]
        assert len(silent.asked) == 1  # the one that works is asked first from then on
        assert mapping.problem == ""
        task.cancel()
        await mapping.end()
        assert good.closed == [OPENED]
        assert OPENED.outside(4801) == 4801

    run(scenario)


def test_without_an_answer_it_is_asked_ever_more_rarely_and_said_why() -> None:
    async def scenario() -> None:
        told: list[Mapping | None] = []
        mapper = FakeMapper("UPnP", None, MappingError("no router answers."))
        mapping = PortMapping(told.append)
        task = asyncio.create_task(mapping.run([mapper], "192.168.1.10", PORTS))
        await asyncio.sleep(30)
        assert mapping.problem == "UPnP: the router does not answer."
        await asyncio.sleep(20_000)
        assert mapping.problem == "UPnP: no router answers."
        pauses = [later - earlier for earlier, later in zip(mapper.asked, mapper.asked[1:], strict=False)]
        assert pauses[1:3] == [2 * FIRST_RETRY_S, 4 * FIRST_RETRY_S]
        assert pauses[-1] == LONGEST_RETRY_S
        assert told == []
        task.cancel()
        await mapping.end()
        assert mapper.closed == []

    run(scenario)


def test_a_router_that_forgets_is_noticed_at_the_next_renewal() -> None:
    async def scenario() -> None:
        told: list[Mapping | None] = []
        other = Mapping("11.3.0.1", OPENED.ports)
        mapper = FakeMapper("UPnP", OPENED, other, MappingError("gone."), OPENED)
        mapping = PortMapping(told.append)
        task = asyncio.create_task(mapping.run([mapper], "192.168.1.10", PORTS))
        await asyncio.sleep(LIFE_S + 2 * FIRST_RETRY_S)
        assert told == [OPENED, other, None, OPENED]
        task.cancel()

    run(scenario)


@pytest.mark.parametrize("host", ["", "None", "0.0.0.0", "router.example"])  # noqa: S104
def test_a_router_that_does_not_know_its_address_opens_nothing(host: str) -> None:
    async def scenario() -> None:
        told: list[Mapping | None] = []
        mapping = PortMapping(told.append)
        mapper = FakeMapper("UPnP", Mapping(host, OPENED.ports))
        task = asyncio.create_task(mapping.run([mapper], "192.168.1.10", PORTS))
        await asyncio.sleep(1)
        assert mapping.problem == "UPnP: the router does not know its own address."
        assert told == []
        task.cancel()

    run(scenario)


class Router(asyncio.DatagramProtocol):
    """Speaks NAT-PMP as RFC 6886 says. refuse: the result code of mappings; first: requests that are lost."""

    def __init__(self, refuse: int = 0, lost: int = 0, noise: bytes = b"") -> None:
        self.refuse, self.lost, self.noise = refuse, lost, noise
        self.mapped: dict[int, int] = {}

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.lost:
            self.lost -= 1
            return
        if self.noise:
            self.transport.sendto(self.noise, addr)
        if data == b"\0\0":
            self.transport.sendto(struct.pack("!BBHI4B", 0, 128, 0, 7, 11, 2, 0, 1), addr)
            return
        version, code, _, inside, outside, life = struct.unpack("!BBHHHI", data)
        assert (version, code) == (0, 2)
        if life and not self.refuse:
            self.mapped[inside] = outside = outside + 100
        else:
            self.mapped.pop(inside, None)
        self.transport.sendto(struct.pack("!BBHIHHI", 0, 130, self.refuse, 7, inside, outside, life), addr)


async def with_router(router: Router, scenario: Any) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: router, local_addr=("127.0.0.1", 0))
    try:
        await scenario(NatPmp(lambda _: ["127.0.0.1"], transport.get_extra_info("sockname")[1]))
    finally:
        transport.close()


@pytest.mark.parametrize("router", [Router(), Router(lost=1), Router(noise=b"\0"), Router(noise=b"\0\x81\0\0" * 4)])
async def test_nat_pmp_opens_and_closes(router: Router) -> None:
    async def scenario(mapper: NatPmp) -> None:
        mapping = await mapper.open("127.0.0.1", PORTS, LIFE_S)
        assert mapping == Mapping("11.2.0.1", ((4800, 4900), (4801, 4901), (4802, 4902)))
        assert router.mapped == dict(mapping.ports)
        await mapper.close(mapping)
        assert router.mapped == {}

    await with_router(router, scenario)


async def test_nat_pmp_says_why_a_router_refuses() -> None:
    async def scenario(mapper: NatPmp) -> None:
        with pytest.raises(MappingError, match="the router refuses: it is not allowed to"):
            await mapper.open("127.0.0.1", PORTS, LIFE_S)

    await with_router(Router(refuse=2), scenario)


async def test_nat_pmp_without_a_router_is_one_sentence_soon() -> None:
    async with asyncio.timeout(3):
        with pytest.raises(MappingError):
            await NatPmp(lambda _: ["127.0.0.1"], 9).open("127.0.0.1", PORTS, LIFE_S)
        with pytest.raises(MappingError, match="no router is near"):
            await NatPmp(lambda _: []).open("127.0.0.1", PORTS, LIFE_S)


def test_an_address_that_this_computer_has_not_leads_to_no_gateway() -> None:
    assert likely_gateways("192.0.2.77") == []
