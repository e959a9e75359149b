"""A newer Hivelet, in words: what it is called, what is new, and which page tells about it. Nothing is fetched."""

from dataclasses import dataclass

from app.formatting import plain
from app.translation import translate
from core.control.snapshot import EngineSnapshot

_HTTPS = "https://"
_MOST_NOTES, _MOST_LINES, _MOST_PAGE = 600, 8, 200


@dataclass(frozen=True, slots=True)
class UpdateCard:
    """notes: plain text, perhaps of several lines; page: the address that the button opens, shown as it is."""

    version: str
    title: str
    notes: str
    page: str


def update_card(snapshot: EngineSnapshot | None, put_away: str = "") -> UpdateCard | None:
    """Nothing where no newer version is known, or this one was put away. put_away: that version."""
    update = snapshot.update if snapshot is not None else None
    if update is None or not is_page(update.page) or update.version == put_away:
        return None
    words = translate("Update", "Hivelet {version} of {date} is there")
    if update.required:
        words = translate("Update", "This project needs a newer Hivelet: {version} of {date} is there")
    title = words.format(version=plain(update.version, 20), date=plain(update.date, 20))
    lines = [plain(line, _MOST_NOTES) for line in update.notes[:_MOST_NOTES].splitlines()[:_MOST_LINES]]
    return UpdateCard(update.version, title, "\n".join(lines).strip(), update.page)


def is_page(page: str) -> bool:
    """Whether a browser may be sent there: https, and nothing in the address that could look like something else."""
    rest = page.removeprefix(_HTTPS)
    return (
        page.startswith(_HTTPS)
        and len(page) <= _MOST_PAGE
        and page.isascii()
        and page.isprintable()
        and not set(rest.partition("/")[0]) & set("@:[]\\?#%")
        and not set(rest) & set(" \\\"<>'`{}|^")
        and "." in rest.partition("/")[0]
    )
