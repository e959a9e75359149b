"""Libraries of the system: which Debian package brings each, and which of them are better not brought along."""

import re
from collections.abc import Iterable
from pathlib import Path

from installers.common.errors import BuildError
from installers.common.freezing import INNER
from installers.common.licences import copy_of_packages, copy_of_qt
from installers.common.programs import run
from installers.common.sbom import Component, file_component
from installers.linux.elf import unneeded

_PACKAGES = {
    r"(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv))\.so\.\d+": "libc6",
    r"libstdc\+\+\.so\.6": "libstdc++6",
    r"libgcc_s\.so\.1": "libgcc-s1",
    r"libGL\.so\.1": "libgl1",
    r"libEGL\.so\.1": "libegl1",
    r"libX11\.so\.6": "libx11-6",
    r"libX11-xcb\.so\.1": "libx11-xcb1",
    r"libSM\.so\.6": "libsm6",
    r"libICE\.so\.6": "libice6",
    r"libxcb\.so\.1": "libxcb1",
    r"libxcb-cursor\.so\.0": "libxcb-cursor0",
    r"libxcb-glx\.so\.0": "libxcb-glx0",
    r"libxcb-icccm\.so\.4": "libxcb-icccm4",
    r"libxcb-image\.so\.0": "libxcb-image0",
    r"libxcb-keysyms\.so\.1": "libxcb-keysyms1",
    r"libxcb-randr\.so\.0": "libxcb-randr0",
    r"libxcb-render\.so\.0": "libxcb-render0",
    r"libxcb-render-util\.so\.0": "libxcb-render-util0",
    r"libxcb-shape\.so\.0": "libxcb-shape0",
    r"libxcb-shm\.so\.0": "libxcb-shm0",
    r"libxcb-sync\.so\.1": "libxcb-sync1",
    r"libxcb-util\.so\.1": "libxcb-util1",
    r"libxcb-xfixes\.so\.0": "libxcb-xfixes0",
    r"libxcb-xinerama\.so\.0": "libxcb-xinerama0",
    r"libxcb-xkb\.so\.1": "libxcb-xkb1",
    r"libxkbcommon\.so\.0": "libxkbcommon0",
    r"libxkbcommon-x11\.so\.0": "libxkbcommon-x11-0",
    r"libfontconfig\.so\.1": "libfontconfig1",
    r"libfreetype\.so\.6": "libfreetype6",
    r"libdbus-1\.so\.3": "libdbus-1-3",
    r"libdrm\.so\.2": "libdrm2",
    r"libwayland-client\.so\.0": "libwayland-client0",
    r"libwayland-cursor\.so\.0": "libwayland-cursor0",
    r"libwayland-egl\.so\.1": "libwayland-egl1",
    r"libz\.so\.1": "zlib1g",
    r"libglib-2\.0\.so\.0|libg(object|module|thread|io)-2\.0\.so\.0": "libglib2.0-0",
}
"""Of the desktop and the compiler: their names and interfaces have been the same on every Debian and Ubuntu for many
years, and programs that load the system's graphics drivers must share the system's own."""

_BETTER_FROM_SYSTEM = re.compile(r"lib(stdc\+\+|gcc_s)\.so\.\d+")
"""A graphics driver of a newer system does not load into a program that has brought an older one of these."""


def package_of(soname: str) -> str | None:
    """The Debian package that brings this library, None for one that is not in the table."""
    return next((package for pattern, package in _PACKAGES.items() if re.fullmatch(pattern, soname)), None)


def packages_of(sonames: dict[str, Path]) -> set[str]:
    """The packages that bring these libraries. sonames: with a file that needs each. Raises BuildError."""
    found: set[str] = set()
    for soname, path in sonames.items():
        package = package_of(soname)
        if package is None:
            raise BuildError(
                f"{path.name} needs {soname}, and installers/linux/system.py does not say who brings that."
            )
        found.add(package)
    return found


def drop_unneeded_libraries(program: Path) -> list[str]:
    """Delete those that came along with parts that were left out."""
    return _drop(unneeded(program, _bundled(program)))


def drop_desktop_libraries(program: Path) -> list[str]:
    """Delete those that a package manager will bring, for a package that can name them as what it depends on."""
    return _drop(path for path in _bundled(program) if package_of(path.name) not in (None, "zlib1g"))


def drop_compiler_libraries(program: Path) -> list[str]:
    """Delete those that every desktop has and that must be the system's own."""
    return _drop(path for path in _bundled(program) if _BETTER_FROM_SYSTEM.fullmatch(path.name))


def bundled_components(program: Path) -> list[Component]:
    """The libraries that were copied from the system that built this, for the bill of materials."""
    components = []
    for path in _bundled(program):
        package, version = _owner(path.name)
        origin = f"package {package}" if package else "the system that built it"
        components.append(file_component(path, path.name, version, origin))
    return components


def copy_system_licences(program: Path, folder: Path) -> None:
    """The copyright files of the packages that the bundled libraries are from, and Qt's licence, which its wheels do
    not bring. Raises BuildError."""
    copy_of_qt(folder)
    copy_of_packages(sorted({_owner(path.name)[0] for path in _bundled(program)} - {""}), folder)


def _bundled(program: Path) -> list[Path]:
    """Libraries that lie directly in the inner folder: PyInstaller puts those there that came from the system."""
    found = (program / INNER).glob("lib*.so*")
    own = ("libpython",)  # the boot loader loads it by name
    return sorted(path for path in found if not path.is_symlink() and not path.name.startswith(own))


def _drop(paths: Iterable[Path]) -> list[str]:
    names = []
    for path in paths:
        for link in path.parent.glob("*.so*"):
            if link.is_symlink() and link.resolve() == path.resolve():
                link.unlink()
        path.unlink()
        names.append(path.name)
    return names


def _owner(name: str) -> tuple[str, str]:
    """The installed package that brings a library, and its version; "" where there is no such package."""
    try:
        for line in run(["dpkg-query", "-S", f"*/{name}"]).splitlines():
            package = line.partition(": ")[0].partition(":")[0]
            if package and "diversion" not in package:
                return package, run(["dpkg-query", "-W", "-f=${Version}", package])
    except BuildError:
        pass
    return "", ""
