"""`Hivelet.app` in a disk image. It is built on a Mac, in the workflow; what it is made of is tested everywhere."""

import os
import platform
import shutil
import sys
from pathlib import Path

from installers.common.context import BuildContext
from installers.common.digits import add_digits
from installers.common.errors import BuildError
from installers.common.freezing import bundled_distributions, copy_licences, freeze, versions_missing_in
from installers.common.programs import run
from installers.common.results import write_build_info
from installers.common.sbom import write_sbom
from installers.macos.bundle import APP, add_metadata, contents, resources
from installers.macos.icons import write_icns
from installers.macos.signing import Signing

TARGET = "macos"
SETTINGS = Path(__file__).parent / "dmg_settings.py"


def build(context: BuildContext) -> list[Path]:
    """The disk image and its bill of materials. Raises BuildError."""
    if sys.platform != "darwin":
        raise BuildError("A macOS program is built on a Mac: its tools exist nowhere else. The workflow does it.")
    icon = write_icns(context.root / "resources" / "icons" / "hivelet.svg", context.work / "hivelet.icns")
    app = freeze(context).parent / APP
    if not app.is_dir():
        raise BuildError(f"PyInstaller made no {APP}.")
    stage = context.work / "macos"
    shutil.rmtree(stage, ignore_errors=True)
    app = Path(shutil.copytree(app, stage / APP, symlinks=True))
    shutil.copyfile(icon, resources(app) / "hivelet.icns")
    for name, version in versions_missing_in(resources(app), context.version):
        add_metadata(app, name, version)
    write_build_info(context, TARGET, resources(app) / "resources")
    add_digits(resources(app) / "resources")
    result = context.output / image_name(context.version, platform.machine())
    materials = write_sbom(context, result.with_suffix(".cdx.json"), bundled_distributions())
    copy_licences(resources(app) / "licences")
    shutil.copyfile(context.root / "LICENSE", resources(app) / "LICENSE")
    signing = Signing.from_environment(os.environ, stage)
    print(signing.said, flush=True)
    for command in signing.sign_app(app):
        run(command)
    result.unlink(missing_ok=True)
    run(image_command(app, result), environment=context.environment())
    for command in signing.finish_image(result):
        run(command)
    run([str(contents(app) / "MacOS" / "hivelet"), "--version"])
    return [result, materials]


def image_name(version: str, machine: str) -> str:
    """The file's name. machine: arm64; there is no torch for Intel Macs any more."""
    return f"hivelet-{version}-macos-{machine}.dmg"


def image_command(app: Path, result: Path) -> list[str]:
    """How dmgbuild is called."""
    return [sys.executable, "-m", "dmgbuild", "-s", str(SETTINGS), "-D", f"app={app}", "Hivelet", str(result)]
