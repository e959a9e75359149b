"""`hivelet project`: make, check, sign, show and join training runs."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.options import HomeOption, JsonOption
from core.cli.output import answer, say_error, table
from core.control.snapshot import EngineSnapshot
from core.errors import ControlError, HomeError
from core.paths import Home
from core.projects.authoring import check_project, describe, link_to, new_project, sign_project
from core.projects.manifest import BUILTIN, Manifest, builtin, resolve
from core.projects.registry import ProjectRegistry
from net.errors import IdentityError
from net.identity import Identity

app = typer.Typer(help="Training runs: make, check, sign, show, join.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A project file (TOML).")]
AddressOption = Annotated[
    list[str] | None, typer.Option("--bootstrap", metavar="ADDR", help="A peer of its swarm; may be given again.")
]


@app.command("new")
def new(
    file: FileArgument,
    name: Annotated[str, typer.Option(help="Lower-case name of the project.")],
    task: Annotated[str, typer.Option(help="text or digits.")] = "text",
    as_json: JsonOption = False,
) -> None:
    """Write a project file to edit."""
    manifest = new_project(file, name=name, task=task)
    answer(as_json, describe(manifest), f"Wrote {file}. Edit it, then: hivelet project sign {file}")


@app.command("check")
def check(file: FileArgument, as_json: JsonOption = False) -> None:
    """Say whether a project file can be used."""
    manifest, remarks = check_project(file)
    text = "\n".join([f"{file} is a good project file: {manifest.title}.", *remarks])
    answer(as_json, {**describe(manifest), "remarks": remarks}, text)


@app.command("sign")
def sign(file: FileArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Sign a project file with this home's identity."""
    place = Home.find(home).create()
    try:
        identity = Identity.load_or_create(place.identity)
    except IdentityError as error:
        raise HomeError(str(error)) from error
    manifest = sign_project(file, identity)
    answer(as_json, describe(manifest), f"Signed {file}; its project id is {manifest.project_id.hex()}.")


@app.command("show")
def show(
    what: Annotated[str, typer.Argument(metavar="PROJECT", help="A file, or a built-in or joined project's name.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who made a project, under which licence, and what it costs to host."""
    told = describe(_find(what, home))
    rows = [(name, str(value)) for name, value in told.items() if name != "layers"]
    answer(as_json, told, lambda: table(("", ""), rows).lstrip("\n"))


@app.command("join")
def join(
    what: Annotated[str, typer.Argument(metavar="PROJECT", help="A file, a built-in name or a hivelet:// link.")],
    bootstrap: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Help with a project from the engine's next start on."""
    place = Home.find(home).create()
    joined = ProjectRegistry(place).join(what, bootstrap or ())
    answer(
        as_json,
        {**describe(joined.manifest), "bootstrap": list(joined.bootstrap)},
        f"Joined {joined.manifest.title}. The engine takes it up when it starts the next time.",
    )


@app.command("leave")
def leave(
    name: Annotated[str, typer.Argument(metavar="PROJECT", help="Its name or id.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Help with a project no longer."""
    manifest = ProjectRegistry(Home.find(home).create()).leave(name)
    answer(as_json, {"left": manifest.project_id.hex()}, f"Left {manifest.title}.")


@app.command("list")
def list_projects(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The joined projects, and those that ship with Hivelet."""
    joined = ProjectRegistry(Home.find(home).create()).projects()
    known = {project.manifest.project_id for project in joined}
    shipped = [manifest for manifest in map(builtin, BUILTIN) if manifest.project_id not in known]
    rows = [(p.manifest.name, "joined", p.manifest.task, p.manifest.title) for p in joined]
    rows += [(manifest.name, "built in", manifest.task, manifest.title) for manifest in shipped]
    data = {
        "joined": [{**describe(project.manifest), "bootstrap": list(project.bootstrap)} for project in joined],
        "built_in": [describe(manifest) for manifest in shipped],
    }
    answer(as_json, data, lambda: table(("name", "", "task", "title"), rows))


@app.command("link")
def link(
    what: Annotated[str, typer.Argument(metavar="PROJECT", help="A file, or a built-in or joined project's name.")],
    bootstrap: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """A link with which others join. Without --bootstrap it leads to the engine that runs here."""
    addresses = bootstrap or _own_address(home)
    if not addresses:
        say_error("No engine runs here, so that the link leads to nobody; add addresses of peers with --bootstrap.")
    made = link_to(_find(what, home), addresses)
    answer(as_json, {"link": made}, made)


def _own_address(home: str | None) -> list[str]:
    """The running engine's address, pinned to its peer id; none where no engine runs."""
    from core.control.client import ControlClient  # noqa: PLC0415 - only commands that talk pay for it

    try:
        now = EngineSnapshot.from_dict(ControlClient(Home.find(home)).call("status"))
    except ControlError:
        return []
    return [f"{now.address}#{now.peer_id}"] if now.address else []


def _find(what: str, home: str | None) -> Manifest:
    """A joined project by its name, else a built-in one or a file. Raises ManifestError."""
    joined = ProjectRegistry(Home.find(home).create()).projects()
    by_name = [project.manifest for project in joined if what == project.manifest.name]
    return by_name[0] if len(by_name) == 1 else resolve(what)
