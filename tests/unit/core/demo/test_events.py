"""The demo's two ways of telling what happens."""

import io
import json

import pytest
from rich.console import Console

from core.demo.events import Events, JsonSink, RichSink

FINISHED = {
    "bits_per_byte": 2.9, "baseline": 4.7, "loss_first": 5.5, "loss_last": 2.0, "steps": 1200, "experts_alive": 31,
    "experts_total": 32, "largest_share": 0.25, "rpc_failures": 3, "rpc_calls": 9000,
}  # fmt: skip


def test_json_events_are_one_object_a_line_with_their_time(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([10.0, 12.5])
    Events(JsonSink(), lambda: next(times))("step", step=3, loss=1.5)
    assert json.loads(capsys.readouterr().out) == {"event": "step", "t": 2.5, "step": 3, "loss": 1.5}


def test_without_a_terminal_the_rich_view_prints_plain_lines() -> None:
    out = io.StringIO()
    events = Events(RichSink(Console(file=out, width=100)), lambda: 0.0)
    events("peer_killed", peer="peer2", experts=["ffn0.0.1"])
    events("evaluation", metric="bits_per_byte", value=3.2, baseline=4.7)
    events("finished", **FINISHED)
    text = out.getvalue()
    assert "peer2 killed; 1 experts lost their host" in text
    assert "held-out bits_per_byte 3.200 (trivial: 4.700)" in text
    assert "31 of 32" in text
    assert "\x1b" not in text


def test_words_from_elsewhere_cannot_rewrite_the_terminal() -> None:
    out = io.StringIO()
    Events(RichSink(Console(file=out, width=100)), lambda: 0.0)(
        "peer_died", peer="peer1", reason="\x1b[2Jgone \u202e[red]x[/]", experts=[]
    )
    assert "\x1b" not in out.getvalue()
    assert "\u202e" not in out.getvalue()
    assert "[red]x[/]" in out.getvalue()
