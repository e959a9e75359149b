"""Endpoints, and which of them may be dialled."""

import asyncio
import ipaddress
from typing import Any

import pytest

from net.addresses import Endpoint, own_address, resolve
from net.errors import AddressError


@pytest.mark.parametrize("text", ["tcp://127.0.0.1:4242", "tcp://[::1]:0", "tcp://host.example:65535"])
def test_an_endpoint_is_written_as_it_was_read(text: str) -> None:
    assert str(Endpoint.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1:1",
        "udp://127.0.0.1:1",
        "tcp://127.0.0.1",
        "tcp://a b:1",
        "tcp://h:65536",
        "tcp://h:-1",
        "tcp://" + "h" * 200 + ":1",
    ],
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        Endpoint.parse(text)


@pytest.mark.parametrize(
    ("host", "loopback", "allowed"),
    [
        ("127.0.0.1", True, True),
        ("::1", True, True),
        ("192.168.1.5", True, False),
        ("192.168.1.5", False, True),
        ("8.8.8.8", False, True),
        ("0.0.0.0", False, False),  # noqa: S104
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("255.255.255.255", False, False),
        ("example.org", False, False),
        ("localhost", True, False),
    ],
)
def test_only_one_computers_ip_address_may_be_dialled(host: str, loopback: bool, allowed: bool) -> None:
    endpoint = Endpoint(host, 4242)
    if allowed:
        assert endpoint.require_dialable(loopback=loopback) is endpoint
    else:
        with pytest.raises(AddressError):
            endpoint.require_dialable(loopback=loopback)


def test_port_zero_is_not_dialled() -> None:
    with pytest.raises(AddressError):
        Endpoint("127.0.0.1", 0).require_dialable(loopback=True)


def run(coroutine: Any) -> Any:
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(coroutine)


def test_localhost_and_ip_addresses_need_no_lookup() -> None:
    assert run(resolve(Endpoint("localhost", 7), loopback=True)) == Endpoint("127.0.0.1", 7)
    assert run(resolve(Endpoint("10.1.2.3", 7), loopback=False)) == Endpoint("10.1.2.3", 7)


@pytest.mark.parametrize("host", ["example.org", "10.1.2.3"])
def test_a_loopback_peer_asks_nobody_outside(host: str) -> None:
    with pytest.raises(AddressError, match="outside this computer"):
        run(resolve(Endpoint(host, 7), loopback=True))


def test_names_are_looked_up_through_the_loop() -> None:
    async def scenario() -> Endpoint:
        async def known(host: str, port: int, **_: Any) -> Any:
            return [(2, 1, 6, "", ("10.9.8.7", port))]

        asyncio.get_running_loop().getaddrinfo = known  # type: ignore[method-assign]
        return await resolve(Endpoint("peer.example", 7), loopback=False)

    assert run(scenario()) == Endpoint("10.9.8.7", 7)


def test_an_unknown_name_is_one_sentence() -> None:
    async def scenario() -> Endpoint:
        async def unknown(host: str, port: int, **_: Any) -> Any:
            raise OSError(-2, "Name or service not known")

        asyncio.get_running_loop().getaddrinfo = unknown  # type: ignore[method-assign]
        return await resolve(Endpoint("peer.example", 7), loopback=False)

    with pytest.raises(AddressError, match=r"The name peer\.example is unknown \(Name or service not known\)\."):
        run(scenario())


def test_a_bound_address_is_announced_and_a_wildcard_replaced() -> None:
    assert own_address("192.168.1.5") == "192.168.1.5"
    for wildcard in ("0.0.0.0", "::"):  # noqa: S104
        chosen = ipaddress.ip_address(own_address(wildcard))
        assert not chosen.is_unspecified
