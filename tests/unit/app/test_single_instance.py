from pathlib import Path

from pytestqt.qtbot import QtBot

from app.single_instance import MOST_BYTES, SingleInstance, ask_to_leave, raise_other, server_name
from core.paths import Home


def test_the_second_start_raises_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    raised: list[str] = []
    name = server_name(Home(tmp_path), attach_only=False)
    assert not raise_other(name)
    first = SingleInstance(name, raised.append, lambda: raised.append("left"))
    assert raise_other(name)
    qtbot.waitUntil(lambda: raised == [""], timeout=3000)
    assert raise_other(name, "hivelet://join?project=ä")
    qtbot.waitUntil(lambda: raised[1:] == ["hivelet://join?project=ä"], timeout=3000)
    assert raise_other(name, "hivelet:" + "x" * 100_000)
    qtbot.waitUntil(lambda: len(raised) == 3, timeout=3000)
    assert len(raised[2]) < MOST_BYTES
    assert ask_to_leave(name)
    qtbot.waitUntil(lambda: raised[3:] == ["left"], timeout=3000)
    first.close()
    assert not raise_other(name)
    assert not ask_to_leave(name)


def test_another_home_is_another_window(tmp_path: Path) -> None:
    names = {server_name(Home(tmp_path / home), attached) for home in ("a", "b") for attached in (True, False)}
    assert len(names) == 4
    assert max(map(len, names)) < 60
