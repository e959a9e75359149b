"""Diagnostics for helpers: useful, and without keys, home folder or addresses."""

from pathlib import Path

import pytest

from core.control.diagnostics import diagnostics, redacted
from tests.support.snapshots import NOW, log_lines, snapshot

HOME = Path("/home/volunteer")
KEY = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"  # 40 letters, as CURVE keys are written


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Found a peer at tcp://192.168.1.40:41000.", "Found a peer at <address>"),
        ("12:30:01 INFO x: 10.0.0.7:4800 answered", "12:30:01 INFO x: <address> answered"),
        ("[2001:db8::7]:4800 and fe80::1", "<address> and <address>"),
        ("version 0.1.0 in 1.25 s, 5.5 of 10", "version 0.1.0 in 1.25 s, 5.5 of 10"),
        (f"peer {'7f3a9c' * 10}", "peer 7f3a9c7f…"),
        (f"key {KEY} end", "key <key> end"),
        ("password = hunter2", "password = <left out>"),
        ("/home/volunteer/.local/share/hivelet", "~/.local/share/hivelet"),
        ("a\u202eb", "a\ufffdb"),
    ],
)
def test_a_line_says_what_happened_and_not_to_whom(line: str, expected: str) -> None:
    assert redacted(line, [str(HOME)], addresses=False) == expected


def test_addresses_stay_where_they_were_chosen_and_keys_still_do_not() -> None:
    line = f"tcp://10.0.0.7:4800 {KEY}"
    assert redacted(line, [], addresses=True) == "tcp://10.0.0.7:4800 <key>"


@pytest.mark.parametrize("addresses", [False, True])
def test_the_whole_text_has_state_settings_and_log(addresses: bool) -> None:
    lines = [f"{line[2]} {line[3]}: {line[4]}" for line in log_lines()]
    text = diagnostics(snapshot(), {"cpu_percent": 50}, lines, addresses=addresses, now=NOW, home=HOME)
    for words in ('"state": "working"', "cpu_percent = 50", "Joined Reference text", '"cores": 16'):
        assert words in text
    assert "/home/volunteer" not in text
    assert "7f3a9c7f3a9c7f3a9c7f3a9c" not in text
    assert ("192.168.1." in text) is addresses


def test_without_an_engine_there_is_still_a_log() -> None:
    assert "it crashed" in diagnostics(None, {}, ["it crashed"], addresses=False, now=NOW)
