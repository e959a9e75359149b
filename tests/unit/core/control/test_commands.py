"""The closed table of commands."""

import pytest

from core.control.commands import COMMANDS, DEADLINES_S, UNTIL_RESTART, Command


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("status", {}),
        ("pause", {"seconds": None}),
        ("pause", {"seconds": UNTIL_RESTART}),
        ("pause", {"seconds": 60}),
        ("budget", {"share": 0.5}),
        ("preferences_set", {"values": {"theme": "dark"}}),
    ],
)
def test_good_commands(name, arguments):
    assert Command.parse(name, arguments) == Command(name, arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("nothing", {}),
        (None, {}),
        (["status"], {}),
        ("status", None),
        ("status", []),
        ("status", {"more": 1}),
        ("budget", {}),
        ("budget", {"share": True}),
        ("budget", {"share": "0.5"}),
        ("budget", {"share": None}),
        ("budget", {"share": float("nan")}),
        ("pause", {"seconds": float("inf")}),
        ("log", {"after": 0.5, "limit": 1}),
        ("generate", {"prompt": b"x", "length": 1}),
    ],
)
def test_bad_commands(name, arguments):
    with pytest.raises(ValueError, match=r"\.$"):
        Command.parse(name, arguments)


def test_deadlines_belong_to_commands():
    assert DEADLINES_S.keys() <= COMMANDS.keys()
