"""Renews the list of inputs: `python -m installers.windows.renew` takes the newest that pyproject.toml allows.

It needs `uv`, which knows the conditions of another system. What it downloads is not checked against anything:
whoever renews the list decides whom to trust, and looks at what has changed.
"""

import json
import re
import shutil
import sys
import tempfile
import urllib.request
from dataclasses import asdict
from pathlib import Path

from installers.common.context import ROOT
from installers.common.downloads import sha256_of
from installers.common.errors import BuildError
from installers.common.programs import require, run
from installers.windows.lock import INPUTS, PYTHON, PYTHON_PACKAGE, Input, locate

_PLATFORM = "x86_64-pc-windows-msvc"
_NOT_SHIPPED = {"setuptools"}
"""Required by torch to compile extensions, which nobody does here."""


def renew(folder: Path) -> list[Input]:
    """What the list should say; the files are in `folder` then. Raises BuildError."""
    uv = require("uv", "Renewing the list needs it: pip install uv.")
    target = ["--python-platform", _PLATFORM, "--python-version", PYTHON, "--only-binary", ":all:"]
    chosen = run([uv, "pip", "compile", *target, "-q", "--no-annotate", "--no-header", ROOT / "pyproject.toml"])
    pairs = re.findall(r"^([a-z0-9-]+)==([^\s;]+)", chosen, re.MULTILINE)
    wanted = [PYTHON_PACKAGE, *(pair for pair in pairs if pair[0] not in _NOT_SHIPPED)]
    inputs = []
    for (name, version), (file, url) in zip(wanted, locate(wanted).items(), strict=True):
        path = _download(url, folder / file)
        inputs.append(Input(name, version, file, path.stat().st_size, sha256_of(path)))
    return sorted(inputs, key=lambda each: each.name)


def _download(url: str, path: Path) -> Path:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            urllib.request.urlopen(url, timeout=60) as source,  # noqa: S310 - the index's own address
            tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part,
        ):
            shutil.copyfileobj(source, part)
        Path(part.name).replace(path)
    return path


def main() -> int:
    """Renew the list."""
    try:
        inputs = renew(ROOT / "build" / "downloads")
    except (BuildError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    text = ",\n".join(json.dumps(asdict(each)) for each in inputs)
    INPUTS.write_text(f"[\n{text}\n]\n", encoding="utf-8", newline="\n")
    print(f"{len(inputs)} files, {sum(each.size for each in inputs) / 1e6:.0f} MB: {INPUTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
