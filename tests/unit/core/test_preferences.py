"""The declarations, the values that they take, and the file that keeps them."""

import tomllib
from pathlib import Path

import pytest

from core.errors import HomeError, PreferenceError
from core.preferences import BY_NAME, GROUPS, PREFERENCES, PRESETS, preset_of
from core.preferences_file import Preferences


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "preferences.toml"


@pytest.mark.parametrize("preference", PREFERENCES, ids=lambda p: p.name)
def test_every_declaration_is_complete_and_takes_its_own_default(preference):
    assert preference.check(preference.default) == preference.default
    assert type(preference.check(preference.default)) is type(preference.default)
    assert preference.title
    assert preference.help.endswith(".")
    assert (preference.kind == "choice") == bool(preference.choices)
    assert preference.kind in ("bool", "choice") or preference.parse(str(preference.default)) == preference.default


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("cpu_percent", "50%", 50),
        ("cpu_percent", " 7 ", 7),
        ("cpu_percent", "100 %", 100),
        ("memory_gb", "2 GB", 2.0),
        ("memory_gb", "1.5", 1.5),
        ("memory_gb", "500 MB", 0.5),
        ("memory_gb", "1tb", 1000.0),
        ("max_experts", "12", 12),
        ("use_gpu", "off", False),
        ("use_gpu", "Yes", True),
        ("run_on_battery", "on", True),
        ("theme", "Dark", "dark"),
        ("temperature_target", "75 °C", 75),
        ("exclusive_apps", " steam , Blender,steam,, ", "steam, Blender"),
        ("exclusive_apps", "none", ""),
        ("schedule", "mon-sun 0-24 100%", ""),
        ("schedule", "never", ""),
        ("gpu_percent_by_card", "CUDA:0 = 50 % ,cuda:1=100", "cuda:0=50, cuda:1=100"),
        ("quiet_hours", "22-7", "22:00-07:00"),
    ],
)
def test_values_as_people_write_them(name, text, value):
    parsed = Preferences.parse(name, text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cpu_percent", "101%"),
        ("cpu_percent", "-1"),
        ("cpu_percent", "12.5"),
        ("cpu_percent", "50 GB"),
        ("cpu_percent", "half"),
        ("cpu_percent", ""),
        ("cpu_percent", "nan"),
        ("memory_gb", "2 %"),
        ("memory_gb", "0"),
        ("use_gpu", "maybe"),
        ("use_gpu", "2"),
        ("theme", "blue"),
        ("schedule", "whenever"),
        ("gpu_percent_by_card", "cuda:0=0"),
        ("gpu_percent_by_card", "cuda:0=101"),
        ("gpu_percent_by_card", "half"),
        ("quiet_hours", "at night"),
        ("exclusive_apps", "a\x1b[31m"),
        ("exclusive_apps", ",".join("a" * n for n in range(200))),
        ("exclusive_apps", "x" * 5000),
    ],
)
def test_refused_text_says_what_is_allowed(name, text):
    with pytest.raises(PreferenceError, match="it takes") as caught:
        Preferences.parse(name, text)
    assert BY_NAME[name].allowed in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cpu_percent", True),
        ("cpu_percent", "50"),
        ("cpu_percent", float("inf")),
        ("cpu_percent", 10**400),
        ("memory_gb", float("nan")),
        ("use_gpu", 1),
        ("theme", ["dark"]),
        ("theme", None),
    ],
)
def test_values_of_the_wrong_type_are_refused(name, value):
    with pytest.raises(PreferenceError):
        Preferences().set(name, value)


def test_whole_floats_are_whole_numbers():
    preferences = Preferences()
    preferences.set("cpu_percent", 60.0)
    assert preferences.get("cpu_percent") == 60
    assert isinstance(preferences.get("cpu_percent"), int)


def test_an_unknown_name_brings_the_nearest_one():
    with pytest.raises(PreferenceError, match=r"Did you mean cpu_percent\?"):
        Preferences().get("cpu_procent")
    with pytest.raises(PreferenceError, match="hivelet preferences"):
        Preferences().set("zzzzzz", 1)


def test_update_is_all_or_nothing():
    preferences = Preferences()
    with pytest.raises(PreferenceError):
        preferences.update({"cpu_percent": 10, "theme": "blue"})
    assert preferences.get("cpu_percent") == BY_NAME["cpu_percent"].default


def test_typed_readers():
    preferences = Preferences({"cpu_percent": 30, "use_gpu": False, "theme": "dark", "memory_gb": 3})
    assert preferences.whole("cpu_percent") == 30
    assert preferences.number("cpu_percent") == 30.0
    assert preferences.number("memory_gb") == 3.0
    assert preferences.flag("use_gpu") is False
    assert preferences.word("theme") == "dark"
    with pytest.raises(TypeError):
        preferences.flag("theme")


def test_every_group_has_its_card_and_every_card_its_preferences():
    assert list(dict.fromkeys(preference.group for preference in PREFERENCES)) == list(GROUPS)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_can_be_chosen_and_are_recognised(name):
    preferences = Preferences()
    preferences.update(PRESETS[name])
    assert preset_of(preferences.to_dict()) == name
    preferences.set("cpu_percent", 3)
    assert preset_of(preferences.to_dict()) == ""


def test_no_preset_lowers_a_guard_of_the_computer():
    guards = {"min_free_memory_gb", "min_free_disk_gb", "temperature_max", "monthly_traffic_gb", "run_on_metered"}
    assert not any(guards & preset.keys() for preset in PRESETS.values())


def test_reset_and_copy():
    preferences = Preferences({"theme": "dark"})
    twin = preferences.copy()
    preferences.reset("theme")
    assert preferences.word("theme") == "system"
    assert twin.word("theme") == "dark"


def test_saved_and_loaded(path):
    preferences = Preferences({"cpu_percent": 33, "memory_gb": 1.5, "theme": "light"})
    preferences.save(path)
    loaded, problems = Preferences.load(path)
    assert problems == []
    assert loaded.to_dict() == preferences.to_dict()


def test_the_file_holds_only_what_differs_from_the_defaults(path):
    Preferences({"cpu_percent": 33, "theme": "system"}).save(path)
    assert tomllib.loads(path.read_text()) == {"cpu_percent": 33}


def test_no_file_means_defaults(path):
    loaded, problems = Preferences.load(path)
    assert (loaded.to_dict(), problems) == (Preferences().to_dict(), [])


@pytest.mark.parametrize("content", [b"cpu_percent = ", b"\xff\xfe\x00", b"a = " + b"[" * 5000, b"#" * 1_000_001])
def test_a_broken_file_is_kept_aside(path, content):
    path.write_bytes(content)
    loaded, problems = Preferences.load(path)
    assert loaded.to_dict() == Preferences().to_dict()
    assert len(problems) == 1
    assert "preferences.broken-1.toml" in problems[0]
    assert path.with_name("preferences.broken-1.toml").read_bytes() == content
    assert not path.exists()


def test_broken_files_do_not_pile_up(path):
    for n in range(12):
        path.write_text(f"broken {n}")
        Preferences.load(path)
    kept = sorted(path.parent.glob("preferences.broken-*.toml"))
    assert len(kept) == 9
    assert "broken 11" in {file.read_text() for file in kept}


def test_unknown_names_and_bad_values_are_reported_and_written_back(path):
    path.write_text('cpu_percent = 500\nfrom_the_future = "x"\ntheme = "dark"\n')
    loaded, problems = Preferences.load(path)
    assert loaded.word("theme") == "dark"
    assert loaded.whole("cpu_percent") == BY_NAME["cpu_percent"].default
    assert len(problems) == 2
    loaded.set("theme", "light")
    loaded.save(path)
    assert tomllib.loads(path.read_text()) == {"cpu_percent": 500, "from_the_future": "x", "theme": "light"}


def test_setting_a_value_replaces_the_bad_one(path):
    path.write_text("cpu_percent = 500\n")
    loaded, _ = Preferences.load(path)
    loaded.set("cpu_percent", 70)
    loaded.save(path)
    assert tomllib.loads(path.read_text()) == {"cpu_percent": 70}


def test_a_file_that_is_a_folder_is_reported(path):
    path.mkdir()
    loaded, problems = Preferences.load(path)
    assert loaded.to_dict() == Preferences().to_dict()
    assert "cannot be read" in problems[0]


def test_saving_where_that_is_impossible_is_one_sentence(tmp_path):
    with pytest.raises(HomeError, match=r"preferences\.toml could not be saved"):
        Preferences().save(tmp_path / "missing" / "preferences.toml")
