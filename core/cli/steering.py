"""Commands that change what a running engine does."""

from typing import Annotated

import typer

from core.cli.options import HomeOption, JsonOption, call, seconds, share
from core.cli.output import answer
from core.paths import Home


def pause(
    span: Annotated[
        str, typer.Option("--for", metavar="TIME", help="15m, 1h, tomorrow, …; without it: until `hivelet resume`.")
    ] = "until-restart-or-resume",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop computing within a second; experts stay in memory."""
    from core.control.commands import UNTIL_RESTART  # noqa: PLC0415

    length: float | None
    if span == "until-restart-or-resume":
        length = None
    elif span == "until-restart":
        length = UNTIL_RESTART
    else:
        length = seconds(span)
    call(home, "pause", seconds=length)
    words = {None: "until you resume", UNTIL_RESTART: "until the engine restarts"}.get(length, f"for {span}")
    answer(as_json, {"paused": True, "seconds": length if length != UNTIL_RESTART else None}, f"Paused {words}.")


def resume(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Go on computing."""
    call(home, "resume")
    answer(as_json, {"paused": False}, "Resumed.")


def finish(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Complete the batches under way, save everything, then stop the engine."""
    call(home, "finish")
    answer(as_json, {"finishing": True}, "Finishing: the engine stops when its work is saved.")


def quit_engine(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Save and stop the engine."""
    call(home, "quit", wait_s=15.0)
    answer(as_json, {"stopping": True}, "The engine stops.")


def remove_data(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete all that Hivelet keeps for you: identity, ledger, experts, logs; it no longer starts at login."""
    from core.removal import check, remove_data  # noqa: PLC0415

    chosen = Home.find(home)
    check(chosen.root)
    if not yes:
        typer.confirm(
            f"Delete {chosen.root}? Your identity and the record of what you gave cannot be made again.", abort=True
        )
    removed = remove_data(chosen)
    words = f"{chosen.root} is deleted." if removed else f"There was nothing in {chosen.root}."
    answer(as_json, {"removed": removed, "home": str(chosen.root)}, words)


def budget(
    value: Annotated[str, typer.Argument(metavar="SHARE", help="Share of this computer, for example 50%.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set how much of this computer the engine may use."""
    wanted = share(value)
    call(home, "budget", share=wanted)
    answer(as_json, {"budget": wanted}, f"Budget set to {wanted:.0%} of this computer.")


def generate(
    prompt: Annotated[str, typer.Option(help="The text to continue.")],
    length: Annotated[int, typer.Option(min=1, max=1000, help="Bytes to write.")] = 200,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the project's model continue a text, through the swarm."""
    text = call(home, "generate", wait_s=120.0, prompt=prompt, length=length)["text"]
    answer(as_json, {"prompt": prompt, "text": text}, f"{prompt}{text}")
