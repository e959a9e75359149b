"""The frame of all installers: pinned downloads, one version, one time, sums that check."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from installers import build
from installers.common.context import ROOT, BuildContext, project_version, source_date_epoch
from installers.common.downloads import Pinned, fetch
from installers.common.errors import BuildError
from installers.common.results import write_build_info, write_checksums
from installers.common.sbom import distribution_components, file_component, write_sbom
from installers.common.trees import normalise

CONTENT = b"a pinned file\n" * 100


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "origin.bin"
    path.write_bytes(CONTENT)
    return path


def pin(source: Path) -> Pinned:
    return Pinned("input.bin", source.as_uri(), len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


def context(folder: Path) -> BuildContext:
    return BuildContext(ROOT, folder, folder, "1.2.3", "c0ffee", 1_700_000_000)


def test_a_pinned_file_is_downloaded_once(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert fetch(pin(source), folder).read_bytes() == CONTENT
    source.unlink()
    assert fetch(pin(source), folder).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("served", "word"),
    [(CONTENT[:-1], "cut"), (b"", "cut"), (b"A" + CONTENT[1:], "altered"), (CONTENT * 3, "too long")],
)
def test_a_download_that_differs_is_refused_and_deleted(source: Path, tmp_path: Path, served: bytes, word: str) -> None:
    source.write_bytes(served)
    with pytest.raises(BuildError, match=word):
        fetch(pin(source), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_kept_file_that_was_altered_later_is_refused(source: Path, tmp_path: Path) -> None:
    kept = fetch(pin(source), tmp_path / "cache")
    kept.write_bytes(b"A" + CONTENT[1:])
    with pytest.raises(BuildError, match="altered"):
        fetch(pin(source), tmp_path / "cache")
    assert not kept.exists()


def test_a_file_that_cannot_be_had_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="cannot be downloaded"):
        fetch(Pinned("gone.bin", (tmp_path / "gone").as_uri(), 1, "0" * 64), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_time_is_the_environments_or_the_commits(tmp_path: Path) -> None:
    assert source_date_epoch(tmp_path, {"SOURCE_DATE_EPOCH": "42"}) == 42
    with pytest.raises(BuildError, match="SOURCE_DATE_EPOCH"):
        source_date_epoch(tmp_path, {})
    assert source_date_epoch(ROOT, {}) > 1_700_000_000


def test_a_project_without_a_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(BuildError, match="names no version"):
        project_version(tmp_path)


def test_the_sums_are_those_that_sha256sum_checks(source: Path) -> None:
    sums = write_checksums(source.parent)
    assert sums.read_text() == f"{hashlib.sha256(CONTENT).hexdigest()}  origin.bin\n"
    assert write_checksums(source.parent).read_text().count("\n") == 1  # never over itself


def test_the_bill_of_materials_lists_what_is_needed_and_repeats(source: Path, tmp_path: Path) -> None:
    parts = distribution_components(["rich"])
    assert {"rich", "pygments", "markdown-it-py", "mdurl"} == {part["name"] for part in parts}
    assert all(part["version"] and part["licenses"] and len(part["hashes"][0]["content"]) == 64 for part in parts)
    extra = file_component(source, "origin.bin", origin="a test")
    first = write_sbom(context(tmp_path), tmp_path / "one.json", [*parts, extra]).read_bytes()
    again = write_sbom(context(tmp_path), tmp_path / "two.json", [extra, *reversed(parts)]).read_bytes()
    assert first == again
    listed = json.loads(first)
    assert listed["bomFormat"] == "CycloneDX"
    assert listed["metadata"]["component"]["version"] == "1.2.3"
    with pytest.raises(BuildError, match="not installed"):
        distribution_components(["no-such-distribution-anywhere"])


def test_build_facts_are_those_of_the_commit(tmp_path: Path) -> None:
    facts = json.loads(write_build_info(context(tmp_path), "linux-deb", tmp_path).read_text())
    assert facts == {"version": "1.2.3", "commit": "c0ffee", "date": "2023-11-14T22:13:20Z", "target": "linux-deb"}


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files are those of POSIX")
def test_a_tree_has_one_time_and_plain_modes(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    (folder / "bin").mkdir(parents=True, mode=0o700)
    program, text, link = folder / "bin" / "program", folder / "text", folder / "link"
    for path, mode in ((program, 0o700), (text, 0o600)):
        path.touch()
        path.chmod(mode)
    link.symlink_to("text")
    normalise(folder, 1_700_000_000)
    assert [path.stat().st_mode & 0o7777 for path in (folder, folder / "bin", program, text)] == [
        0o755, 0o755, 0o755, 0o644,
    ]  # fmt: skip
    assert {path.lstat().st_mtime for path in (folder, folder / "bin", program, text, link)} == {1_700_000_000.0}


def test_a_target_that_does_not_exist_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(build.TARGETS, "windows", "installers.nowhere")
    with pytest.raises(BuildError, match="does not exist in this checkout"):
        build.build("windows", context(tmp_path))
    monkeypatch.setitem(build.TARGETS, "windows", "installers.common")
    with pytest.raises(BuildError, match=r"has no build\(\)"):
        build.build("windows", context(tmp_path))


def test_the_script_runs_by_itself() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "installers" / "build.py"), "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "linux-deb" in done.stdout
