"""Words in which people write durations and shares."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from core.cli.commands import app
from core.cli.options import seconds, share, spread
from core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90.0), ("15m", 900.0), ("15", 900.0), ("1h", 3600.0), ("1.5 h", 5400.0), ("2d", 172800.0)],
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


def test_tomorrow_is_within_two_days() -> None:
    assert 0 < seconds("tomorrow") <= 2 * 86400


@pytest.mark.parametrize("text", ["", "soon", "-1h", "0", "1e9d", "9999d", "1h30"])
def test_bad_durations_name_themselves_and_what_would_do(text: str) -> None:
    with pytest.raises(UsageError, match="for example 15m"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("50%", 0.5), ("50", 0.5), (" 12.5 % ", 0.125), ("0%", 0.0), ("100", 1.0)]
)
def test_shares(text: str, expected: float) -> None:
    assert share(text) == expected


@pytest.mark.parametrize("text", ["", "half", "-1", "101%", "nan", "inf"])
def test_bad_shares(text: str) -> None:
    with pytest.raises(UsageError, match="from 0% to 100%"):
        share(text)


def test_an_option_may_take_as_many_values_as_come() -> None:
    given = ["bench", "moe", "--grid", "4", "4", "2", "--hidden", "128", "--grid", "8", "--json"]
    spread_out = [
        "bench",
        "moe",
        "--grid",
        "4",
        "--grid",
        "4",
        "--grid",
        "2",
        "--hidden",
        "128",
        "--grid",
        "8",
        "--json",
    ]
    assert spread(given, {"--grid"}) == spread_out
    assert spread(["pause", "--for", "1h", "x"], {"--grid"}) == ["pause", "--for", "1h", "x"]


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below this one, itself included, with the words that lead to it."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


def test_defect_9_every_option_of_every_command_is_explained_and_stands_for_one_thing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Hivemind's defect 9 is, besides the client mode, an option of its command line that breaks the command."""
    found = dict(commands(typer.main.get_command(app)))
    assert len(found) > 20
    for path, command in found.items():
        with command.make_context("hivelet", [], resilient_parsing=True) as context:
            assert command.get_help(context) or capsys.readouterr().out, path
        spellings = [word for parameter in command.params for word in (*parameter.opts, *parameter.secondary_opts)]
        assert len(spellings) == len(set(spellings)), path
        options = [each for each in command.params if each.param_type_name == "option" and not each.hidden]
        assert command.hidden or all(each.help for each in options), path
