"""Sentences remember what they were made of, and stay ordinary texts."""

import copy
import json
from dataclasses import asdict

import msgpack
import pytest

from core.control.snapshot import Reason
from net.words import Words, glossary, say, sentence_of

NOON = 1_772_618_400.0


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{x}", "a program", "a program"),
        ("{x}", 3, "3"),
        ("{x:percent}", 0.344, "34 %"),
        ("{x:number}", 2.5, "2.5"),
        ("{x:number}", 15.0, "15"),
        ("{x:celsius}", 88.4, "88 °C"),
        ("{x:gigabytes}", 512_000_000, "0.5 GB"),
        ("{x:gigabytes}", 2e9, "2 GB"),
        ("{x:duration}", 7260.0, "2 hours"),
        ("{x:duration}", 40.0, "40 seconds"),
    ],
)
def test_each_kind_of_value_is_written(template: str, value: object, text: str) -> None:
    made = say(template, x=value)
    assert made == text
    assert (made.template, made.values) == (template, {"x": value})


def test_a_moment_names_its_day() -> None:
    assert say("until {at:clock}", at=(NOON + 86_400, NOON)).startswith("until tomorrow ")


def test_it_travels_like_any_text_and_is_found_in_what_travels() -> None:
    reason = Reason("x", say("the cause is {why}", why=say("heat")))
    tree = {"reasons": [asdict(reason)], "other": ("plain", 3, None)}
    assert glossary(tree) == {"the cause is heat": ("the cause is {why}", {"why": "heat"}), "heat": ("heat", {})}
    assert msgpack.unpackb(msgpack.packb(tree))["reasons"][0]["text"] == "the cause is heat"
    assert json.loads(json.dumps(tree))["reasons"][0]["text"] == "the cause is heat"
    assert isinstance(copy.deepcopy(reason).text, Words)


def test_an_error_keeps_the_template_of_its_sentence() -> None:
    assert isinstance(sentence_of(ValueError(say("{n} is too many", n=3))), Words)
    assert sentence_of(OSError(2, "No such file")) == "[Errno 2] No such file"


@pytest.mark.parametrize("template", ["{x:colour}", "{y}"])
def test_a_template_that_does_not_go_with_its_values_is_a_mistake(template: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        say(template, x=1)
