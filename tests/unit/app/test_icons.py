import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.icons import pixmap

STATES = ("working", "paused", "guarded", "offline", "error")


def shape(name: str) -> frozenset[tuple[int, int]]:
    """Which pixels are drawn at all."""
    image = pixmap(f"tray-{name}", 32, "#000000").toImage().convertToFormat(QImage.Format.Format_ARGB32)
    return frozenset((x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() > 100)


def test_tray_states_differ_by_shape_alone(qapp: QApplication) -> None:
    shapes = {name: shape(name) for name in STATES}
    for name, pixels in shapes.items():
        assert len(pixels) > 40, name
        for other, others in shapes.items():
            assert name == other or len(pixels ^ others) > 20, (name, other)


def test_the_colour_is_the_one_asked_for(qapp: QApplication) -> None:
    image = pixmap("tray-paused", 64, "#ff0000").toImage()
    colours = {
        image.pixelColor(x, y).name() for x in range(64) for y in range(64) if image.pixelColor(x, y).alpha() == 255
    }
    assert "#ff0000" in colours


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_sharp_at_any_scale(qapp: QApplication, ratio: float) -> None:
    assert pixmap("hivelet", 26, ratio=ratio).deviceIndependentSize().width() == 26
