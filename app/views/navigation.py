"""The side navigation: brand, pages, and two lines about the swarm."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QPushButton

from app.icons import pixmap
from app.translation import translate
from app.views.widgets import button, column, label, row

BRAND_SIZE = 26


def page_title(name: str) -> str:
    """The words for a page's name."""
    return {
        "Overview": translate("Pages", "Overview"),
        "Experts": translate("Pages", "Experts"),
        "Network": translate("Pages", "Network"),
        "Projects": translate("Pages", "Projects"),
        "Try it": translate("Pages", "Try it"),
        "Activity": translate("Pages", "Activity"),
        "Preferences": translate("Pages", "Preferences"),
        "Trust": translate("Pages", "Trust"),
        "Log": translate("Pages", "Log"),
    }.get(name, name)


class Navigation(QFrame):
    """chosen(index of the page). Arrow keys move, as in a list."""

    chosen = Signal(int)

    def __init__(self, pages: Sequence[str]) -> None:
        super().__init__()
        self.setObjectName("navigation")
        self.setAccessibleName(translate("Pages", "Pages"))
        self._group = QButtonGroup(self)
        self._buttons: list[QPushButton] = []
        picture = QLabel()
        picture.setPixmap(pixmap("hivelet", BRAND_SIZE, ratio=self.devicePixelRatioF()))
        brand = label("Hivelet")
        brand.setObjectName("brand")
        line = QFrame()
        line.setObjectName("footerLine")
        self.footer = label(wrap=True)
        self.footer.setObjectName("footer")
        self.footer.setContentsMargins(12, 8, 12, 0)
        head = row(picture, brand, None, spacing=10)
        head.setContentsMargins(11, 0, 10, 14)
        layout = column(head, spacing=2)
        layout.setContentsMargins(12, 20, 12, 18)
        for index, name in enumerate(pages):
            part = button(page_title(name), "nav")
            part.setCheckable(True)
            part.installEventFilter(self)
            part.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            part.setToolTip(f"Ctrl+{index + 1}")
            part.clicked.connect(lambda _checked=False, index=index: self.chosen.emit(index))
            self._group.addButton(part)
            self._buttons.append(part)
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addWidget(line)
        layout.addWidget(self.footer)
        self.setLayout(layout)

    def choose(self, index: int) -> None:
        """Show this page as the present one."""
        self._buttons[index].setChecked(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys, before the buttons themselves make something else of them."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and watched in self._buttons:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                target = self._buttons[(self._buttons.index(watched) + step) % len(self._buttons)]
                target.setFocus(Qt.FocusReason.TabFocusReason)
                target.click()
                return True
        return super().eventFilter(watched, event)
