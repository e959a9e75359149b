"""`hivelet release`: what the publisher of Hivelet does to announce a release, and anybody to look at one."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.options import HomeOption, JsonOption, call
from core.cli.output import answer, say_error, table
from core.errors import HomeError, ReleaseError
from core.files import write_atomically
from core.paths import Home
from core.release.publisher import RESOURCE, publisher_key
from core.release.record import Release, read_release, sign_release
from net.errors import IdentityError
from net.identity import Identity

app = typer.Typer(help="News of releases: make a key, sign, publish, show.", no_args_is_help=True)

_MOST_BYTES = 4096
KeyOption = Annotated[Path, typer.Option("--key", metavar="FILE", help="The publisher's secret key.")]
RecordArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A signed release record.")]


@app.command("new-key")
def new_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the secret key shall be kept.")],
    as_json: JsonOption = False,
) -> None:
    """Make the publisher's key. Keep the file, and a copy of it, where nobody else can read it."""
    if file.exists():
        raise ReleaseError(f"{file} exists already; a publisher's key is never replaced by accident.")
    public = _identity(file).public_key.hex()
    text = f"{public}\nWrote the secret key to {file}. Put the line above into resources/{RESOURCE}."
    answer(as_json, {"public_key": public, "file": str(file)}, text)


@app.command("sign")
def sign(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the signed record shall be written.")],
    key: KeyOption,
    version: Annotated[str, typer.Option(help="As in 1.2.3.")],
    page: Annotated[str, typer.Option(help="The https address of a page about it.")],
    notes: Annotated[str, typer.Option(help="What is new, in plain words.")] = "",
    date: Annotated[str | None, typer.Option(help="As in 2026-11-29; today by default.")] = None,
    sequence: Annotated[int | None, typer.Option(help="Above that of every earlier record; now by default.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Sign what the swarm shall tell of a release."""
    if not key.exists():
        raise ReleaseError(f"There is no key {key}; make one with: hivelet release new-key {key}")
    now = time.time()
    release = Release(
        int(now) if sequence is None else sequence,
        version,
        date or datetime.fromtimestamp(now, UTC).date().isoformat(),
        page,
        notes,
    )
    publisher = _identity(key)
    value = sign_release(release, publisher)
    if publisher.public_key != publisher_key():
        say_error(f"This is not the key in resources/{RESOURCE}: Hivelets built from this source will not believe it.")
    write_atomically(file, value.hex().encode() + b"\n")
    answer(as_json, _told(release), f"Wrote {file}. Tell the swarm with: hivelet release publish {file}")


@app.command("publish")
def publish(file: RecordArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Hand a signed record to the engine that runs here, which tells the swarm."""
    version = call(home, "release_publish", record=_read(file).hex())["version"]
    answer(as_json, {"version": version}, f"The swarm is told of Hivelet {version}; peers pass it on from now on.")


@app.command("show")
def show(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A signed record; else what is known.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a record says, or the newest that this computer heard of. Only what the publisher signed is shown."""
    publisher = publisher_key()
    if not publisher:
        raise ReleaseError(f"This Hivelet names no publisher of releases (resources/{RESOURCE}).")
    kept = Home.find(home).release
    if file is None and not kept.exists():
        raise ReleaseError("This computer has heard of no release yet.")
    release = read_release(_read(file) if file else _bytes(kept), publisher)
    answer(as_json, _told(release), lambda: table(("", ""), list(_told(release).items())).lstrip("\n"))


def _told(release: Release) -> dict[str, Any]:
    return {name: getattr(release, name) for name in ("version", "date", "page", "notes", "sequence")}


def _identity(file: Path) -> Identity:
    try:
        return Identity.load_or_create(file)
    except IdentityError as error:
        raise HomeError(str(error)) from error


def _read(file: Path) -> bytes:
    try:
        return bytes.fromhex(_bytes(file).decode("ascii"))
    except ValueError as error:
        raise ReleaseError(f"{file} is no release record; it holds a line of hexadecimal digits.") from error


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            return source.read(_MOST_BYTES)
    except OSError as error:
        raise ReleaseError(f"{file} cannot be read ({error.strerror}).") from error
