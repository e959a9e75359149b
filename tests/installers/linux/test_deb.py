"""The Debian package: installed, used by an ordinary user, upgraded, purged."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from installers.common.context import ROOT, BuildContext
from installers.common.downloads import sha256_of
from installers.linux import deb
from tests.installers.conftest import Figure
from tests.installers.linux.conftest import Built
from tests.installers.linux.journey import COLD_START_S, Session, cold_start, first_day, goes_on, works_alone
from tests.installers.linux.mounts import small_disk
from tests.installers.linux.traces import look
from tests.installers.linux.volunteer import Volunteer
from tests.support.desktop import virtual_desktop

pytestmark = pytest.mark.usefixtures("no_package", "_dependencies")
PROGRAM = "/usr/bin/hivelet"
MOST_MB = 215
AS_RELEASED = BuildContext.of(ROOT, ROOT).compression
HERE = (str(ROOT),)


def dpkg(*words: str | Path, fails: bool = False) -> str:
    done = subprocess.run(["dpkg", *map(str, words)], capture_output=True, text=True, check=False)
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def _dependencies(built: Built) -> None:
    """What the package depends on is there before anybody looks around."""
    depends = dpkg("--field", built.deb, "Depends").strip()
    subprocess.run(["apt-get", "satisfy", "-y", "-qq", depends], check=True, capture_output=True)


@pytest.fixture
def installed(built: Built, _dependencies: None) -> None:
    dpkg("--install", built.deb)


def test_its_size_and_what_it_says_of_itself(built: Built, figure: Figure) -> None:
    size = built.deb.stat().st_size / 1e6
    unpacked = int(dpkg("--field", built.deb, "Installed-Size")) * 1024 / 1e6
    level = built.context.compression
    figure(
        f".deb: size (xz -{level})",
        f"{size:.1f} MB",
        f"at most {MOST_MB} MB" if level == AS_RELEASED else "not as released",
    )
    figure(".deb: size when installed", f"{unpacked:.0f} MB", "")
    if level == AS_RELEASED:
        assert size <= MOST_MB
    depends = dpkg("--field", built.deb, "Depends")
    assert "libc6 (>= 2." in depends
    assert "libxcb-cursor0" in depends
    materials = json.loads(next(built.context.output.glob("hivelet_*_*.cdx.json")).read_text())
    assert {"torch", "pyzmq", "pyside6-essentials", "libcrypto.so.3"} <= {
        part["name"] for part in materials["components"]
    }


def test_from_installing_to_purging(
    built: Built, following: Built, person: Volunteer, swarm: str, results: Path, figure: Figure
) -> None:
    before = look(person, HERE)
    dpkg("--install", built.deb)
    session = Session(person, PROGRAM)
    assert built.context.version in session.hivelet("--version")
    assert not (person.home / ".config" / "systemd").exists()  # the unit is there, and enabled for nobody

    used = first_day(session, swarm, results / "deb.png", built.context.version)
    facts = session.facts()
    figure(".deb: training steps on the first day, peers", f"{used.project.step}, {len(used.peers)}", "at least 1, 1")

    dpkg("--install", following.deb)
    session.ended()
    assert following.context.version in session.hivelet("--version")
    with virtual_desktop() as desktop:
        session.person.opens(desktop, PROGRAM)
        again = session.wait(lambda now: now.state != "paused" and now.experts, "the upgraded engine at work")
        assert again.version == following.context.version
        assert again.peer_id == used.peer_id
        assert session.facts()["identity"] == facts["identity"]
        assert again.total.samples >= used.total.samples > 0
        dpkg("--purge", "hivelet")
        session.ended()

    left = look(person, HERE).changes_since(before)
    outside = {path: change for path, change in left.items() if not Path(path).is_relative_to(session.home.root)}
    parents = {str(folder) for folder in session.home.root.parents}
    outside = {path: change for path, change in outside.items() if path not in parents}
    figure(".deb: files left by purging, outside the data folder", len(outside), "0")
    assert outside == {}
    assert session.home.identity.exists()


def test_with_the_data_nothing_is_left(
    built: Built, person: Volunteer, swarm: str, results: Path, figure: Figure
) -> None:
    person.run("mkdir", "-p", ".local/share", ".config/autostart")  # as any login makes them
    before = look(person, HERE)
    dpkg("--install", built.deb)
    session = Session(person, PROGRAM)
    first_day(session, swarm, results / "deb-data.png", built.context.version)
    session.hivelet("preferences", "set", "start_at_login", "on")
    assert list((person.home / ".config" / "autostart").iterdir())
    session.hivelet("remove-data", "--yes")
    session.ended()
    dpkg("--purge", "hivelet")
    left = look(person, HERE).changes_since(before)
    figure(".deb: files left by remove-data and purging", len(left), "0")
    assert left == {}


def test_repair_and_upgrade_while_it_works_lose_nothing(
    built: Built, following: Built, installed: None, person: Volunteer, results: Path, figure: Figure
) -> None:
    session = Session(person, PROGRAM)
    with virtual_desktop() as desktop:
        window = person.opens(desktop, PROGRAM)
        used = works_alone(session, desktop)
        damaged = Path("/opt/hivelet/_internal/resources/build.json")
        for version, what in ((built, "repair"), (following, "upgrade")):
            damaged.unlink()
            dpkg("--install", version.deb)
            session.ended()
            assert window.wait(10) == 0, "the window left in order"
            assert not session.home.control_key.exists(), "the engine stopped in order"
            assert damaged.stat().st_size
            window = person.opens(desktop, PROGRAM)
            desktop.window("Hivelet")
            used, lost = goes_on(session, used, version.context.version)
            figure(f".deb: {what} while it works, experts lost or set back", len(lost), f"0 of {len(used.experts)}")
            assert lost == []
        desktop.picture(results / "deb-upgraded.png")


def test_the_first_start_is_quick(installed: None, person: Volunteer, figure: Figure) -> None:
    with virtual_desktop() as desktop:
        took = cold_start(person, desktop, PROGRAM)
    figure(".deb: first start, from no cache to the window", f"{took:.2f} s", f"at most {COLD_START_S:g} s")
    assert took <= COLD_START_S


def test_a_full_disk_leaves_the_old_version_working(
    built: Built, following: Built, person: Volunteer, figure: Figure
) -> None:
    with small_disk(Path("/opt/hivelet"), 1100) as disk:
        dpkg("--install", built.deb)
        said = dpkg("--install", following.deb, fails=True)
        assert "No space left on device" in said
        session = Session(person, PROGRAM)
        assert built.context.version in session.hivelet("--version")
        done = session.hivelet("demo", "--task", "digits", "--headless", "--peers", "2", "--steps", "5", "--json")
        assert '"event": "finished"' in done
        figure(".deb: upgrade on a full disk, then the old version", "trains", "works")
        assert not list(Path("/opt/hivelet").rglob("*.dpkg-new"))
        dpkg("--purge", "hivelet")
        assert list(disk.iterdir()) == []


def test_two_builds_of_one_program_are_the_same(following: Built, figure: Figure, tmp_path: Path) -> None:
    again = deb.build(replace(following.context, output=tmp_path))[0]
    same = sha256_of(again) == sha256_of(following.deb)
    figure(".deb: built twice from one frozen program", "identical" if same else "different", "identical")
    assert same
