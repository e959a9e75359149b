"""`hivelet preferences`: read and change what the volunteer chose, with or without a running engine."""

from typing import Annotated

import typer

from core.cli.options import HomeOption, JsonOption, call
from core.cli.output import answer, say_error, table
from core.errors import NotRunning
from core.paths import Home
from core.preferences import BY_NAME, PREFERENCES, Value
from core.preferences_file import Preferences

app = typer.Typer(help="What the volunteer chose.", no_args_is_help=False)


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


@app.command("set")
def set_value(
    name: Annotated[str, typer.Argument()],
    value: Annotated[str, typer.Argument()],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change one preference; a running engine follows at once."""
    _store(Home.find(home), name, Preferences.parse(name, value), as_json)


@app.command("reset")
def reset(
    name: Annotated[str | None, typer.Argument(help="One preference; without it, all.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back to the default."""
    names = [name] if name is not None else list(BY_NAME)
    for each in names:
        Preferences.parse(each, str(BY_NAME[each].default) if each in BY_NAME else "")
        _store(Home.find(home), each, BY_NAME[each].default, as_json)


def _store(home: Home, name: str, value: Value, as_json: bool) -> None:
    try:
        call(str(home.root), "preferences_set", values={name: value})
    except NotRunning:
        home.create()
        current = _load(home)
        current.set(name, value)
        current.save(home.preferences)
    answer(as_json, {name: value}, f"{name} = {value}")
