"""The program's icon as macOS wants it: an .icns file, which is a list of PNG images of fixed sizes."""

import struct
from collections.abc import Mapping
from pathlib import Path

from installers.common.errors import BuildError

_HEAD = struct.Struct(">4sI")
TYPES: Mapping[str, int] = {
    "ic11": 32, "ic12": 64, "ic07": 128, "ic13": 256, "ic08": 256, "ic14": 512, "ic09": 512,
    "ic10": 1024,
}  # fmt: skip
"""Apple's name of each image, and its edge in pixels; some are those of displays with two pixels a point. The oldest
names, of 16 and 32 pixels, are left out: macOS draws PNG images under them wrongly, and scales the others well."""


def icns(images: Mapping[int, bytes]) -> bytes:
    """The file. images: PNG data by edge in pixels, one for each size in TYPES. Raises BuildError for others."""
    if any(not image.startswith(b"\x89PNG\r\n\x1a\n") for image in images.values()):
        raise BuildError("An icon is made of PNG images.")
    parts = [_HEAD.pack(kind.encode(), _HEAD.size + len(images[edge])) + images[edge] for kind, edge in TYPES.items()]
    body = b"".join(parts)
    return _HEAD.pack(b"icns", _HEAD.size + len(body)) + body


def write_icns(drawing: Path, path: Path) -> Path:
    """Draw the icon in all sizes. Raises BuildError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(icns({edge: png_of(drawing, edge) for edge in sorted(set(TYPES.values()))}))
    return path


def png_of(drawing: Path, edge: int) -> bytes:
    """An SVG drawing as PNG of so many pixels. Raises BuildError."""
    try:
        from PySide6.QtCore import QBuffer, QIODevice, Qt  # noqa: PLC0415 - only this step needs Qt
        from PySide6.QtGui import QImage, QPainter  # noqa: PLC0415
        from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415
    except ImportError as error:
        raise BuildError(f"Qt cannot be loaded to draw the icons ({error}).") from error
    renderer = QSvgRenderer(str(drawing))
    if not renderer.isValid():
        raise BuildError(f"{drawing} is no drawing.")
    image = QImage(edge, edge, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise BuildError("Qt cannot write PNG here.")
    return bytes(buffer.data().data())
