"""setup.exe under Wine: installed, used, repaired, upgraded, and removed without a trace.

Needs root, wine, nsis, gcc-mingw-w64-x86-64, osslsigncode, openssl and the desktop packages of CONTRIBUTING. Wine
starts everything much slower than Windows does.
"""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from core.control.snapshot import EngineSnapshot
from installers import windows
from installers.common.context import ROOT, BuildContext
from installers.common.downloads import sha256_of
from tests.installers.conftest import Figure
from tests.installers.linux.mounts import small_disk
from tests.installers.windows.conftest import Setup
from tests.installers.windows.desk import LAUNCHERS, Desk, serves

MOST_BYTES = 150_000_000
IN_ORDER_S = 60.0
FIRST_START_S = 5.0


def test_the_installer_is_small_enough(released: Setup, figure: Figure) -> None:
    size = released.path.stat().st_size
    figure("setup.exe: size, MB", f"{size / 1e6:.1f}", "<= 150")
    assert size <= MOST_BYTES


def test_two_builds_are_the_same(released: Setup, figure: Figure, tmp_path: Path) -> None:
    """From the pinned inputs on, in another place, without a certificate."""
    context = BuildContext.of(ROOT, tmp_path)
    downloads = context.downloads
    context = replace(context, work=tmp_path / "work")
    context.work.mkdir()
    context.downloads.symlink_to(downloads)
    again = windows.build(context)[0]
    same = sha256_of(again) == sha256_of(released.path)
    figure("setup.exe: built twice from the pinned inputs", "identical" if same else "different", "identical")
    assert same


def test_a_volunteer_installs_uses_repairs_and_removes(
    released: Setup, desk: Desk, results: Path, figure: Figure
) -> None:
    wine = desk.wine
    files, keys = wine.files(), wine.registry()

    began = time.monotonic()
    done = desk.install(released.path, "/LOGIN=on")
    assert done.code == 0, done.output
    figure("setup.exe: silent install under Wine, s", f"{time.monotonic() - began:.1f}", "")
    registered = "\n".join(wine.registry() - keys)
    for word in ("DisplayVersion", "EstimatedSize", "Publisher", "URL Protocol", 'CurrentVersion\\\\Run] "Hivelet"='):
        assert word in registered
    licences = wine.path(f"{desk.program}\\licences")
    for name in ("cpython/LICENSE.txt", "torch/LICENSE", "system/Qt and PySide6 - LGPL-3.txt", "system/nsis.txt"):
        assert (licences / name).stat().st_size > 1000

    window = desk.opens()
    assert f"windows, commit {released.commit[:12]}" in desk.hivelet("--version")
    used = desk.trains()
    home = desk.home(used)
    desk.desktop.picture(results / "windows-window.png")
    identity = (home / "identity.key").read_bytes()

    # Repair, while it runs: the same steps as an upgrade.
    damaged = wine.path(f"{desk.program}\\lib\\rich\\console.py")
    damaged.unlink()
    done = desk.install(released.path, "/NOSTART")
    assert done.code == 0, done.output
    assert window.wait(IN_ORDER_S) == 0, "the window left in order"
    assert not (home / "control.key").exists(), "the engine stopped in order"
    assert (home / "identity.key").read_bytes() == identity
    assert (home / "ledger.sqlite").stat().st_size
    assert damaged.stat().st_size
    assert not wine.path(f"{desk.program}.old").exists()

    desk.uninstall()
    left = sorted(wine.files() - files)
    own = home.relative_to(wine.drive).as_posix()
    strangers = [name for name in left if name != own and not name.startswith(f"{own}/") and not of_wine(name)]
    traces = sorted(line for line in wine.registry() - keys if "hivelet" in line.lower())
    figure("setup.exe: files left besides the user's data", len(strangers), "0")
    figure("setup.exe: registry lines left", len(traces), "0")
    assert strangers == []
    assert traces == []
    assert (home / "identity.key").read_bytes() == identity

    # Once more, and this time without the data.
    assert desk.install(released.path).code == 0
    desk.uninstall("/REMOVEDATA")
    strangers = [name for name in sorted(wine.files() - files) if not of_wine(name)]
    figure("setup.exe: files left with /REMOVEDATA", len(strangers), "0")
    assert strangers == []
    assert [line for line in wine.registry() - keys if "hivelet" in line.lower()] == []


def test_the_first_start_is_quick(released: Setup, desk: Desk, figure: Figure) -> None:
    """Nothing of Wine runs before, and nothing is in the cache of files: the session of Wine is started, too."""
    assert desk.install(released.path).code == 0
    desk.wine.registry()  # waits for the end of Wine
    subprocess.run(["sync"], check=True)
    Path("/proc/sys/vm/drop_caches").write_text("3\n")
    began = time.monotonic()
    window = desk.opens()
    desk.wait("the window", desk.shows)
    took = time.monotonic() - began
    figure("setup.exe: first start, Wine itself not running, s", f"{took:.2f}", f"<= {FIRST_START_S:g}")
    desk.uninstall("/REMOVEDATA")
    assert window.wait(IN_ORDER_S) == 0, "the window left in order"
    assert took <= FIRST_START_S


def test_an_upgrade_and_a_repair_while_it_works_lose_nothing(
    released: Setup, following: Setup, desk: Desk, results: Path, figure: Figure
) -> None:
    assert desk.install(released.path).code == 0
    window = desk.opens()
    used = desk.trains()
    for setup, what in ((following, "upgrade"), (following, "repair")):
        began = time.monotonic()
        done = desk.install(setup.path)
        assert done.code == 0, done.output
        figure(f"setup.exe: {what} of a working Hivelet under Wine, s", f"{time.monotonic() - began:.1f}", "")
        if what == "upgrade":
            assert window.wait(IN_ORDER_S) == 0, "the window left in order"
        again = desk.wait("the new engine at work", lambda now=used: works_after(desk.engine(), now))
        desk.wait("the new window", desk.shows)
        assert again.version == following.version
        assert again.peer_id == used.peer_id
        assert again.total.samples >= used.total.samples > 0
        steps = {expert.uid: expert.step for expert in again.experts}
        lost = [expert.uid for expert in used.experts if steps.get(expert.uid, -1) < expert.step]
        figure(f"setup.exe: experts lost or set back by the {what}", len(lost), f"0 of {len(used.experts)}")
        assert lost == []
        used = again
    desk.desktop.picture(results / "windows-upgraded.png")

    signed = [f"{desk.program}\\{name}" for name in LAUNCHERS] + [f"{desk.folder}\\uninstall.exe"]
    for path in (following.path, *map(desk.wine.path, signed)):
        check = ["osslsigncode", "verify", "-CAfile", str(following.certificate), "-in", str(path)]
        found = subprocess.run(check, capture_output=True, text=True, check=False)
        assert found.returncode == 0, f"{path}: {found.stdout}"
    figure("setup.exe, launchers and uninstaller signed by a test's key", 1 + len(signed), "4")

    assert desk.install(released.path).code == 3, "an older version is refused"
    assert following.version in desk.hivelet("--version")
    desk.uninstall("/REMOVEDATA")
    assert not desk.wine.path(desk.folder).exists()


def works_after(now: EngineSnapshot | None, before: EngineSnapshot) -> EngineSnapshot | None:
    """The state of an engine that took another's place, holds as many experts, and has trained."""
    if now is None or now.pid == before.pid or now.started <= before.started or len(now.experts) < len(before.experts):
        return None
    return now if serves(now) else None


def test_a_full_disk_leaves_the_old_version_working(
    released: Setup, following: Setup, desk: Desk, tmp_path: Path, figure: Figure
) -> None:
    """Refused at once where the space is seen to be missing; undone where it goes while files are unpacked."""
    mount = tmp_path / "disk"
    (desk.wine.prefix / "dosdevices" / "d:").symlink_to(mount)
    desk = replace(desk, folder="D:\\Hivelet")
    for megabytes, filled in ((900, False), (3000, True)):
        with small_disk(mount, megabytes):
            done = desk.install(released.path, f"/D={desk.folder}")
            assert done.code == 0, done.output
            before = {path for path in mount.rglob("*") if "__pycache__" not in path.parts}
            with filling(mount) if filled else quiet():
                done = desk.install(following.path, f"/D={desk.folder}")
            assert done.code == 2, done.output
            assert {path for path in mount.rglob("*") if "__pycache__" not in path.parts} == before
            assert released.version in desk.hivelet("--version")
            said = desk.hivelet("demo", "--task", "digits", "--headless", "--peers", "2", "--steps", "3", "--json")
            assert '"event": "finished"' in said
            desk.uninstall("/REMOVEDATA")
            assert list(mount.iterdir()) == []
    figure("setup.exe: upgrade on a full disk, then the old version", "trains", "works")


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing happens meanwhile."""
    yield


@contextmanager
def filling(disk: Path) -> Iterator[None]:
    """Somebody fills the disk when half of the new version is unpacked, and frees it afterwards."""
    filler, over = disk / "filler", threading.Event()

    def fill() -> None:
        while not (disk / "Hivelet" / "program.new" / "lib" / "pygments").exists():
            if over.wait(0.01):
                return
        with filler.open("wb") as file:
            size, taken = 256 << 20, 0
            while not over.is_set():  # the other one writes, too: what is free now may not be so in a moment
                try:
                    os.posix_fallocate(file.fileno(), taken, size)
                    taken += size
                except OSError:
                    size = max(size // 2, 4096)
                    over.wait(0.001)

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        assert filler.stat().st_size > 0, "the disk was never full"
        filler.unlink()


def of_wine(name: str) -> bool:
    """What Wine and Windows write for themselves: temporary files and what programs were run."""
    return name.startswith("windows/") or "/Temp" in name or "/Microsoft/" in name or name.endswith("/Microsoft")
