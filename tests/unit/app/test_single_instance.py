from pathlib import Path

from pytestqt.qtbot import QtBot

from app.single_instance import SingleInstance, raise_other, server_name
from core.paths import Home


def test_the_second_start_raises_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    raised: list[bool] = []
    name = server_name(Home(tmp_path), attach_only=False)
    assert not raise_other(name)
    first = SingleInstance(name, lambda: raised.append(True))
    assert raise_other(name)
    qtbot.waitUntil(lambda: raised == [True], timeout=3000)
    first.close()
    assert not raise_other(name)


def test_another_home_is_another_window(tmp_path: Path) -> None:
    names = {server_name(Home(tmp_path / home), attached) for home in ("a", "b") for attached in (True, False)}
    assert len(names) == 4
    assert max(map(len, names)) < 60
