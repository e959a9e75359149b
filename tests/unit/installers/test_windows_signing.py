"""What is signed for Windows, by which commands. The commands themselves are run by the installers' own tests."""

import stat
import sys
from pathlib import Path

import pytest

from installers.common.errors import BuildError
from installers.windows import signing
from installers.windows.signing import CERTIFICATE, PASSWORD, TIMESTAMP, Signing

URL = "https://timestamp.invalid"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """As the workflow makes it where the secrets exist."""
    for name in ("certificate.p12", "password"):
        (tmp_path / name).write_text(name)
    return {CERTIFICATE: str(tmp_path / "certificate.p12"), PASSWORD: str(tmp_path / "password"), TIMESTAMP: URL}


def test_without_a_certificate_nothing_is_signed_and_the_log_says_so(tmp_path: Path) -> None:
    made = Signing.from_environment({PASSWORD: "x", TIMESTAMP: URL})
    assert made.said.startswith("NOT signed")
    assert made.nsis() == ""
    program = tmp_path / "hivelet.exe"
    program.write_bytes(b"MZ")
    made.sign(program)
    assert program.read_bytes() == b"MZ"
    with pytest.raises(BuildError, match="cannot be signed"):
        made.command(program, program)


@pytest.mark.parametrize("missing", [CERTIFICATE, PASSWORD])
def test_half_of_what_is_needed_is_an_error(environment: dict[str, str], missing: str) -> None:
    with pytest.raises(BuildError, match=missing):
        Signing.from_environment({**environment, missing: "/nowhere"})
    with pytest.raises(BuildError, match=PASSWORD):
        Signing.from_environment({name: value for name, value in environment.items() if name != PASSWORD})


def test_the_command_keeps_the_password_in_its_file(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "require", lambda name, _hint: name)
    words = [str(word) for word in Signing.from_environment(environment).command(Path("in.exe"), Path("out.exe"))]
    assert words[:2] == ["osslsigncode", "sign"]
    assert words[words.index("-readpass") + 1] == str(tmp_path / "password")
    assert words[words.index("-ts") + 1] == URL
    assert words[-4:] == ["-in", "in.exe", "-out", "out.exe"]
    del environment[TIMESTAMP]
    made = Signing.from_environment(environment)
    assert "-ts" not in made.command(Path("in.exe"), Path("out.exe"))
    assert "without a timestamp" in made.said


@pytest.mark.skipif(sys.platform == "win32", reason="stands in for a program of Linux, where setup.exe is built")
def test_a_file_is_signed_in_place_or_stays_as_it_was(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "bin" / "osslsigncode"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nfor word; do last=$word; done\nprintf signed >"$last"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    program = tmp_path / "uninstall.exe"
    program.write_bytes(b"MZ")
    program.chmod(0o755)
    assert signing.main([str(program)]) == 0
    assert program.read_text() == "signed"
    assert stat.S_IMODE(program.stat().st_mode) == 0o755
    tool.write_text("#!/bin/sh\nexit 1\n")
    assert signing.main([str(program)]) == 1
    assert program.read_text() == "signed"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "certificate.p12", "password", "uninstall.exe"]


def test_nsis_is_told_to_have_the_uninstaller_signed(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Signing.from_environment(environment)
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")
    line = made.nsis()
    assert line.startswith('!uninstfinalize \'"/usr/bin/python3" "')
    assert line.endswith('signing.py" "%1"\' = 0\n')
    monkeypatch.setattr(sys, "executable", "/tmp/it's/python3")  # noqa: S108 - a name, no file
    with pytest.raises(BuildError, match="cannot call"):
        made.nsis()
