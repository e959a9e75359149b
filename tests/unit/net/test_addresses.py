"""Endpoints, and which of them may be dialled."""

import asyncio
from typing import Any

import pytest

from net.addresses import Endpoint, Scope, resolve, scope_of
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
    assert run(resolve(Endpoint("localhost", 7), loopback=True)) == (Endpoint("127.0.0.1", 7),)
    assert run(resolve(Endpoint("10.1.2.3", 7), loopback=False)) == (Endpoint("10.1.2.3", 7),)


@pytest.mark.parametrize("host", ["example.org", "10.1.2.3"])
def test_a_loopback_peer_asks_nobody_outside(host: str) -> None:
    with pytest.raises(AddressError, match="outside this computer"):
        run(resolve(Endpoint(host, 7), loopback=True))


def looked_up(*hosts: str) -> Any:
    async def scenario() -> tuple[Endpoint, ...]:
        async def known(host: str, port: int, **_: Any) -> Any:
            return [(10 if ":" in each else 2, 1, 6, "", (each, port)) for each in hosts]

        asyncio.get_running_loop().getaddrinfo = known  # type: ignore[method-assign]
        return await resolve(Endpoint("peer.example", 7), loopback=False)

    return run(scenario())


def test_all_addresses_of_a_name_are_found_through_the_loop() -> None:
    found = looked_up("2001:db8::7", "10.9.8.7", "10.9.8.7", "fe80::1%eth0")
    assert found == (Endpoint("2001:db8::7", 7), Endpoint("10.9.8.7", 7), Endpoint("fe80::1", 7))


def test_addresses_of_a_name_that_nobody_can_have_are_passed_over() -> None:
    assert looked_up("0.0.0.0", "10.9.8.7") == (Endpoint("10.9.8.7", 7),)  # noqa: S104
    with pytest.raises(AddressError, match="no address of one peer"):
        looked_up("0.0.0.0")  # noqa: S104
    with pytest.raises(AddressError, match=r"The name peer\.example has no address\."):
        looked_up()


def test_an_unknown_name_is_one_sentence() -> None:
    async def scenario() -> tuple[Endpoint, ...]:
        async def unknown(host: str, port: int, **_: Any) -> Any:
            raise OSError(-2, "Name or service not known")

        asyncio.get_running_loop().getaddrinfo = unknown  # type: ignore[method-assign]
        return await resolve(Endpoint("peer.example", 7), loopback=False)

    with pytest.raises(AddressError, match=r"The name peer\.example is unknown \(Name or service not known\)\."):
        run(scenario())


@pytest.mark.parametrize(
    ("host", "scope"),
    [
        ("127.0.0.1", Scope.LOOPBACK),
        ("::1", Scope.LOOPBACK),
        ("192.168.1.5", Scope.PRIVATE),
        ("100.64.0.1", Scope.PRIVATE),
        ("fe80::1", Scope.PRIVATE),
        ("11.1.0.1", Scope.GLOBAL),
        ("::ffff:11.1.0.1", Scope.GLOBAL),
        ("2a00:1::1", Scope.GLOBAL),
    ],
)
def test_scopes(host: str, scope: Scope) -> None:
    assert scope_of(host) is scope


@pytest.mark.parametrize("host", ["example.org", "224.0.0.1", "0.0.0.0", ""])  # noqa: S104
def test_what_has_no_scope(host: str) -> None:
    with pytest.raises(AddressError):
        scope_of(host)
