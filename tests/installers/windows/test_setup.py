"""setup.exe under Wine: installed, used, repaired, and removed without a trace.

Needs wine, nsis, gcc-mingw-w64-x86-64, Xvfb and ImageMagick. Wine starts everything much slower than Windows does.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from installers import windows
from installers.common.context import ROOT, BuildContext
from installers.common.results import write_checksums
from tests.installers.windows.wine import Wine

TOOLS = ("wine", "wineboot", "makensis", "x86_64-w64-mingw32-gcc", "Xvfb", "import")
MOST_BYTES = 150_000_000
PROGRAM = "C:\\users\\{user}\\AppData\\Local\\Programs\\Hivelet\\program"
PATIENCE_S = 600.0


@pytest.fixture(scope="module", autouse=True)
def _able() -> None:
    if missing := [name for name in TOOLS if shutil.which(name) is None]:
        pytest.fail(f"these tests need {', '.join(missing)}", pytrace=False)


@pytest.fixture(scope="module")
def setup_exe(pytestconfig: pytest.Config, results: Path) -> Path:
    """The installer, built here or, with --reuse-built, by the last run."""
    found = sorted(results.glob("hivelet-*-windows-x64-setup.exe"))
    if pytestconfig.getoption("--reuse-built") and found:
        return found[-1]
    context = BuildContext.of(ROOT, results, reuse_frozen=bool(pytestconfig.getoption("--reuse-frozen")))
    built = windows.build(context)
    write_checksums(results)
    return built[0]


@dataclass(frozen=True, slots=True)
class Desk:
    """A Windows with a screen."""

    wine: Wine
    display: str

    @property
    def program(self) -> str:
        """The folder of the installed program, as Windows names it."""
        return PROGRAM.format(user=os.environ.get("USER") or "root")

    def hivelet(self, *arguments: str, timeout_s: float = PATIENCE_S) -> str:
        """What the installed command prints. Its end must be a good one."""
        done = self.wine.run(f"{self.program}\\hivelet.com", *arguments, timeout_s=timeout_s)
        assert done.code == 0, done.output
        return done.output

    def wait(self, what: str, look: Callable[[], bool]) -> None:
        """Until it is so."""
        end = time.monotonic() + PATIENCE_S
        while not look():
            assert time.monotonic() < end, f"{what} within {PATIENCE_S:.0f} s"
            time.sleep(1.0)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as screen:
        os.close(write)
        with os.fdopen(read) as number:
            display = f":{number.readline().strip()}"
        wine = Wine(tmp_path, display)
        try:
            yield Desk(wine, display)
        finally:
            wine.end()
            screen.terminate()


def test_the_installer_is_small_enough(setup_exe: Path, figure: Callable[[str, object, str], None]) -> None:
    size = setup_exe.stat().st_size
    figure("setup.exe: size, MB", f"{size / 1e6:.1f}", "<= 150")
    assert size <= MOST_BYTES


def test_a_volunteer_installs_uses_repairs_and_removes(
    setup_exe: Path, desk: Desk, results: Path, figure: Callable[[str, object, str], None]
) -> None:
    wine = desk.wine
    files, keys = wine.files(), wine.registry()

    began = time.monotonic()
    done = wine.run(setup_exe, "/S", "/LOGIN=on", timeout_s=1200)
    assert done.code == 0, done.output
    figure("setup.exe: silent install under Wine, s", f"{time.monotonic() - began:.1f}", "")
    registered = "\n".join(wine.registry() - keys)
    for word in ("DisplayVersion", "EstimatedSize", "Publisher", "URL Protocol", 'CurrentVersion\\\\Run] "Hivelet"='):
        assert word in registered
    assert "windows" in desk.hivelet("--version").lower()

    # The window starts the engine, which answers on its control socket.
    window = wine.start(f"{desk.program}\\hivelet.exe", "--loopback")
    state: dict[str, object] = {}

    def trains() -> bool:
        answered = wine.run(f"{desk.program}\\hivelet.com", "status", "--json")
        state.clear()
        state.update(json.loads(answered.output) if answered.code == 0 else {})
        return bool(state) and bool((state.get("project") or {}).get("step"))  # type: ignore[attr-defined]

    desk.wait("the engine answers", lambda: trains() or bool(state))
    desk.hivelet("resume")  # the first start waits for what the volunteer says
    desk.wait("the engine trains", trains)
    picture = results / "windows-window.png"
    subprocess.run(["import", "-display", desk.display, "-window", "root", str(picture)], check=True)
    home = wine.path(str(state["home"]))
    identity = (home / "identity.key").read_bytes()

    # Repair, while it runs: the same steps as an upgrade.
    done = wine.run(setup_exe, "/S", "/NOSTART", timeout_s=1200)
    assert done.code == 0, done.output
    assert window.wait(60) == 0, "the window left in order"
    assert not (home / "control.key").exists(), "the engine stopped in order"
    assert (home / "identity.key").read_bytes() == identity
    assert (home / "ledger.sqlite").stat().st_size
    assert not wine.path(f"{desk.program}.old").exists()

    uninstall(desk)
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
    assert wine.run(setup_exe, "/S", timeout_s=1200).code == 0
    uninstall(desk, "/REMOVEDATA")
    strangers = [name for name in sorted(wine.files() - files) if not of_wine(name)]
    figure("setup.exe: files left with /REMOVEDATA", len(strangers), "0")
    assert strangers == []
    assert [line for line in wine.registry() - keys if "hivelet" in line.lower()] == []


def uninstall(desk: Desk, *more: str) -> None:
    """Silently, and waited for: `_?=` makes the uninstaller stay where it is instead of leaving a copy to do it."""
    folder = desk.program.rpartition("\\")[0]
    copy = desk.wine.drive / "uninstall-copy.exe"
    shutil.copyfile(desk.wine.path(f"{folder}\\uninstall.exe"), copy)
    try:
        done = desk.wine.run(copy, "/S", *more, f"_?={folder}", timeout_s=600)
    finally:
        copy.unlink()
    assert done.code == 0, done.output


def of_wine(name: str) -> bool:
    """What Wine and Windows write for themselves: temporary files and what programs were run."""
    return name.startswith("windows/") or "/Temp" in name or "/Microsoft/" in name or name.endswith("/Microsoft")
