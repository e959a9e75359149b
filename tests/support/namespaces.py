"""An Internet of network namespaces for tests: a backbone, computers on it, homes behind NAT routers.

    with Internet() as internet:
        server = internet.computer("server")                # 11.1.0.1 and 2a00:1::1, open to everyone
        home = internet.home("home")                        # a router with masquerade; 192.168.1.0/24 behind it
        laptop = home.computer("laptop")                    # 192.168.1.10
        process = laptop.python(PROGRAM, server.v4)         # a Popen with pipes inside the namespace
        laptop.run("ping", "-c1", server.v4)

Nothing touches the machine's own interfaces, and everything is gone when the block ends, however it ends; what a
killed test left behind is removed by the next one. The addresses look public to the code (11.0.0.0/8, 2a00::/16,
2a01::/16), each computer in a /16 of its own. `missing()` says why this cannot be had on a computer.
"""

import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
_PREFIX = "hivelet-test-"
_TOOLS = ("ip", "nft")
_NUMBERS = count(1)
_LEFT_BEHIND = re.compile(rf"{_PREFIX}(\d+)-")


@functools.cache
def missing() -> str:
    """Why namespaces cannot be made here, "" where they can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "network namespaces need Linux and root"
    absent = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if absent:
        return f"{' and '.join(absent)} (iproute2, nftables) not installed"
    probe = f"{_PREFIX}{os.getpid()}-probe"
    made = _try("ip", "netns", "add", probe)
    if made.returncode:
        return f"network namespaces are not allowed here ({made.stderr.strip()})"
    try:
        rules = _try("ip", "netns", "exec", probe, "nft", "-f", "-", text=_nat_rules("eth0", "masquerade"))
    finally:
        _try("ip", "netns", "del", probe)
    return f"nftables cannot masquerade here ({rules.stderr.strip()[:200]})" if rules.returncode else ""


class Computer:
    """One namespace with an interface eth0. v4, v6: its addresses, "" where it has none."""

    def __init__(self, name: str, v4: str = "", v6: str = "") -> None:
        self.name = name
        self.v4 = v4
        self.v6 = v6
        self._processes: list[subprocess.Popen[str]] = []

    def open(self) -> None:
        """Make the namespace."""
        _ip("netns", "add", self.name)
        self.shell(
            "for s in all default; do echo 0 > /proc/sys/net/ipv6/conf/$s/accept_dad; "
            "echo 0 > /proc/sys/net/ipv6/conf/$s/accept_ra; done; ip link set lo up"
        )

    def run(self, *command: str, timeout: float = 20.0, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one command inside to its end."""
        return subprocess.run(
            ["ip", "netns", "exec", self.name, *command],
            capture_output=True, text=True, timeout=timeout, check=check, env=_environment(), cwd=ROOT,
        )  # fmt: skip

    def shell(self, script: str) -> None:
        """Run several commands inside, all of which must succeed."""
        done = self.run("sh", "-ec", script, check=False)
        assert done.returncode == 0, f"{script}: {done.stderr}"

    def start(self, *command: str, **options: Any) -> "subprocess.Popen[str]":
        """A process inside, with text pipes for input and output. It is killed with the namespace."""
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.name, *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment(), cwd=ROOT, **options,
        )  # fmt: skip
        self._processes.append(process)
        return process

    def python(self, *arguments: str | Path, **options: Any) -> "subprocess.Popen[str]":
        """This Python inside, run from the checkout."""
        return self.start(sys.executable, *map(str, arguments), **options)

    def move(self, v4: str) -> None:
        """Another IPv4 address for eth0, as from DHCP in another place (prefix and gateway stay)."""
        old = self.v4
        gateway = self.run("sh", "-c", "ip -4 route show default | cut -d' ' -f3").stdout.strip()
        length = self.run("sh", "-c", "ip -o -4 addr show eth0 | sed 's:.*/\\([0-9]*\\) .*:\\1:'").stdout.strip()
        self.shell(f"ip addr del {old}/{length} dev eth0; ip addr add {v4}/{length} dev eth0")
        if gateway:
            self.shell(f"ip route replace default via {gateway}")
        self.v4 = v4

    def close(self) -> None:
        """Kill what runs inside, and remove it."""
        pids = _try("ip", "netns", "pids", self.name).stdout.split()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        for process in self._processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe:
                    pipe.close()
        _try("ip", "netns", "del", self.name)


class Home:
    """A router with one address on the Internet, and a private network behind it (192.168.N.0/24, and with
    ipv6 a public prefix, whose computers a stateful firewall guards)."""

    def __init__(self, internet: "Internet", name: str, number: int, nat: str, *, ipv6: bool) -> None:
        self._internet = internet
        self._ipv6 = ipv6
        self._number = number
        self._hosts = count(10)
        self._ports = count()
        self.router = internet.computer(f"{name}-router")
        self.router.shell(
            "ip link add lan type bridge; ip link set lan up; "
            f"ip addr add 192.168.{number}.1/24 dev lan; echo 1 > /proc/sys/net/ipv4/ip_forward"
        )
        if ipv6:
            self.router.shell(
                f"ip addr add 2a01:{number}::1/64 dev lan nodad; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding"
            )
            internet.backbone.shell(f"ip -6 route add 2a01:{number}::/64 via {self.router.v6}")
        done = _try("ip", "netns", "exec", self.router.name, "nft", "-f", "-", text=_nat_rules("eth0", nat))
        assert done.returncode == 0, done.stderr

    @property
    def gateway(self) -> str:
        """The router's private address."""
        return f"192.168.{self._number}.1"

    def computer(self, name: str) -> Computer:
        """A computer behind the router."""
        host = next(self._hosts)
        v6 = f"2a01:{self._number}::{host}" if self._ipv6 else ""
        made = self._internet.add(Computer(self._internet.name_of(name), f"192.168.{self._number}.{host}", v6))
        port = f"lan{next(self._ports)}"
        _plug(made, port, self.router, "lan")
        made.shell(f"ip addr add {made.v4}/24 dev eth0; ip route add default via {self.gateway}")
        if v6:
            made.shell(f"ip addr add {v6}/64 dev eth0 nodad; ip -6 route add default via 2a01:{self._number}::1")
        return made


class Internet:
    """A context manager; see the module."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._homes = count(1)
        self._computers: list[Computer] = []
        self.backbone: Computer

    def __enter__(self) -> "Internet":
        reason = missing()
        if reason:
            pytest.skip(reason)
        _sweep()
        try:
            self.backbone = self.add(Computer(self.name_of("backbone")))
            self.backbone.shell(
                "ip link add net type bridge; ip link set net up; ip addr add 11.255.0.1/8 dev net; "
                "ip addr add 2a00::ffff/16 dev net nodad; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding; "
                "echo 1 > /proc/sys/net/ipv4/ip_forward"
            )
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def computer(self, name: str) -> Computer:
        """A computer with public addresses and no router before it."""
        number = next(self._numbers)
        made = self.add(Computer(self.name_of(name), f"11.{number}.0.1", f"2a00:{number}::1"))
        _plug(made, f"port{number}", self.backbone, "net")
        made.shell(
            f"ip addr add {made.v4}/8 dev eth0; ip addr add {made.v6}/16 dev eth0 nodad; "
            "ip route add default via 11.255.0.1; ip -6 route add default via 2a00::ffff"
        )
        return made

    def home(self, name: str, *, nat: str = "masquerade", ipv6: bool = False) -> Home:
        """A home. nat: the nftables statement; "masquerade random,persistent" gives each connection another port."""
        return Home(self, name, next(self._homes), nat, ipv6=ipv6)

    def close(self) -> None:
        """Remove everything; also called when the block ends."""
        while self._computers:
            self._computers.pop().close()

    def add(self, computer: Computer) -> Computer:
        """Make its namespace, and take care of its end."""
        self._computers.append(computer)
        computer.open()
        return computer

    def name_of(self, name: str) -> str:
        """The namespace of a computer: told apart from those of other tests that run now."""
        return f"{_PREFIX}{os.getpid()}-{next(_NUMBERS)}-{name}"


def _plug(computer: Computer, port: str, switch: Computer, bridge: str) -> None:
    """A cable between a computer's eth0 and a port of a bridge."""
    _ip("link", "add", "eth0", "netns", computer.name, "type", "veth", "peer", "name", port, "netns", switch.name)
    switch.shell(f"ip link set {port} master {bridge}; ip link set {port} up")
    computer.shell("ip link set eth0 up")


def _nat_rules(outside: str, nat: str) -> str:
    """Masquerade IPv4; let nothing in from outside that nobody inside asked for."""
    return f"""
        table ip nat {{
            chain prerouting {{ type nat hook prerouting priority dstnat; policy accept; }}
            chain postrouting {{ type nat hook postrouting priority srcnat; policy accept; oifname "{outside}" {nat}; }}
        }}
        table inet filter {{
            chain forward {{
                type filter hook forward priority filter; policy drop;
                ct state established,related accept
                ct status dnat accept
                iifname "lan" accept
            }}
        }}
    """


def _sweep() -> None:
    """Remove what tests that were killed have left behind."""
    for line in _try("ip", "netns", "list").stdout.splitlines():
        found = _LEFT_BEHIND.match(line)
        if found and not Path(f"/proc/{found[1]}").exists():
            name = line.split()[0]
            for pid in _try("ip", "netns", "pids", name).stdout.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            _try("ip", "netns", "del", name)


def _environment() -> dict[str, str]:
    """Inside a namespace of its own a peer may use the network."""
    kept = {name: value for name, value in os.environ.items() if name not in {"HIVELET_LOOPBACK", "HIVELET_HOME"}}
    return {**kept, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def _ip(*arguments: str) -> None:
    done = _try("ip", *arguments)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"


def _try(*command: str, text: str | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, input=text, stdin=None if text is not None else subprocess.DEVNULL,
        capture_output=True, text=True, timeout=20.0, check=False,
    )  # fmt: skip
