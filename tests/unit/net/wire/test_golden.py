"""The bytes on the wire, as docs/protocol.md promises them: a change here is a change of the protocol.

`python tests/unit/net/wire/test_golden.py` writes the file anew, for a new protocol version.
"""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from net.addresses import Contact
from net.identity import Identity, contact_bytes, sign_contact
from net.wire import limits
from net.wire import messages as m
from net.wire import nat_messages as n
from net.wire.codec import decode, encode
from net.wire.envelope import Envelope, Kind, pack, unpack
from net.wire.table import PARTS, TABLE

GOLDEN = Path(__file__).with_name("golden.json")
PROTOCOL = Path(__file__).parents[4] / "docs" / "protocol.md"

KEY = bytes(range(32))
CONTACT = sign_contact(
    Identity(KEY),
    curve_key=bytes(range(100, 132)),
    control="tcp://127.0.0.1:4243",
    bulk="tcp://[::1]:4244",
    expires=1_800_000_000.5,
)
RECORD = m.Record(KEY, b"17", CONTACT.public_key, 2**40 + 3, 1_800_000_060.0, b"value", bytes(64))
HEADER = m.TensorHeader((8, 512), "float32", "none", 16384)
CALL = m.ExpertCall("ffn0.3.17", (HEADER, HEADER))
RESULT = m.ExpertResult("ffn0.3.17", 0, "", (HEADER,), ticket=KEY[:16])

EXAMPLES: tuple[m.Message, ...] = (
    m.Introduce(1, "hivelet", KEY[:16]),
    m.Introduction(1, CONTACT, bytes(64)),
    m.Hello(1, "hivelet", CONTACT),
    m.Welcome(1, CONTACT, "tcp://127.0.0.1:0", 1_800_000_000.25),
    m.Failure(m.FailureCode.BUSY, "Too many requests at once.", 0.5),
    m.Ping(),
    m.Pong(1_800_000_000.25, b"t" * 16),
    m.FindNode(KEY),
    m.Nodes((CONTACT,), b"token"),
    m.FindValue((KEY, KEY), b"", b""),
    m.Values((m.Found(KEY, (RECORD,), more=True, contacts=(CONTACT,)),), b"token"),
    m.Store(b"token", (RECORD,)),
    m.Stored(("", "Too old."), b"t" * 16),
    m.ExpertForward(KEY, (CALL,), keep=True),
    m.ExpertBackward(KEY, (CALL, m.ExpertCall("ffn0.3.17", (HEADER,), KEY[:16]))),
    m.ExpertResults((RESULT, m.ExpertResult("ffn0.3.18", 7, "Later.", (), 0.5))),
    m.ExpertDescribe(KEY, "ffn0.3.17"),
    m.ExpertDescription((m.TensorKind((128, 64), "float32"),), (m.TensorKind((), "bool", "mask"),), 4096),
    m.TrunkFetch(KEY),
    m.TrunkExchange(KEY, 300, (HEADER,)),
    m.TrunkState(301, (HEADER,)),
    n.DialBack(KEY[:16], CONTACT),
    n.DialBackResult(n.DialBackCode.NOT_REACHED),
    n.Knock(KEY[:16]),
    n.Knocked(),
    n.Reserve("hivelet", CONTACT),
    n.Reserved(600.0, 2**30),
    n.OpenCircuit(KEY, b"first"),
    n.CircuitOpened(b"answer"),
    n.CloseCircuit(m.FailureCode.NOT_FOUND, "Nobody of that key is reachable through this relay."),
    n.Reverse(CONTACT.routes[0], KEY[:16]),
    n.Reversed(KEY[:16]),
)
FRAMES = {
    "request with payload": pack(Envelope(Kind.REQUEST, 32, 7, 2500, (16384, 0)), encode(EXAMPLES[13])),
    "request with attached payload": pack(Envelope(Kind.REQUEST, 32, 7, 2500, (3,)), encode(EXAMPLES[13]), [b"abc"]),
    "failure": pack(Envelope(Kind.FAILURE, 5, 7), encode(EXAMPLES[4])),
    "chunk": pack(Envelope(Kind.CHUNK, 0, 7, 3)),
    "credit": pack(Envelope(Kind.CREDIT, 0, 7, 21)),
    "cancel": pack(Envelope(Kind.CANCEL, 0, 7)),
    "relay": pack(Envelope(Kind.RELAY, 78, 7), encode(EXAMPLES[-1])),
    "piece": pack(Envelope(Kind.PIECE, 0, 7)),
    "grant": pack(Envelope(Kind.GRANT, 0, 7, 131072)),
    "signed bytes of a contact": contact_bytes(CONTACT),
}


def golden() -> dict[str, dict[str, str]]:
    """What the file should hold."""
    return {
        "bodies": {type(message).__name__: encode(message).hex() for message in EXAMPLES},
        "frames": {name: frame.hex() for name, frame in FRAMES.items()},
    }


def test_every_message_of_the_table_has_an_example() -> None:
    assert {type(message) for message in EXAMPLES} == set(TABLE.values())


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
def test_messages_are_the_golden_bytes(message: m.Message) -> None:
    expected = bytes.fromhex(json.loads(GOLDEN.read_text())["bodies"][type(message).__name__])
    assert encode(message) == expected
    assert decode(message.CODE, expected) == message


@pytest.mark.parametrize("name", FRAMES)
def test_frames_are_the_golden_bytes(name: str) -> None:
    assert FRAMES[name].hex() == json.loads(GOLDEN.read_text())["frames"][name]


def test_the_documented_header_is_what_is_packed() -> None:
    frame = FRAMES["request with payload"]
    assert frame[:26].hex(" ") == "01 01 00 20 00 00 00 00 00 00 00 07 00 00 09 c4 00 02 00 00 40 00 00 00 00 00"
    assert frame[:26].hex(" ") in PROTOCOL.read_text()
    assert unpack(frame)[0] == Envelope(Kind.REQUEST, 32, 7, 2500, (16384, 0))
    attached = FRAMES["request with attached payload"]
    assert attached[:22].hex(" ") == "01 01 00 20 00 00 00 00 00 00 00 07 00 00 09 c4 80 01 00 00 00 03"
    assert attached[:22].hex(" ") in PROTOCOL.read_text()
    assert attached.endswith(b"abc")


# --- the document names everything that there is ----------------------------------------------------------------


def documented(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading of docs/protocol.md, as lists of cells without backquotes."""
    text = PROTOCOL.read_text()
    assert f"\n### {heading}\n" in text, heading
    section = text.split(f"\n### {heading}\n")[1].split("\n#")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split("|")] for row in rows]


def bound_of(hint: Any) -> str:
    """How the document writes a field's type and bound."""
    kind, *bounds = get_args(hint) if hasattr(hint, "__metadata__") else (hint,)
    if hasattr(kind, "__args__"):
        (item, _) = get_args(kind)
        name = f"array of {bound_of(item)}"
    else:
        name = {bytes: "bytes", str: "text", int: "int", float: "float", bool: "bool"}.get(kind, kind.__name__)
    for bound in bounds:
        if isinstance(bound, limits.Max):
            name += f", ≤ {bound.count}"
        elif isinstance(bound, limits.Exactly):
            name += f", = {bound.count}"
        elif isinstance(bound, limits.Between):
            name += f", {number(bound.low)} … {number(bound.high)}"
    return name


def number(value: float) -> str:
    powers = {2**62: "2^62", 2**31: "2^31"}
    return powers.get(int(value), str(int(value)))


@pytest.mark.parametrize("cls", [*TABLE.values(), *PARTS], ids=lambda cls: cls.__name__)
def test_every_field_and_bound_is_documented(cls: Any) -> None:
    heading = f"{cls.CODE} {cls.__name__}" if issubclass(cls, m.Message) else cls.__name__
    hints = get_type_hints(cls, include_extras=True)
    expected = [[field.name, bound_of(hints[field.name])] for field in dataclasses.fields(cls)]
    assert [row[:2] for row in documented(heading)] == expected


def test_planes_codes_and_kinds_are_documented() -> None:
    rows = {row[0]: row for row in documented("Messages")}
    assert {name: (row[1], row[2]) for name, row in rows.items()} == {
        cls.__name__: (str(cls.CODE), "introduction" if cls.CODE < 3 else cls.PLANE.name.lower())
        for cls in TABLE.values()
    }
    assert [row[:2] for row in documented("Failure codes")] == [[str(int(code)), code.name] for code in m.FailureCode]
    assert [row[:2] for row in documented("Kinds")] == [[str(int(kind)), kind.name] for kind in Kind]


def test_every_limit_is_documented_with_its_value() -> None:
    rows = {row[0]: float(row[1].replace(" ", "")) for row in documented("Limits")}
    names = [name for name in vars(limits) if re.fullmatch(r"[A-Z][A-Z_]+", name) and name not in {"KIB", "MIB"}]
    assert rows == {name: float(getattr(limits, name)) for name in names}


def test_the_version_is_documented() -> None:
    assert f"protocol version {m.PROTOCOL_VERSION}" in PROTOCOL.read_text().lower()


def test_a_contact_has_the_documented_signature() -> None:
    assert contact_bytes(CONTACT).startswith(b"hivelet-contact-1")
    assert isinstance(CONTACT, Contact)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(golden(), indent=1) + "\n")
