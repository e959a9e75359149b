import pytest

from app import __main__ as entry
from app.__main__ import WindowArguments


@pytest.fixture(autouse=True)
def no_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HIVELET_LOOPBACK", raising=False)


@pytest.mark.parametrize(
    ("arguments", "parsed"),
    [
        ([], WindowArguments()),
        (["--home", "/x"], WindowArguments("/x")),
        (["--home=/x", "--loopback"], WindowArguments("/x", loopback=True)),
        (["--attach-only", "--home", "/x"], WindowArguments("/x", attach_only=True)),
        (["hivelet://join?project=1"], WindowArguments(link="hivelet://join?project=1")),
        (["HIVELET:nonsense", "--home", "/x"], WindowArguments("/x", link="HIVELET:nonsense")),
        (["hivelet:a", "hivelet:b"], None),
        (["status"], None),
        (["--home", "/x", "status"], None),
        (["--help"], None),
        (["--version"], None),
        (["--nonsense"], None),
        (["--home"], None),
        (["--home="], None),
    ],
)
def test_what_opens_the_window_and_what_is_a_command(arguments: list[str], parsed: object) -> None:
    assert entry.parse_window(arguments) == parsed


def test_the_environment_may_say_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIVELET_LOOPBACK", "1")
    assert entry.parse_window([]) == WindowArguments(loopback=True)


def test_commands_go_to_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []

    def command_line(argv: list[str]) -> int:
        given.append(argv)
        return 7

    monkeypatch.setattr("core.cli.main", command_line)
    assert entry.main(["status", "--json"]) == 7
    assert given == [["status", "--json"]]


def test_without_a_display_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert entry.main([]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    for command in ("hivelet engine", "hivelet status", "hivelet demo --headless"):
        assert command in err
