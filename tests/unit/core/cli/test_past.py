"""What was, on the command line, without an engine: activity, CSV, what left, what other settings would have done."""

import csv
import json
import time

import pytest
from typer.testing import CliRunner

from core.cli.commands import app
from core.cli.options import seconds
from core.errors import HiveletError
from core.host.signals import Signals
from core.ledger.activity import Activity, Look
from core.ledger.trust import TrustBook
from core.paths import Home


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path).create()
    now = time.time()
    activity = Activity(home.activity, lambda: now)
    battery = Signals(on_battery=True, battery_percent=80.0, idle_s=1e9)
    for second in range(1200):
        held = ("on_battery",) if second < 600 else ()
        activity.look(
            Look(
                now - 7200 + second, float(second), 0.0 if held else 0.5, 0.25, samples=10, flops=3.6e9, joules=3.6,
                sent=100, held=held, signals=battery if held else Signals(on_battery=False, idle_s=1e9),
            )
        )  # fmt: skip
    activity.close()
    book = TrustBook(home.trust, time.time)
    book.sent("0f" * 32, "ab" * 32, "trunk", 3, 4096)
    book.close()
    return home


@pytest.fixture
def run(home):
    def run(*arguments: str):
        done = CliRunner().invoke(app, [*arguments, *([] if "describe" in arguments else ["--home", str(home.root)])])
        if isinstance(done.exception, HiveletError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_activity(run):
    rows = json.loads(run("activity", "--span", "day", "--json"))
    samples = [row[rows["columns"].index("samples")] for row in rows["rows"]]
    assert sum(samples) == 12_000
    assert "on_battery" in run("activity")


def test_csv(run, tmp_path):
    lines = list(csv.DictReader(run("activity", "--csv").splitlines()))
    assert sum(int(line["samples"]) for line in lines) == 12_000
    assert any(line["held_seconds"].startswith("on_battery=") for line in lines)
    path = tmp_path / "activity.csv"
    run("activity", "--csv", "--output", str(path))
    assert len(path.read_text().splitlines()) == len(lines) + 1
    with pytest.raises(HiveletError, match="cannot be written"):
        run("activity", "--csv", "--output", str(tmp_path / "none" / "x.csv"))
    with pytest.raises(HiveletError, match="--csv"):
        run("activity", "--output", str(path))


def test_trust(run):
    (row,) = json.loads(run("trust", "--json"))["rows"]
    assert (row["peer"], row["bytes"]) == ("ab" * 32, 4096)
    assert "4.1 kB" in run("trust")


def test_what_other_settings_would_have_done(run):
    found = json.loads(run("preferences", "simulate", "run_on_battery=on", "cpu_percent = 100%", "--json"))
    assert found["then"]["worked_h"] == pytest.approx(2 * found["now"]["worked_h"], rel=0.15)
    assert found["then"]["gflop_hours"] > 3 * found["now"]["gflop_hours"]
    assert "held by on_battery" in run("preferences", "simulate", "run_on_battery=on")
    for bad, sentence in (
        ("run_on_battery", "is no change"),
        ("nonsense=1", "no preference"),
        ("train=x", "on or off"),
    ):
        with pytest.raises(HiveletError, match=sentence):
            run("preferences", "simulate", bad)


def test_nothing_is_remembered_yet(home, run):
    home.activity.unlink()
    assert "Nothing is remembered" in run("activity")
    assert "Nothing is remembered" in run("preferences", "simulate", "train=off")


def test_detectors(run):
    names = [view["name"] for view in json.loads(run("detectors", "--json"))["detectors"]]
    assert names == ["idle", "fullscreen", "metered", "temperature", "others_cpu", "exclusive"]


def test_preferences_leave_and_come_back(run, tmp_path):
    run("preferences", "set", "schedule", "mon-fri 9-17 20%")
    run("preferences", "set", "exclusive_apps", "steam, blender")
    file = tmp_path / "mine.toml"
    run("preferences", "export", str(file))
    exported = run("preferences", "export")
    run("preferences", "reset")
    assert json.loads(run("preferences", "get", "exclusive_apps", "--json")) == {"exclusive_apps": ""}
    run("preferences", "import", str(file))
    assert run("preferences", "export") == exported == file.read_text()
    with pytest.raises(HiveletError, match="cannot be read"):
        run("preferences", "import", str(tmp_path / "none.toml"))


def test_presets_and_descriptions(run):
    assert json.loads(run("preferences", "preset", "Everything", "--json"))["cpu_percent"] == 100
    assert json.loads(run("preferences", "get", "cpu_percent", "--json")) == {"cpu_percent": 100}
    with pytest.raises(HiveletError, match="gentle, balanced, everything"):
        run("preferences", "preset", "wild")
    assert json.loads(run("preferences", "describe", "cpu_percent", "--json"))["cpu_percent"]["unit"] == "%"


def test_tomorrow_is_six_in_the_morning():
    end = time.localtime(time.time() + seconds("tomorrow") + 0.5)
    assert (end.tm_hour, end.tm_min) == (6, 0)
