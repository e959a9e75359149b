"""The Debian package: for Debian, Ubuntu and their relatives, by a double click."""

import gzip
import shutil
from pathlib import Path

from installers.common.context import BuildContext
from installers.common.errors import BuildError
from installers.common.freezing import bundled_distributions, copy_licences, freeze, stage
from installers.common.programs import require, run
from installers.common.sbom import write_sbom
from installers.common.trees import normalise, size_of
from installers.linux.desktop import write_entry, write_icons
from installers.linux.elf import needs
from installers.linux.system import (
    bundled_components,
    copy_system_licences,
    drop_desktop_libraries,
    drop_unneeded_libraries,
    packages_of,
)

TARGET = "linux-deb"
PROGRAM = Path("opt", "hivelet")
MAINTAINER = "Hivelet's maintainers <maintainers@hivelet.invalid>"
_HERE = Path(__file__).parent
_FORGET = """\
Actions=forget;

[Desktop Action forget]
Name=Delete my data
Name[de]=Meine Daten löschen
Exec="/opt/hivelet/forget"
"""
_LOADED_BY_NAME = ("libgl1", "libegl1", "libxcb-cursor0", "libx11-6", "libxss1")
"""Libraries that Qt, and the sense for an idle computer, load while they run: no file names them as needed."""


def build(context: BuildContext) -> list[Path]:
    """The package and its bill of materials. Raises BuildError."""
    require("dpkg-deb", "It comes with dpkg: build this on Debian or Ubuntu.")
    tree = context.work / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    program = stage(context, TARGET, freeze(context), tree / PROGRAM)
    drop_desktop_libraries(program)
    drop_unneeded_libraries(program)
    bundled = bundled_distributions()
    package = context.output / package_name(context)
    components = [*bundled, *bundled_components(program)]
    materials = write_sbom(context, package.with_suffix(".cdx.json"), components)
    copy_licences(program / "licences")
    copy_system_licences(program, program / "licences" / "system")
    _write_share(context, tree, materials)
    _write_control(context, tree, program)
    normalise(tree, context.epoch)
    # Two threads, whatever this computer has: their number is visible in the result.
    compression = ["-Zxz", f"-z{context.compression}", "--threads-max=2"]
    command: list[str | Path] = ["dpkg-deb", "--root-owner-group", *compression, "--build", tree, package]
    run(command, environment=context.environment())
    return [package, materials]


def package_name(context: BuildContext) -> str:
    """The file's name, as Debian forms it."""
    return f"hivelet_{_version(context)}_{_architecture()}.deb"


def _version(context: BuildContext) -> str:
    """As Debian orders versions: what comes before a release sorts before it."""
    for mark in ("a", "b", "rc", ".dev"):
        head, found, tail = context.version.partition(mark)
        if found:
            return f"{head}~{found.strip('.')}{tail}"
    return context.version


def _architecture() -> str:
    return run(["dpkg", "--print-architecture"]).strip()


def _write_share(context: BuildContext, tree: Path, materials: Path) -> None:
    share = tree / "usr" / "share"
    link = tree / "usr" / "bin" / "hivelet"
    link.parent.mkdir(parents=True)
    link.symlink_to(Path("/", PROGRAM, "hivelet"))
    write_entry(share / "applications" / "hivelet.desktop", "/usr/bin/hivelet", _FORGET)
    write_icons(context.root, share / "icons" / "hicolor")
    unit = (_HERE / "hivelet.service").read_text(encoding="utf-8")
    if "%h/.local/bin/hivelet" not in unit:
        raise BuildError("hivelet.service does not start %h/.local/bin/hivelet any more.")
    installed = "# It is not enabled: `systemctl --user enable --now hivelet` does that, for you alone.\n"
    text = "".join(line for line in unit.splitlines(keepends=True) if "mkdir -p" not in line)
    path = tree / "usr" / "lib" / "systemd" / "user" / "hivelet.service"
    path.parent.mkdir(parents=True)
    path.write_text(installed + text.replace("%h/.local/bin/hivelet", "/usr/bin/hivelet"), encoding="utf-8")
    documents = share / "doc" / "hivelet"
    documents.mkdir(parents=True)
    licence = (context.root / "LICENSE").read_text(encoding="utf-8")
    note = f"\nThe licences of all that is bundled are in /{PROGRAM}/licences; sbom.cdx.json here lists it.\n"
    (documents / "copyright").write_text(licence + note, encoding="utf-8")
    shutil.copyfile(materials, documents / "sbom.cdx.json")
    changes = (context.root / "CHANGELOG.md").read_bytes()
    (documents / "changelog.gz").write_bytes(gzip.compress(changes, 9, mtime=context.epoch))


def _write_control(context: BuildContext, tree: Path, program: Path) -> None:
    found = needs(program)
    libraries = sorted((packages_of(found.sonames) | set(_LOADED_BY_NAME)) - {"libc6"})
    control = tree / "DEBIAN"
    control.mkdir()
    fields = {
        "Package": "hivelet",
        "Version": _version(context),
        "Architecture": _architecture(),
        "Maintainer": MAINTAINER,
        "Section": "science",
        "Priority": "optional",
        "Installed-Size": str(-(-size_of(tree) // 1024)),
        "Depends": ", ".join([f"libc6 (>= {found.glibc[0]}.{found.glibc[1]})", *libraries]),
        "Recommends": "xdg-utils",
        "Description": "lend this computer to train neural networks together\n"
        " Volunteers train a mixture of experts that none of them could train alone,\n"
        " without a server in the middle. You see what your computer gives, and pause\n"
        " or throttle it from the tray whenever you like.",
    }
    (control / "control").write_text("".join(f"{name}: {value}\n" for name, value in fields.items()), encoding="utf-8")
    for name in ("processes", "forget"):
        shutil.copyfile(_HERE / f"{name}.sh", program / name)
        (program / name).chmod(0o755)
    script = control / "prerm"
    shutil.copyfile(_HERE / "prerm", script)
    script.chmod(0o755)
