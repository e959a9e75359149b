"""The `.run` file: installs for one user, without root, on any Linux that is new enough."""

import shutil
from pathlib import Path

from installers.common.context import BuildContext
from installers.common.freezing import bundled_distributions, copy_licences, freeze, stage
from installers.common.programs import require, run
from installers.common.sbom import write_sbom
from installers.common.trees import normalise, size_of
from installers.linux.desktop import write_entry, write_icons
from installers.linux.elf import needs
from installers.linux.system import (
    bundled_components,
    copy_system_licences,
    drop_compiler_libraries,
    drop_unneeded_libraries,
)

TARGET = "linux-run"
_HERE = Path(__file__).parent
_MACHINE = "x86_64"
_UNINSTALL = """\
Actions=uninstall;

[Desktop Action uninstall]
Name=Uninstall Hivelet
Name[de]=Hivelet deinstallieren
Exec="@APP@/uninstall"
"""


def build(context: BuildContext) -> list[Path]:
    """The file and its bill of materials. Raises BuildError."""
    makeself = require("makeself", "On Debian and Ubuntu: apt-get install makeself.")
    require("xz", "It comes with xz-utils.")
    result = context.output / package_name(context)
    work = context.work / "run"
    shutil.rmtree(work, ignore_errors=True)
    program = stage(context, TARGET, freeze(context), work / "program")
    drop_compiler_libraries(program)
    drop_unneeded_libraries(program)
    bundled = bundled_distributions()
    components = [*bundled, *bundled_components(program)]
    materials = write_sbom(context, result.with_suffix(".cdx.json"), components)
    copy_licences(program / "licences")
    copy_system_licences(program, program / "licences" / "system")
    shutil.copyfile(context.root / "LICENSE", program / "LICENSE")
    shutil.copyfile(materials, program / "sbom.cdx.json")
    write_entry(program / "share" / "hivelet.desktop", "@APP@/hivelet", _UNINSTALL)
    write_icons(context.root, program / "share" / "icons")
    for script in ("uninstall", "processes"):
        shutil.copyfile(_HERE / f"{script}.sh", program / script)
        (program / script).chmod(0o755)
    glibc = needs(program).glibc
    normalise(program, context.epoch)
    archive = _write_archive(context, work, program, glibc)
    # The archive is compressed already, so that it can be unpacked beside the old version without a second copy.
    options = ["--nocomp", "--nox11", "--sha256", "--tar-extra", _plain_tar(context.epoch)]
    options += ["--packaging-date", str(context.epoch)]
    # Its arguments stand in the result: names, not places.
    command = [makeself, *options, archive.name, result.name, f"Hivelet {context.version}", "./setup.sh"]
    run(command, cwd=work, environment=context.environment())
    shutil.move(work / result.name, result)
    return [result, materials]


def package_name(context: BuildContext) -> str:
    """The file's name."""
    return f"hivelet-{context.version}-linux-{_MACHINE}.run"


def _plain_tar(epoch: int) -> str:
    return f"--sort=name --mtime=@{epoch} --owner=0 --group=0 --numeric-owner"


def _write_archive(context: BuildContext, work: Path, program: Path, glibc: tuple[int, int]) -> Path:
    """The folder that the `.run` file unpacks: the program as one compressed file, and the script that installs it."""
    folder = work / "archive"
    folder.mkdir()
    size = size_of(program)
    tar = work / "program.tar"
    run(["tar", *_plain_tar(context.epoch).split(), "-C", program, "-cf", tar, "."])
    run(["xz", f"-{context.compression}", "--threads=2", tar])
    shutil.move(f"{tar}.xz", folder / "program.tar.xz")
    script = (_HERE / "setup.sh").read_text(encoding="utf-8")
    facts = {"@VERSION@": context.version, "@GLIBC@": f"{glibc[0]}.{glibc[1]}", "@KIB@": str(size // 1024)}
    for word, value in facts.items():
        script = script.replace(word, value)
    (folder / "setup.sh").write_text(script, encoding="utf-8")
    (folder / "setup.sh").chmod(0o755)
    normalise(folder, context.epoch)
    return folder
