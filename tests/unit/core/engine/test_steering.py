"""Commands from the control socket, one by one, on an engine that only remembers them."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.control.commands import COMMANDS, Command
from core.control.snapshot import EngineSnapshot
from core.engine.steering import Steering
from core.errors import ControlError, PreferenceError
from core.host.sensing.senses import DetectorView
from core.paths import Home
from core.preferences_file import Preferences
from core.projects.manifest import builtin
from core.projects.registry import JoinedProject
from core.training.evaluation import Evaluation


class FakeWriter:
    """Remembers nothing."""

    def start(self, prompt: str, length: int) -> int:
        return length

    def read(self, number: int, after: int) -> dict[str, Any]:
        return {"pieces": [], "done": True, "problem": ""}

    def stop(self, number: int) -> None:
        pass


class FakeWork:
    def __init__(self) -> None:
        self.writer = FakeWriter()

    async def evaluate(self, deadline: float) -> Evaluation:
        return Evaluation("accuracy", 0.9, 0.1, 100)

    async def generate(self, prompt: str, length: int) -> str:
        return prompt[::-1][:length]

    def trunk_digest(self) -> dict[str, Any]:
        return {"digest": "00", "norm": 1.0, "vector_sample": [1.0]}


class FakeSurroundings:
    activity = SimpleNamespace(rows=lambda span: [[span]])
    trust = SimpleNamespace(rows=lambda: [{"peer": "ab"}])
    energy = SimpleNamespace(source=SimpleNamespace(sentence="Estimated."))
    senses = SimpleNamespace(views=lambda: [DetectorView("idle", "Whether", True, "idle for 3 s", "X11 tells.")])

    async def simulate(self, now: Preferences, then: Preferences) -> dict[str, Any]:
        return {"now": now.get("cpu_percent"), "then": then.get("cpu_percent")}


class FakeEngine:
    def __init__(self) -> None:
        self.done: list[Any] = []
        self.work: FakeWork | None = FakeWork()
        self.history = SimpleNamespace(since=lambda t: [[t]])
        self.log_buffer = SimpleNamespace(after=lambda number, limit: [[number, limit]])
        self.preferences = Preferences()
        self.surroundings = FakeSurroundings()
        self.updates = SimpleNamespace(publish=lambda record: "1.2.3")
        self.home: Any = None
        self.project: Any = None

    def project_names(self) -> dict[str, str]:
        return {"00": "Text"}

    def snapshot(self) -> EngineSnapshot:
        return EngineSnapshot("1", 1, "ab", "/home", 0.0, 0.0, "working")

    def pause(self, seconds: float | None) -> None:
        if seconds is not None and seconds <= 0:
            raise ValueError("too short")
        self.done.append(("pause", seconds))

    def resume(self) -> None:
        self.done.append("resume")

    def finish(self) -> None:
        self.done.append("finish")

    def quit(self) -> None:
        self.done.append("quit")

    def change_preferences(self, values: dict[str, Any]) -> None:
        self.done.append(values)


def ask(engine: FakeEngine, name: str, **arguments: Any) -> Any:
    return asyncio.run(Steering(engine).handle(Command.parse(name, arguments)))  # type: ignore[arg-type]


def test_what_changes_the_engine_is_passed_on() -> None:
    engine = FakeEngine()
    for name, arguments in (("pause", {"seconds": 60.0}), ("pause", {"seconds": None}), ("resume", {}), ("quit", {})):
        assert ask(engine, name, **arguments) == {}
    ask(engine, "finish")
    ask(engine, "budget", share=0.305)
    ask(engine, "preferences_set", values={"train": False})
    assert engine.done == [
        ("pause", 60.0), ("pause", None), "resume", "quit", "finish",
        {"cpu_percent": 30, "cpu_percent_in_use": 15}, {"train": False},
    ]  # fmt: skip


def test_what_is_asked_is_answered() -> None:
    engine = FakeEngine()
    assert ask(engine, "status")["state"] == "working"
    assert ask(engine, "history", since=3.0) == {"points": [[3.0]]}
    assert ask(engine, "log", after=5, limit=10**9) == {"lines": [[5, 1000]]}
    assert ask(engine, "preferences_get")["values"]["threads"] == 0
    assert ask(engine, "evaluate") == {"metric": "accuracy", "value": 0.9, "baseline": 0.1}
    assert ask(engine, "generate", prompt="abc", length=2) == {"text": "cb"}
    assert ask(engine, "debug_trunk")["norm"] == 1.0


def test_the_past_and_the_surroundings_are_answered() -> None:
    engine = FakeEngine()
    assert ask(engine, "activity", span="week")["rows"] == [["week"]]
    assert ask(engine, "trust") == {"rows": [{"peer": "ab"}], "projects": {"00": "Text"}}
    assert ask(engine, "detectors")["detectors"][0]["reading"] == "idle for 3 s"
    assert ask(engine, "preferences_simulate", values={"cpu_percent": 80}) == {"now": 50, "then": 80}
    with pytest.raises(ControlError, match="day, week, month, all"):
        ask(engine, "activity", span="year")


def test_preferences_travel_as_a_file() -> None:
    engine = FakeEngine()
    engine.preferences.set("cpu_percent", 33)
    text = ask(engine, "preferences_export")["text"]
    assert ask(engine, "preferences_import", text=text)["values"]["cpu_percent"] == 33
    assert engine.done[-1]["cpu_percent"] == 33
    assert ask(engine, "preferences_import", text="nonsense = 1")["problems"]
    with pytest.raises(PreferenceError, match="no file of preferences"):
        ask(engine, "preferences_import", text="cpu_percent =")


def test_every_command_of_the_table_is_served(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.home, engine.project = Home(tmp_path).create(), JoinedProject(builtin("text"))
    examples = {
        "since": 0.0, "after": 0, "limit": 1, "seconds": 1.0, "share": 0.5, "values": {}, "prompt": "a", "length": 1,
        "span": "day", "text": "", "id": 1, "record": "00",
        "what": "digits", "project_id": builtin("digits").project_id.hex(),
    }  # fmt: skip
    for name, arguments in COMMANDS.items():
        assert isinstance(ask(engine, name, **{key: examples[key] for key in arguments}), dict)


@pytest.mark.parametrize(
    ("full", "used", "share", "expected"), [(50, 50, 0.7, 70), (100, 0, 0.7, 0), (0, 40, 0.6, 60), (10, 100, 1.0, 100)]
)
def test_the_level_in_use_follows_the_budget(full: int, used: int, share: float, expected: int) -> None:
    engine = FakeEngine()
    engine.preferences.update({"cpu_percent": full, "cpu_percent_in_use": used})
    ask(engine, "budget", share=share)
    assert engine.done == [{"cpu_percent": round(share * 100), "cpu_percent_in_use": expected}]


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_budgets_out_of_range_are_refused(share: float) -> None:
    with pytest.raises(ControlError, match="from 0 to 1"):
        ask(FakeEngine(), "budget", share=share)


def test_a_pause_of_no_length_is_refused() -> None:
    with pytest.raises(ControlError, match="length"):
        ask(FakeEngine(), "pause", seconds=0)


def test_before_the_project_is_loaded_its_commands_are_refused() -> None:
    engine = FakeEngine()
    engine.work = None
    with pytest.raises(ControlError, match="still starting"):
        ask(engine, "evaluate")
