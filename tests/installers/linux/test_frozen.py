"""The frozen program itself, of which both installers are made."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from installers.common.context import ROOT, BuildContext
from installers.common.freezing import freeze, stage
from installers.compare import compare, lines
from tests.installers.conftest import Figure
from tests.support.desktop import wait_for

SOURCE = ("app", "core", "net", "resources", "installers", "pyproject.toml")


def test_frozen_twice_in_two_places_it_is_the_same(context: BuildContext, tmp_path: Path, figure: Figure) -> None:
    """With the same interpreter and the same packages, from a copy of the source elsewhere."""
    copy = tmp_path / "elsewhere"
    copy.mkdir()
    for name in SOURCE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / name, copy / name)
    again = freeze(replace(context, root=copy, work=tmp_path / "work", reuse_frozen=False))
    found = compare(freeze(context), again)
    different = len(found.differs) + len(found.only)
    figure("frozen twice, in two folders: files that differ", different, f"0 of {found.same + different}")
    assert found.identical, "\n".join(lines(found))


def test_it_knows_its_build_and_hears_of_a_release(context: BuildContext, tmp_path: Path, figure: Figure) -> None:
    """From the publisher's key to what the engine says, with the frozen program alone."""
    program = stage(context, "linux-run", freeze(context), tmp_path / "program") / "hivelet"
    environment = {
        **os.environ,
        "HIVELET_LOOPBACK": "1",
        "HIVELET_HOME": str(tmp_path / "home"),
        "OMP_NUM_THREADS": "1",
    }

    def run(*words: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [program, *words], env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    def hivelet(*words: str | Path) -> str:
        done = run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    said = hivelet("--version")
    for fact in (context.version, f"linux-run, commit {context.commit[:12]}"):
        assert fact in said
    key, news = tmp_path / "key", tmp_path / "news.record"
    environment["HIVELET_RELEASE_KEY"] = hivelet("release", "new-key", key).splitlines()[0]
    page = "https://hivelet.invalid/new"
    hivelet("release", "sign", news, "--key", key, "--version", "99.0.0", "--page", page, "--notes", "What is new.")
    with subprocess.Popen(
        [program, "engine"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as engine:
        try:
            wait_for(lambda: run("status").returncode == 0, "an answer of the engine", 60.0)
            assert "99.0.0" in hivelet("release", "publish", news)
            update = json.loads(hivelet("status", "--json"))["update"]
            assert (update["version"], update["page"], update["required"]) == ("99.0.0", page, False)
            assert "99.0.0" in hivelet("doctor")
            hivelet("quit")
            assert engine.wait(30) == 0
        finally:
            engine.kill()
    figure("frozen: hears of the signed release of a newer version", update["version"], "99.0.0")
