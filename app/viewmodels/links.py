"""What a `hivelet:` link from somewhere else must look like before anybody is asked. Core reads it properly."""

from app.formatting import plain
from app.translation import translate

MOST_CHARACTERS = 2000
_JOIN = "hivelet://join?"


def problem(link: str) -> str:
    """Why this cannot be a link to a project, in one sentence; "" when it may be one."""
    if len(link) > MOST_CHARACTERS:
        return translate("Links", "This link is too long to be one of Hivelet's; nothing was opened.")
    if not link.startswith(_JOIN):
        words = translate("Links", "“{link}” is no link to a project; those begin with {start}")
        return words.format(link=plain(link, 60), start=_JOIN)
    return ""
