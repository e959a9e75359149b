"""A card that says that a newer Hivelet is there. It opens a page in the browser when it is asked to, and no more."""

from PySide6.QtCore import Qt, Signal

from app.viewmodels.update import UpdateCard
from app.views.widgets import Card, ElidedLabel, button, column, label, row


class UpdateNotice(Card):
    """opened(page) · put_away(version)."""

    opened = Signal(str)
    put_away = Signal(str)

    def __init__(self) -> None:
        super().__init__(margins=(20, 12))
        self._card: UpdateCard | None = None
        self.title = label(role="heading", wrap=True)
        self.notes = label(role="sub", wrap=True)
        self.page = ElidedLabel("dim")
        self.open = button(self.tr("Open the page"), "", lambda: self._tell(self.opened, "page"))
        self.open.setToolTip(self.tr("Opens the address beside in your browser. Hivelet itself downloads nothing."))
        self.later = button(self.tr("Not now"), "small", lambda: self._tell(self.put_away, "version"))
        buttons = row(self.open, self.later)
        line = row(spacing=16)
        line.addLayout(column(self.title, self.notes, self.page, spacing=4), 1)
        line.addLayout(buttons)
        line.setAlignment(buttons, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(line)
        self.hide()

    def show_card(self, card: UpdateCard | None) -> None:
        """Show this, or nothing."""
        if card != self._card:
            self._card = card
            if card is not None:
                self.title.setText(card.title)
                self.notes.setText(card.notes)
                self.notes.setVisible(bool(card.notes))
                self.page.show_text(card.page)
                self.page.setToolTip(card.page)
                self.open.setAccessibleName(f"{self.open.text()} {card.page}")
                self.setAccessibleName(card.title)
            self.setVisible(card is not None)

    def _tell(self, signal: object, field: str) -> None:
        if self._card is not None:
            signal.emit(getattr(self._card, field))  # type: ignore[attr-defined]
