"""Which addresses this computer has."""

import ipaddress

import pytest

from net.nat.own_addresses import own_addresses, wildcard


def test_a_bound_address_is_announced_as_it_is() -> None:
    assert own_addresses("192.168.1.5") == ("192.168.1.5",)


@pytest.mark.parametrize("bound", ["0.0.0.0", "::"])  # noqa: S104
def test_a_wildcard_stands_for_addresses_of_single_computers(bound: str) -> None:
    found = own_addresses(bound)
    assert found
    assert not any(ipaddress.ip_address(host).is_unspecified for host in found)
    if bound == "0.0.0.0":  # noqa: S104
        assert not any(":" in host for host in found)


def test_the_wildcard_can_be_bound() -> None:
    assert wildcard() in {"::", "0.0.0.0"}  # noqa: S104
