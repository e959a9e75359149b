"""A home router's UPnP and NAT-PMP service (miniupnpd) for tests: it opens ports in the router's own namespace."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.namespaces import Home

_RULES = """
table inet upnp {
    chain miniupnpd { }
    chain prerouting_miniupnpd { }
    chain postrouting_miniupnpd { }
    chain prerouting { type nat hook prerouting priority dstnat; policy accept; jump prerouting_miniupnpd; }
    chain postrouting { type nat hook postrouting priority srcnat; policy accept; jump postrouting_miniupnpd; }
}
"""
_SETTINGS = """
ext_ifname=eth0
listening_ip=lan
enable_upnp={upnp}
enable_natpmp={natpmp}
secure_mode=yes
uuid=00000000-0000-4000-8000-000000000001
upnp_table_name=upnp
upnp_nat_table_name=upnp
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
allow 1024-65535 192.168.0.0/16 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
"""


def serve_port_mapping(home: Home, folder: Path, *, upnp: bool = True, natpmp: bool = True) -> None:
    """Start it; it ends with the namespace. Skips the test where miniupnpd is not installed."""
    program = shutil.which("miniupnpd") or shutil.which("miniupnpd", path="/usr/sbin:/sbin")
    if program is None:
        pytest.skip("miniupnpd (miniupnpd-nftables) is not installed")
    nft(home, _RULES)
    settings = folder / "miniupnpd.conf"
    words = {True: "yes", False: "no"}
    settings.write_text(_SETTINGS.format(upnp=words[upnp], natpmp=words[natpmp]))
    process = home.router.start(program, "-d", "-f", str(settings), "-P", str(folder / "pid"), stderr=subprocess.STDOUT)
    assert process.stdout is not None
    for line in process.stdout:
        if "istening" in line:
            break
    else:
        raise AssertionError("miniupnpd did not start")


def nft(home: Home, rules: str) -> None:
    """Load more rules into the router."""
    done = subprocess.run(
        ["ip", "netns", "exec", home.router.name, "nft", "-f", "-"],
        input=rules,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def opened_ports(home: Home) -> str:
    """The rules that the service has made."""
    return home.router.run("nft", "list", "chain", "inet", "upnp", "prerouting_miniupnpd").stdout
