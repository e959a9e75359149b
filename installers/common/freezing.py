"""The program frozen by PyInstaller: one folder with its own Python, which Linux and macOS pack each in their way."""

import importlib.util
import re
import shutil
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

from installers.common.context import BuildContext
from installers.common.errors import BuildError
from installers.common.programs import run
from installers.common.results import write_build_info

INNER = "_internal"
"""The folder below the program's in which everything but the program itself lies."""
_LICENCE = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$|/licenses/", re.IGNORECASE)


def freeze(context: BuildContext) -> Path:
    """Freeze the checkout with this interpreter and what is installed in it. Returns the program's folder.

    Raises BuildError. With `context.reuse_frozen` the folder of an earlier build is returned as it is.
    """
    folder = context.work / "frozen" / "hivelet"
    if context.reuse_frozen and (folder / "hivelet").is_file():
        return folder
    if importlib.util.find_spec("PyInstaller") is None:
        raise BuildError("PyInstaller is not installed here. Install it with: pip install -e '.[build]'")
    spec = context.root / "installers" / "hivelet.spec"
    shutil.rmtree(folder, ignore_errors=True)
    places: list[str | Path] = ["--distpath", folder.parent, "--workpath", context.work / "pyinstaller"]
    options = ["--noconfirm", "--clean", "--log-level", "WARN"]
    command = [sys.executable, "-m", "PyInstaller", *options, *places, spec]
    run(command, cwd=context.root, environment=context.environment())
    return folder


def stage(context: BuildContext, target: str, frozen: Path, folder: Path) -> Path:
    """A copy of the frozen program at `folder`, complete with its version and the facts of its build."""
    shutil.copytree(frozen, folder, symlinks=True)
    inner = folder / INNER
    metadata = inner / f"hivelet-{context.version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    text = f"Metadata-Version: 2.1\nName: hivelet\nVersion: {context.version}\n"
    metadata.write_text(text, encoding="utf-8", newline="\n")
    write_build_info(context, target, inner / "resources")
    return folder


def copy_licences(names: list[str], folder: Path) -> None:
    """The licence texts of these installed distributions, one folder each."""
    for name in names:
        found = distribution(name)
        for index, path in enumerate(_licence_files(found)):
            target = folder / name / (path.name if index == 0 else f"{index}-{path.name}")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _licence_files(found: Distribution) -> list[Path]:
    files = [file for file in found.files or () if ".dist-info/" in str(file) and _LICENCE.search(str(file))]
    paths = sorted(Path(str(file.locate())) for file in files)
    return [path for path in paths if path.is_file()]
