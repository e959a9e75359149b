"""A card with the version, the build and what they run on, to read and to copy."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout

from app.translation import translate
from app.views.widgets import Card, button, label, row


class AboutCard(Card):
    """copied(text)."""

    copied = Signal(str)

    def __init__(self) -> None:
        self._lines: tuple[tuple[str, str], ...] = ()
        self.copy = button(translate("About", "Copy"), "", lambda: self.copied.emit(self.text()))
        self.copy.setAccessibleName(translate("About", "Copy version and build"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setColumnStretch(1, 1)
        super().__init__(row(label(translate("About", "About Hivelet"), "heading"), None, self.copy), self._grid)
        self.hide()

    def text(self) -> str:
        """What is copied."""
        return "\n".join(f"{what}: {which}" for what, which in self._lines)

    def show_lines(self, lines: tuple[tuple[str, str], ...]) -> None:
        """Show these, and nothing where there is none."""
        if lines == self._lines:
            return
        self._lines = lines
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for place, (what, which) in enumerate(lines):
            self._grid.addWidget(label(what, "dim"), place, 0)
            self._grid.addWidget(label(which, wrap=True), place, 1)
        self.setVisible(bool(lines))
