"""The texts of the licences of all that an installer brings, in a folder `licences` beside the program."""

import re
import shutil
from collections.abc import Iterable
from importlib.metadata import Distribution
from pathlib import Path

from installers.common.errors import BuildError

FOLDER = "licences"
_LICENCE = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$|/licenses/", re.IGNORECASE)
_COMMON = Path("/usr/share/common-licenses")
_DOCUMENTS = Path("/usr/share/doc")


def copy_of_distributions(found: Iterable[Distribution], folder: Path) -> None:
    """What each distribution says, in a folder of its name."""
    for distribution in found:
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
        for index, path in enumerate(_licence_files(distribution)):
            target = folder / name / (path.name if index == 0 else f"{index}-{path.name}")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def copy_of_qt(folder: Path, common: Path = _COMMON) -> None:
    """Qt's licence, which its wheels do not bring. Raises BuildError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("LGPL-3", "GPL-3"):
        text = common / name
        if not text.is_file():
            raise BuildError(f"{text} is missing: Qt must not be passed on without it. It comes with base-files.")
        shutil.copyfile(text, folder / f"Qt and PySide6 - {name}.txt")


def copy_of_packages(packages: Iterable[str], folder: Path, documents: Path = _DOCUMENTS) -> None:
    """What the system's packages say, those that are not installed left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in packages:
        source = documents / package / "copyright"
        if source.is_file():
            shutil.copyfile(source, folder / f"{package}.txt")


def _licence_files(found: Distribution) -> list[Path]:
    files = [file for file in found.files or () if ".dist-info/" in str(file) and _LICENCE.search(str(file))]
    paths = sorted(Path(str(file.locate())) for file in files)
    return [path for path in paths if path.is_file()]
