"""The table of commands. Each group lives in a module of its own."""

from typing import Annotated

import typer

from core.cli import bench, inspection, past, preferences, projects, releases, running, steering, support

app = typer.Typer(
    name="hivelet",
    help="Lend your computer to train neural networks together, without a server in the middle. "
    "Without a command, the window opens.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from core.cli.output import say  # noqa: PLC0415
        from core.version import VERSION, about  # noqa: PLC0415

        say(f"hivelet {VERSION}")
        for what, which in about()[1:]:
            say(f"{what:<8} {which}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print version and build, and leave.")
    ] = False,
) -> None:
    """Options that stand before the command."""


app.command("engine")(running.engine)
app.command("demo")(running.demo)
app.command("status")(inspection.status)
app.command("pause")(steering.pause)
app.command("resume")(steering.resume)
app.command("finish")(steering.finish)
app.command("budget")(steering.budget)
app.command("quit")(steering.quit_engine)
app.command("peers")(inspection.peers)
app.command("experts")(inspection.experts)
app.command("contribution")(inspection.contribution)
app.command("log")(inspection.log)
app.command("activity")(past.activity)
app.command("trust")(past.trust)
app.command("detectors")(past.detectors)
app.command("doctor")(inspection.doctor)
app.command("diagnostics")(support.diagnostics)
app.command("remove-data")(steering.remove_data)
app.command("generate")(steering.generate)
app.add_typer(preferences.app, name="preferences")
app.add_typer(projects.app, name="project")
app.add_typer(releases.app, name="release")
app.add_typer(bench.app, name="bench")
