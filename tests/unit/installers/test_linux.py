"""What of the Linux installers needs no frozen program: what scripts do, what files need, how versions sort."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from installers.common.context import ROOT, BuildContext
from installers.common.errors import BuildError
from installers.common.trees import files_below
from installers.linux import deb, run
from installers.linux.desktop import write_entry
from installers.linux.elf import is_elf, needs, unneeded
from installers.linux.system import packages_of

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not all(map(shutil.which, ("xz", "tar", "objdump"))), reason="builds run on Linux"
)
SCRIPTS = ROOT / "installers" / "linux"
PROGRAM = """#!/bin/sh
if [ "$1" = --version ]; then echo hivelet VERSION; exit STATUS; fi
if [ "$1" = remove-data ]; then rm -r "$HOME/.local/share/hivelet"; fi
"""


class Person:
    """A home, and archives that are installed in it. Each holds a program that is a script of three lines."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.share = self.home / ".local" / "share"
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"]}

    def archive(self, version: str, status: int = 0) -> Path:
        work = self.folder / f"work-{version}"
        program = work / "program"
        (program / "share" / "icons" / "48x48" / "apps").mkdir(parents=True)
        (program / "share" / "icons" / "48x48" / "apps" / "hivelet.png").write_bytes(b"icon")
        write_entry(program / "share" / "hivelet.desktop", "@APP@/hivelet")
        for name in ("uninstall", "processes"):
            shutil.copy(SCRIPTS / f"{name}.sh", program / name)
        start = program / "hivelet"
        start.write_text(PROGRAM.replace("VERSION", version).replace("STATUS", str(status)))
        start.chmod(0o755)
        context = BuildContext(ROOT, work, work, version, "", 1_700_000_000, compression=0)
        return run._write_archive(context, work, program, (2, 17))

    def run(self, *words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, words)), cwd=cwd, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=50, check=False,
        )  # fmt: skip

    def install(self, archive: Path) -> subprocess.CompletedProcess[str]:
        return self.run("sh", "setup.sh", "--no-start", cwd=archive)

    def version(self) -> str:
        return self.run(self.home / ".local" / "bin" / "hivelet", "--version").stdout.strip()

    def files(self) -> list[str]:
        return [str(path.relative_to(self.home)) for path in files_below(self.home)]


@pytest.fixture
def person(tmp_path: Path) -> Person:
    folder = tmp_path / "blanks & signs"
    folder.mkdir()
    return Person(folder)


def test_installing_upgrading_and_removing_leave_the_data_alone(person: Person) -> None:
    (person.share / "hivelet").mkdir(parents=True)
    (person.share / "hivelet" / "identity.key").touch()
    for version in ("1.0.0", "1.1.0"):
        done = person.install(person.archive(version))
        assert done.returncode == 0, done.stderr
        assert person.version() == f"hivelet {version}"
    entry = (person.share / "applications" / "hivelet.desktop").read_text()
    assert f'Exec="{person.share}/hivelet-app/hivelet" %u' in entry
    assert (person.share / "icons" / "hicolor" / "48x48" / "apps" / "hivelet.png").read_bytes() == b"icon"
    assert not list(person.share.glob("hivelet-app.*"))
    assert person.run(person.share / "hivelet-app" / "uninstall").returncode == 1  # nobody is there to be asked
    assert person.version() == "hivelet 1.1.0"
    done = person.run(person.share / "hivelet-app" / "uninstall", "--keep-data")
    assert done.returncode == 0, done.stderr
    assert person.files() == [".local/share/hivelet/identity.key"]


def test_removing_with_the_data_leaves_nothing_at_all(person: Person) -> None:
    autostart = person.home / ".config" / "autostart"
    autostart.mkdir(parents=True)
    (autostart / "other.desktop").write_text("Exec=/usr/bin/other\n")
    assert person.install(person.archive("1.0.0")).returncode == 0
    (person.share / "hivelet").mkdir()
    (autostart / "hivelet.desktop").write_text(f'Exec="{person.share}/hivelet-app/hivelet"\n')
    assert person.run(person.share / "hivelet-app" / "uninstall", "--remove-data").returncode == 0
    assert person.files() == [".config/autostart/other.desktop"]
    assert not (person.home / ".local").exists()


@pytest.mark.parametrize("trouble", ["cut", "does not start"])
def test_an_upgrade_that_fails_leaves_the_old_version(person: Person, trouble: str) -> None:
    assert person.install(person.archive("1.0.0")).returncode == 0
    before = person.files()
    archive = person.archive("1.1.0", status=1 if trouble == "does not start" else 0)
    if trouble == "cut":
        packed = archive / "program.tar.xz"
        packed.write_bytes(packed.read_bytes()[:-200])
    done = person.install(archive)
    assert done.returncode == 1
    assert "Nothing was changed" in done.stderr
    assert (person.version(), person.files()) == ("hivelet 1.0.0", before)


def test_a_menu_that_cannot_be_written_brings_the_old_version_back(person: Person) -> None:
    assert person.install(person.archive("1.0.0")).returncode == 0
    shutil.rmtree(person.share / "icons")
    (person.share / "icons").write_text("a file where a folder belongs")
    done = person.install(person.archive("1.1.0"))
    assert done.returncode == 1
    assert "is back" in done.stderr
    assert person.version() == "hivelet 1.0.0"


def test_a_swap_that_was_interrupted_is_repaired(person: Person) -> None:
    assert person.install(person.archive("1.0.0")).returncode == 0
    (person.share / "hivelet-app").rename(person.share / "hivelet-app.old")
    archive = person.archive("1.1.0", status=1)
    assert person.install(archive).returncode == 1
    assert person.version() == "hivelet 1.0.0"


def test_what_files_need_is_read_from_them(tmp_path: Path) -> None:
    shutil.copy(shutil.which("xz") or "", tmp_path / "xz")
    shutil.copy(shutil.which("objdump") or "", tmp_path / "libunused.so.1")
    (tmp_path / "text.so").write_text("no library")
    assert is_elf(tmp_path / "xz")
    assert not is_elf(tmp_path / "text.so")
    found = needs(tmp_path)
    assert {"libc.so.6", "liblzma.so.5"} <= found.sonames.keys()
    assert found.glibc >= (2, 2)
    assert unneeded(tmp_path, [tmp_path / "libunused.so.1"]) == [tmp_path / "libunused.so.1"]
    with pytest.raises(BuildError, match=r"xz needs liblzma\.so\.5, and"):
        packages_of({"liblzma.so.5": found.sonames["liblzma.so.5"]})
    assert packages_of({"libc.so.6": tmp_path / "xz", "libxcb.so.1": tmp_path / "xz"}) == {"libc6", "libxcb1"}


@pytest.mark.parametrize(
    ("version", "debian"),
    [("1.2.3", "1.2.3"), ("1.2.3rc1", "1.2.3~rc1"), ("1.2.3a2", "1.2.3~a2"), ("1.2.3.dev4", "1.2.3~dev4")],
)
def test_what_comes_before_a_release_sorts_before_it(version: str, debian: str) -> None:
    context = BuildContext(ROOT, ROOT, ROOT, "0", "", 0)
    assert deb._version(replace(context, version=version)) == debian


def test_only_what_runs_of_this_program_is_ended(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "a [b] * \\ c", tmp_path / "elsewhere"
    for folder in (here, elsewhere):
        folder.mkdir()
        shutil.copy(shutil.which("sleep") or "", folder / "hivelet")
        shutil.copy(SCRIPTS / "processes.sh", folder / "processes")
    with (
        subprocess.Popen([here / "hivelet", "100"]) as window,
        subprocess.Popen([elsewhere / "hivelet", "100"]) as other,
    ):
        try:
            listed = subprocess.run(
                ["sh", here / "processes", "running", "window"], capture_output=True, text=True, check=True
            )
            assert listed.stdout.split() == [str(window.pid)]
            # A zombie has no program any more, so it counts as gone although nobody has waited for it.
            subprocess.run(["sh", here / "processes", "end"], check=True, timeout=50)
            assert window.wait(10) == -15
            assert other.poll() is None
        finally:
            window.kill()
            other.kill()
