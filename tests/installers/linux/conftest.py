"""Both installers in two versions from one frozen program, a swarm from source, and a volunteer of one's own."""

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.demo.peer import PeerSettings
from core.demo.swarm import Swarm
from installers.common.context import ROOT, BuildContext
from installers.common.freezing import freeze
from installers.linux import deb, run
from tests.installers.linux.volunteer import Volunteer, volunteer


@dataclass(frozen=True, slots=True)
class Built:
    """One version's two installers."""

    context: BuildContext
    deb: Path
    run: Path


@pytest.fixture(scope="session", autouse=True)
def _able(request: pytest.FixtureRequest) -> None:
    """These tests install packages and make a user: rather a clear failure than a skipped test."""
    tools = ("dpkg", "makeself", "setpriv", "useradd", "dbus-daemon", "Xvfb", "openbox", "trayer", "xdotool", "import")
    missing = [name for name in tools if shutil.which(name) is None]
    if sys.platform != "linux" or os.geteuid() != 0 or missing:
        pytest.fail(f"needs root on Debian or Ubuntu, and here: {', '.join(missing) or 'all tools'}", pytrace=False)
    if Path("/opt/hivelet").exists():
        pytest.fail("Hivelet is installed on this computer, and these tests would remove it.", pytrace=False)


@pytest.fixture(scope="session")
def context(pytestconfig: pytest.Config, results: Path) -> BuildContext:
    """What is built here; the program is frozen once."""
    made = BuildContext.of(ROOT, results, reuse_frozen=bool(pytestconfig.getoption("--reuse-frozen")))
    if not pytestconfig.getoption("--reuse-built"):
        freeze(made)
    quick = bool(pytestconfig.getoption("--quick"))
    return replace(made, reuse_frozen=True, compression=0 if quick else made.compression)


@pytest.fixture(scope="session")
def built(context: BuildContext, pytestconfig: pytest.Config) -> Built:
    """As it is released."""
    return _build(context, pytestconfig)


@pytest.fixture(scope="session")
def following(context: BuildContext, pytestconfig: pytest.Config) -> Built:
    """The next version, compressed less: only what it says of itself differs."""
    head, last = re.fullmatch(r"(.*?)(\d+)", context.version).groups()
    later = replace(context, version=f"{head}{int(last) + 1}", compression=0)
    return _build(later, pytestconfig)


def _build(context: BuildContext, config: pytest.Config) -> Built:
    made = Built(context, context.output / deb.package_name(context), context.output / run.package_name(context))
    if not (config.getoption("--reuse-built") and made.deb.is_file() and made.run.is_file()):
        assert deb.build(context)[0] == made.deb
        assert run.build(context)[0] == made.run
    return made


@pytest.fixture
def swarm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two engines from source that train the built-in text project and leave some of its experts to others; the address
    that others join through."""
    made = Swarm(tmp_path_factory.mktemp("swarm"), PeerSettings("text"), (10, 10), random.Random(1))
    try:
        made.start()
        yield made.wait_address(made.peers[0])
    finally:
        for peer in made.peers:
            peer.ask_to_stop()
        for peer in made.peers:
            peer.wait_stopped(10.0)


@pytest.fixture
def person() -> Iterator[Volunteer]:
    """An ordinary user who did not exist before and does not afterwards."""
    with volunteer() as made:
        yield made


@pytest.fixture
def no_package() -> Iterator[None]:
    """Whatever the test did, the package is gone afterwards."""
    yield
    subprocess.run(["dpkg", "--purge", "--force-all", "hivelet"], capture_output=True, check=False)
