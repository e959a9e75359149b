"""The join link: what an organiser sends to volunteers, `hivelet://join?project=…&name=…&bootstrap=…`.

It names the project by its id and says where its swarm can be found. It carries no manifest: what it leads to is
believed only when its content hashes to that id.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from core.errors import ManifestError
from core.projects.manifest import NAME
from net.addresses import Endpoint
from net.errors import AddressError
from net.words import say

SCHEME = "hivelet"
MAX_LINK_CHARS = 2048
MAX_BOOTSTRAP = 8
_PEER_ID = "[0-9a-f]{64}"


@dataclass(frozen=True, slots=True)
class JoinLink:
    """project_id: 32 bytes; name: of the project, for people; bootstrap: `tcp://HOST:PORT`, each with or without the
    `#peer-id` that pins who must answer there."""

    project_id: bytes
    name: str
    bootstrap: tuple[str, ...] = ()

    def __str__(self) -> str:
        fields = [("project", self.project_id.hex()), ("name", self.name)]
        fields += [("bootstrap", address) for address in self.bootstrap]
        return f"{SCHEME}://join?{urlencode(fields, safe=':/[]')}"

    @classmethod
    def parse(cls, text: str) -> "JoinLink":
        """Read a link strictly. Raises ManifestError with one clear sentence."""
        if len(text) > MAX_LINK_CHARS:
            raise ManifestError(
                say("A join link has at most {most} characters; this one is longer.", most=MAX_LINK_CHARS)
            )
        try:
            parts = urlsplit(text.strip())
            fields = parse_qsl(parts.query, strict_parsing=True, max_num_fields=2 + MAX_BOOTSTRAP)
        except ValueError as error:
            raise ManifestError(_no_link(text)) from error
        if (parts.scheme, parts.netloc, parts.path, parts.fragment) != (SCHEME, "join", "", ""):
            raise ManifestError(_no_link(text))
        names = [name for name, _ in fields]
        if names.count("project") != 1 or names.count("name") != 1 or set(names) - {"project", "name", "bootstrap"}:
            raise ManifestError(say("A join link has one project, one name and bootstrap addresses, nothing else."))
        values = dict(fields)
        if not re.fullmatch(_PEER_ID, values["project"], re.ASCII) or not re.fullmatch(NAME, values["name"], re.ASCII):
            raise ManifestError(say("The join link is damaged: its project id or name cannot be read. Copy all of it."))
        bootstrap = tuple(check_bootstrap(value) for name, value in fields if name == "bootstrap")
        return cls(bytes.fromhex(values["project"]), values["name"], bootstrap)


def is_link(text: str) -> bool:
    """Whether this is meant as a join link."""
    return text.strip().lower().startswith(f"{SCHEME}:")


def _no_link(text: str) -> str:
    return say(
        "{text} is no join link; it begins with {start}", text=repr(text[:60]), start=f"{SCHEME}://join?project="
    )


def check_bootstrap(address: str) -> str:
    """Return the address, `tcp://HOST:PORT` or `tcp://HOST:PORT#PEER_ID`; raise ManifestError when it is none."""
    endpoint, sign, peer_id = address.partition("#")
    try:
        found = Endpoint.parse(endpoint)
    except AddressError as error:
        raise ManifestError(say("A bootstrap address cannot be used: {reason}", reason=str(error))) from error
    if found.port == 0 or (sign and not re.fullmatch(_PEER_ID, peer_id, re.ASCII)):
        raise ManifestError(
            say(
                "{address} is no bootstrap address; it needs a port, and a whole peer id after #.",
                address=repr(address[:80]),
            )
        )
    return address
