"""The Internet that other tests are built on: what is reachable, what is not, and that nothing is left."""

import subprocess

import pytest

from tests.support.namespaces import Computer, Internet

LISTEN = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.create_server((sys.argv[1], 4800), family=family) as server:
    print("listening", flush=True)
    while True:
        server.accept()[0].close()
"""
DIAL = "import socket, sys; socket.create_connection((sys.argv[1], 4800), timeout=0.5)"


def listens(computer: Computer, address: str) -> None:
    process = computer.python("-c", LISTEN, address)
    assert process.stdout is not None
    assert process.stdout.readline() == "listening\n"


def reaches(computer: Computer, address: str) -> bool:
    return computer.python("-c", DIAL, address, stderr=subprocess.DEVNULL).wait(10) == 0


def test_a_home_reaches_out_and_nobody_reaches_in() -> None:
    with Internet() as internet:
        server = internet.computer("server")
        home = internet.home("home", ipv6=True)
        laptop, desktop = home.computer("laptop"), home.computer("desktop")
        for computer in (server, laptop):
            listens(computer, computer.v4)
            listens(computer, computer.v6)
        assert reaches(laptop, server.v4)
        assert reaches(laptop, server.v6)
        assert reaches(desktop, laptop.v4)
        assert not reaches(server, laptop.v4)
        assert not reaches(server, laptop.v6)
        assert not reaches(server, home.router.v4)


def test_nothing_is_left_when_a_test_fails() -> None:
    started = []

    def fail() -> None:
        with Internet() as internet:
            server = internet.computer("server")
            started.append((server.name, server.start("sleep", "1000")))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    ((name, sleeper),) = started
    assert sleeper.poll() is not None
    left = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert name not in left
