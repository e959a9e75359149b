"""Text from elsewhere, made safe to show."""

import unicodedata


def plain(text: str, limit: int = 400) -> str:
    """Text from elsewhere, safe on one line: no control, hidden or direction-changing characters, not endless."""
    kept = text[: limit + 1]
    if not kept.isprintable():  # then it has characters that are replaced, or other kinds of blank
        kept = "".join(map(_visible, kept))
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def _visible(character: str) -> str:
    if character in "\n\t\r":
        return " "
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character
