"""`hivelet preferences`: read and change what the volunteer chose, with or without a running engine."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from core import autostart
from core.cli.options import HomeOption, JsonOption, call
from core.cli.output import answer, say_error, table
from core.errors import NotRunning, UsageError
from core.paths import Home
from core.preferences import BY_NAME, PREFERENCES, PRESETS, Value, find
from core.preferences_file import Preferences

app = typer.Typer(help="What the volunteer chose.", no_args_is_help=False)

REPLAY_S = 7 * 86400.0


def _load(home: Home) -> Preferences:
    loaded, problems = Preferences.load(home.preferences)
    for problem in problems:
        say_error(problem)
    return loaded


@app.callback(invoke_without_command=True)
def default(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Without a subcommand: show all."""
    if context.invoked_subcommand is None:
        get(None, home, as_json)


@app.command("get")
def get(
    name: Annotated[str | None, typer.Argument(help="One preference; without it, all.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one preference or all."""
    current = _load(Home.find(home))
    if name is not None:
        value = current.get(name)
        answer(as_json, {name: value}, f"{value}")
        return
    rows = [(p.name, f"{current.get(p.name)}", p.unit, p.help) for p in PREFERENCES]
    answer(as_json, current.to_dict(), lambda: table(("name", "value", "", "meaning"), rows, numbers=(1,)))


@app.command("describe")
def describe(
    name: Annotated[str | None, typer.Argument(help="One preference; without it, all.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What a preference takes, its default, and what it does."""
    chosen = [find(name)] if name is not None else list(PREFERENCES)
    rows = [(p.name, p.group, p.allowed, f"{p.default}", p.help) for p in chosen]
    titles = ("name", "group", "takes", "default", "meaning")
    answer(as_json, {p.name: asdict(p) for p in chosen}, lambda: table(titles, rows))


@app.command("set")
def set_value(
    name: Annotated[str, typer.Argument()],
    value: Annotated[str, typer.Argument()],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change one preference; a running engine follows at once."""
    values = {name: Preferences.parse(name, value)}
    _store(Home.find(home), values)
    answer(as_json, values, f"{name} = {values[name]}")


@app.command("reset")
def reset(
    name: Annotated[str | None, typer.Argument(help="One preference; without it, all.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back to the default."""
    values = {each: find(each).default for each in ([name] if name is not None else BY_NAME)}
    _store(Home.find(home), values)
    answer(as_json, values, lambda: "\n".join(f"{each} = {value}" for each, value in values.items()))


@app.command("preset")
def preset(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(PRESETS)}.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Choose a set of values to begin with."""
    if name.lower() not in PRESETS:
        raise UsageError(f"There is no preset {name[:40]!r}; there are {', '.join(PRESETS)}.")
    values = dict(PRESETS[name.lower()])
    _store(Home.find(home), values)
    answer(as_json, values, lambda: "\n".join(f"{each} = {value}" for each, value in values.items()))


@app.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; without it, to the terminal.")] = None,
    home: HomeOption = None,
) -> None:
    """Everything that differs from the defaults, as a file that `import` takes."""
    text = _load(Home.find(home)).to_text()
    if file is None:
        print(text, end="")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}).") from error


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="What `export` wrote.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over preferences from a file; what is not in it gets its default."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read ({error}).") from error
    imported, problems = Preferences.from_text(text)
    for problem in problems:
        say_error(problem)
    _store(Home.find(home), imported.to_dict())
    changed = {name: value for name, value in imported.to_dict().items() if value != BY_NAME[name].default}
    answer(
        as_json, changed, lambda: "\n".join(f"{each} = {value}" for each, value in changed.items()) or "All defaults."
    )


@app.command("simulate")
def simulate(
    changes: Annotated[list[str], typer.Argument(metavar="NAME=VALUE…", help="For example cpu_percent=80%.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What these settings would have done in the last seven days."""
    from core.host.replay import replay  # noqa: PLC0415
    from core.ledger.activity import Activity  # noqa: PLC0415

    place = Home.find(home)
    now = _load(place)
    then = now.copy()
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise UsageError(f"{change[:60]!r} is no change. Write for example cpu_percent=80%.")
        then.set(name.strip(), Preferences.parse(name.strip(), value))
    activity = Activity(place.create().activity, time.time)
    try:
        past = activity.past(time.time() - REPLAY_S)
    finally:
        activity.close()
    hours = sum(minute.seconds for minute in past) / 3600
    outcomes: dict[str, Any] = {
        "since": past[0].t if past else 0.0,
        "hours": hours,
        "now": replay(past, now).to_dict(),
        "then": replay(past, then).to_dict(),
    }
    answer(as_json, outcomes, lambda: _outcome_table(outcomes))


def _outcome_table(found: dict[str, Any]) -> str:
    if not found["hours"]:
        return "Nothing is remembered of the last seven days yet; the engine writes something down each minute."
    now, then = found["now"], found["then"]
    rows: list[tuple[str, str, str]] = [
        (title, form.format(now[key]), form.format(then[key]))
        for title, key, form in (
            ("hours at work", "worked_h", "{:.1f}"),
            ("mean share then", "share", "{:.0%}"),
            ("GFLOP·h", "gflop_hours", "{:.2f}"),
            ("kWh", "kwh", "{:.3f}"),
        )
    ]
    codes = dict.fromkeys([*now["held_h"], *then["held_h"]])
    rows += [
        (f"held by {code}, h", f"{now['held_h'].get(code, 0):.1f}", f"{then['held_h'].get(code, 0):.1f}")
        for code in codes
    ]
    title = f"Of {found['hours']:.1f} hours that the engine ran in the last seven days:"
    return f"{title}\n{table(('', 'as it is', 'with these'), rows, numbers=(1, 2))}"


def _store(home: Home, values: Mapping[str, Value]) -> None:
    try:
        call(str(home.root), "preferences_set", values=dict(values))
    except NotRunning:
        home.create()
        before = _load(home)
        after = before.copy()
        after.update(values)
        autostart.follow(home, before, after)
        after.save(home.preferences)
