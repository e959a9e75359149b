"""Projects to join or leave: what is said about one before anybody says yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from app.formatting import count, number, plain, size
from app.translation import translate

MOST_PROJECTS = 100
MOST_CHARS = 4096


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """One project in words. what: by which it is joined; facts: (name, words) that are read before joining."""

    what: str
    project_id: str
    title: str
    publisher: str
    signed: bool
    facts: tuple[tuple[str, str], ...]
    joined: bool
    current: bool
    built_in: bool

    @property
    def state(self) -> str:
        """Where it stands on this computer."""
        if self.current:
            return translate("Joining", "at work now")
        if self.joined:
            return translate("Joining", "joined")
        return translate("Joining", "comes with Hivelet") if self.built_in else ""


def cards_of(answer: dict[str, Any]) -> tuple[ProjectCard, ...]:
    """The projects in an answer to `projects`. Raises KeyError, TypeError or ValueError when it is none."""
    return tuple(card_of(project, str(project["name"])) for project in answer["projects"][:MOST_PROJECTS])


def card_of(project: dict[str, Any], what: str) -> ProjectCard:
    """One PROJECT of `core.control.commands`, safe to show. Raises KeyError, TypeError or ValueError."""
    layers = project["layers"]
    memory = max((int(layer["expert_memory_bytes"]) for layer in layers), default=0)
    signed, built_in = bool(project["signed"]), bool(project["built_in"])
    key = plain(str(project["publisher_key"]), 64)
    publisher = plain(str(project["publisher"]), 120) or translate("Joining", "nobody named")
    if signed:
        proof = translate("Joining", "{publisher}, signed with key {key}").format(publisher=publisher, key=key[:16])
    elif built_in:
        proof = translate("Joining", "{publisher}, comes with Hivelet").format(publisher=publisher)
    else:
        proof = translate("Joining", "{publisher}, not signed").format(publisher=publisher)
    facts: tuple[tuple[str, str], ...] = (
        (translate("Joining", "Publisher"), proof),
        (translate("Joining", "Licence"), plain(str(project["licence"]), 200) or translate("Joining", "none stated")),
        (translate("Joining", "Data and purpose"), plain(" ".join(str(project["description"]).split()), 600)
         or translate("Joining", "not described")),
        (translate("Joining", "Size"), translate("Joining", "{experts}, {numbers} numbers; one takes {memory}").format(
            experts=count(int(project["experts"]), "expert"), numbers=number(int(project["expert_parameters"])),
            memory=size(memory))),
        (translate("Joining", "Known peers"), _peers(project["bootstrap"])),
        (translate("Joining", "Project id"), plain(str(project["project_id"]), 64)),
    )  # fmt: skip
    if project.get("too_new"):
        needed = translate("Joining", "{version} or newer; this computer waits until Hivelet is updated")
        words = needed.format(version=plain(str(project.get("min_version", "")), 20))
        facts = ((translate("Joining", "Needs Hivelet"), words), *facts)
    return ProjectCard(
        what=what,
        project_id=str(project["project_id"])[:64],
        title=plain(str(project["title"]), 120) or plain(str(project["name"]), 60),
        publisher=publisher,
        signed=signed,
        facts=facts,
        joined=bool(project["joined"]),
        current=bool(project["current"]),
        built_in=built_in,
    )


def dropped(urls: Sequence[str], text: str) -> str:
    """What somebody dropped: a file's path or a join link; "" when it is neither, or too long."""
    for url in (*urls, text.strip()):
        if not url or len(url) > MOST_CHARS or "\n" in url:
            continue
        try:
            scheme = urlsplit(url).scheme.lower()
        except ValueError:
            continue
        if scheme == "hivelet":
            return url
        if scheme == "file":
            return _local_path(url)
        if url.endswith(".toml") and scheme in ("", *"abcdefghijklmnopqrstuvwxyz"):  # a drive's letter looks like one
            return url
    return ""


def _local_path(url: str) -> str:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        return ""  # a share on some other computer is not opened by a drop
    path = unquote(parts.path)
    return path[1:] if len(path) > 2 and path[2] == ":" else path


def _peers(addresses: Sequence[Any]) -> str:
    if not addresses:
        return translate("Joining", "none yet; this computer looks for the swarm by itself")
    shown = [plain(str(address), 80) for address in addresses[:3]]
    more = f" +{len(addresses) - 3}" if len(addresses) > 3 else ""
    return ", ".join(shown) + more
