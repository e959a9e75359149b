"""Versions that can be compared: three numbers, and of this program perhaps what comes before a release."""

import re

Version = tuple[int, int, int, bool]
"""(major, minor, patch, whether it is the release itself rather than something before it): they compare as they are."""

MAX_CHARS = 17
PATTERN = r"(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})"
_BEFORE = ("a", "b", "rc", ".dev")


def parse_release(text: str) -> Version | None:
    """`1.20.3` and nothing else; None for every other text."""
    found = re.fullmatch(PATTERN, text) if len(text) <= MAX_CHARS else None
    return (int(found[1]), int(found[2]), int(found[3]), True) if found else None


def parse_own(text: str) -> Version | None:
    """Of this program, which may be a version before a release (`1.2.0rc1`, `1.2.0.dev4`) or a local one
    (`1.2.0+mine`); None where it is unknown."""
    found = re.match(PATTERN, text)
    rest = text[found.end() :] if found else ""
    if not found or rest[:1].isdigit():
        return None
    return (int(found[1]), int(found[2]), int(found[3]), not rest.startswith(_BEFORE))


def is_newer(release: str, own: str) -> bool:
    """Whether this release comes after this program; a program of unknown version is never said to be old."""
    theirs, ours = parse_release(release), parse_own(own)
    return theirs is not None and ours is not None and theirs > ours
