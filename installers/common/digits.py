"""The images of the built-in project `digits`: one small file of scikit-learn's, which is a hundred times larger."""

import importlib.util
import shutil
from importlib.metadata import distribution
from pathlib import Path

from installers.common.downloads import sha256_of
from installers.common.errors import BuildError
from installers.common.licences import copy_of_distributions
from installers.common.sbom import Component, file_component

BRINGS = "scikit-learn"
FILE = "digits.csv.gz"
SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"


def add_digits(resources: Path) -> None:
    """Put the file into an installed program's `resources` folder. Raises BuildError."""
    shutil.copyfile(_source(), resources / FILE)


def digits_component() -> Component:
    """For the bill of materials. Raises BuildError."""
    return file_component(_source(), FILE, origin=f"{BRINGS} {distribution(BRINGS).version}")


def copy_licence(folder: Path) -> None:
    """Of who passes the images on."""
    copy_of_distributions([distribution(BRINGS)], folder)


def _source() -> Path:
    """Where it is installed here. Raises BuildError when it is missing or another."""
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise BuildError(f"{BRINGS} is not installed here. Install it with: pip install -e '.[build]'")
    path = Path(spec.submodule_search_locations[0], "datasets", "data", FILE)
    if not path.is_file() or sha256_of(path) != SHA256:
        raise BuildError(f"{path} is missing, or not the file that is pinned.")
    return path
