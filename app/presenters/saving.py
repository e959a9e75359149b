"""Writes a text where the volunteer said, and tells what became of it."""

from pathlib import Path

from app.translation import translate


def saved(path: str, text: str) -> str:
    """One sentence: where it was written, or why it could not be."""
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        words = translate("Log", "{file} could not be written: {reason}.")
        return words.format(file=path, reason=error.strerror or error)
    return translate("Log", "Written to {file}. Read it before you pass it on.").format(file=path)
