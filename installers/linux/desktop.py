"""What a Linux desktop shows of an installed program: its entry in the menu, its links, its icon."""

from pathlib import Path

from installers.common.errors import BuildError

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
ENTRY = Path(__file__).parent / "hivelet.desktop"


def write_entry(path: Path, command: str, actions: str = "") -> None:
    """The menu's entry. command: the program's absolute path; its `@APP@` is replaced by the installation.
    actions: what else the entry offers, as lines of the file."""
    text = ENTRY.read_text(encoding="utf-8").replace("@COMMAND@", command)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + actions, encoding="utf-8", newline="\n")


def write_icons(root: Path, folder: Path) -> None:
    """The icon as hicolor wants it: scalable and in the usual sizes. Raises BuildError."""
    try:
        from PySide6.QtCore import Qt  # noqa: PLC0415 - only this step needs Qt
        from PySide6.QtGui import QImage, QPainter  # noqa: PLC0415
        from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415
    except ImportError as error:
        raise BuildError(f"Qt cannot be loaded to draw the icons ({error}).") from error
    source = root / "resources" / "icons" / "hivelet.svg"
    renderer = QSvgRenderer(str(source))
    if not renderer.isValid():
        raise BuildError(f"{source} is no drawing.")
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        path = folder / f"{size}x{size}" / "apps" / "hivelet.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not image.save(str(path)):
            raise BuildError(f"{path} cannot be written.")
    scalable = folder / "scalable" / "apps" / "hivelet.svg"
    scalable.parent.mkdir(parents=True, exist_ok=True)
    scalable.write_bytes(source.read_bytes())
