"""The icons of resources/icons as Qt icons, in the colour that the surroundings ask for."""

from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

TRAY_SIZES = (16, 22, 24, 32, 48, 64)
APPLICATION_SIZES = (16, 24, 32, 48, 64, 128, 256)


def pixmap(name: str, size: int, colour: str = "#000000", ratio: float = 1.0) -> QPixmap:
    """One icon. size: in device-independent pixels; colour: for the parts drawn in `currentColor`."""
    source = files("resources").joinpath("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
    result = QPixmap(round(size * ratio), round(size * ratio))
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(result.rect()))
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result


def icon(name: str, sizes: tuple[int, ...], colour: str = "#000000") -> QIcon:
    """An icon with a picture for each size."""
    result = QIcon()
    for size in sizes:
        result.addPixmap(pixmap(name, size, colour))
    return result
