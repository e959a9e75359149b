"""The program frozen by PyInstaller: one folder with its own Python, which Linux and macOS pack each in their way."""

import importlib.util
import platform
import shutil
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

from installers.common.context import BuildContext
from installers.common.digits import add_digits, copy_licence, digits_component
from installers.common.errors import BuildError
from installers.common.licences import copy_of_distributions
from installers.common.programs import run
from installers.common.results import write_build_info
from installers.common.sbom import Component, distribution_components

INNER = "_internal"
"""The folder below the program's in which everything but the program itself lies."""
_NOT_BUNDLED = {"hivelet", "altgraph", "packaging", "pyinstaller-hooks-contrib", "setuptools"}
"""Needed to install, to build or by what is left out. PyInstaller's boot loader is a part of the program."""


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
    """A copy of the frozen program at `folder`, complete with the versions of its parts and the facts of its build."""
    shutil.copytree(frozen, folder, symlinks=True)
    inner = folder / INNER
    for name, version in versions_missing_in(inner, context.version):
        write_metadata(inner, name, version)
    write_build_info(context, target, inner / "resources")
    add_digits(inner / "resources")
    return folder


def bundled_distributions() -> list[Component]:
    """What of this interpreter is in the frozen program, for the bill of materials."""
    listed = [part for part in distribution_components(["hivelet", "pyinstaller"]) if part["name"] not in _NOT_BUNDLED]
    version = platform.python_version()
    python = {"type": "library", "name": "cpython", "version": version, "licenses": [{"expression": "Python-2.0"}]}
    return [*listed, python, digits_component()]


def copy_licences(folder: Path) -> None:
    """The licence texts of all that is bundled, one folder each."""
    python = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    if python.is_file():
        (folder / "cpython").mkdir(parents=True)
        shutil.copyfile(python, folder / "cpython" / python.name)
    names = [part["name"] for part in bundled_distributions() if part.get("purl")]
    copy_of_distributions(map(distribution, names), folder)
    copy_licence(folder)


def versions_missing_in(folder: Path, version: str) -> list[tuple[str, str]]:
    """(distribution, version) of the program itself and of all that is bundled without metadata in this folder."""
    parts = [(part["name"], part["version"]) for part in bundled_distributions() if part.get("purl")]
    missing = [part for part in parts if not any(folder.glob(f"{_file_name(part[0])}-*.dist-info"))]
    return [("hivelet", version), *missing]


def write_metadata(folder: Path, name: str, version: str) -> Path:
    """As much of a distribution's metadata as tells its version; the folder that holds it."""
    path = folder / f"{_file_name(name)}-{version}.dist-info" / "METADATA"
    path.parent.mkdir()
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path.parent


def _file_name(name: str) -> str:
    return name.replace("-", "_")
