"""Commands that tell what was: activity by the hour, and what left this computer. They work without an engine, too."""

import csv
import sys
import time
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.options import HomeOption, JsonOption, call
from core.cli.output import answer, say_error, size, table
from core.errors import NotRunning, UsageError
from core.paths import Home


class Span(StrEnum):
    """How far back."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


def activity(
    span: Annotated[Span, typer.Option(help="How far back.")] = Span.WEEK,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every hour that there is, as CSV.")] = False,
    output: Annotated[Path | None, typer.Option(help="Write the CSV into this file instead.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What this engine did: hours, samples, electricity, traffic, and what held it."""
    from core.ledger.activity import COLUMNS, Activity  # noqa: PLC0415

    if output is not None and not as_csv:
        raise UsageError("--output goes with --csv.")
    past = Activity(Home.find(home).create().activity, time.time)
    try:
        if past.problem:
            say_error(past.problem)
        if as_csv:
            _write_csv(past.hours(), output)
            return
        rows = past.rows(span.value)
    finally:
        past.close()
    answer(as_json, {"columns": list(COLUMNS), "rows": rows}, lambda: _activity_table(rows))


CSV_TITLES = (
    "begin", "seconds", "worked_seconds", "budget", "cpu", "samples", "gflop_hours", "kwh", "sent_bytes",
    "received_bytes", "loss", "metric", "held_seconds",
)  # fmt: skip


def _write_csv(rows: Any, output: Path | None) -> None:
    try:
        if output is None:
            _csv_to(sys.stdout, rows)
            return
        with output.open("w", encoding="utf-8", newline="") as file:
            _csv_to(file, rows)
    except OSError as error:
        raise UsageError(f"{output} cannot be written ({error.strerror}).") from error


def _csv_to(file: Any, rows: Any) -> None:
    writer = csv.writer(file)
    writer.writerow(CSV_TITLES)
    for t, seconds, worked, budget, cpu, samples, flops, joules, sent, received, loss, metric, held in rows:
        reasons = " ".join(f"{code}={for_s:.0f}" for code, for_s in sorted(held.items()))
        begin = datetime.fromtimestamp(t).astimezone().isoformat(timespec="minutes")
        figures = (f"{seconds:.0f}", f"{worked:.0f}", f"{budget:.3f}", f"{cpu:.3f}", samples, f"{flops / 3.6e12:.6f}")
        writer.writerow((begin, *figures, f"{joules / 3.6e6:.6f}", sent, received, loss, metric, reasons))


def _activity_table(rows: list[list[Any]]) -> str:
    if not rows:
        return "Nothing is remembered yet; the engine writes something down each minute."
    lines = [
        (
            f"{datetime.fromtimestamp(t).astimezone():%a %d %b %H:%M}",
            f"{worked / 3600:.2f}",
            f"{budget:.0%}",
            samples,
            f"{flops / 3.6e12:.3f}",
            f"{joules / 3.6e6:.4f}",
            size(sent + received),
            ", ".join(sorted(held, key=lambda code: -held[code])[:2]),
        )
        for t, _, worked, budget, _, samples, flops, joules, sent, received, _, _, held in rows
    ]
    titles = ("from", "hours", "budget", "samples", "GFLOP·h", "kWh", "traffic", "held by")
    return table(titles, lines, numbers=(1, 2, 3, 4, 5, 6))


def trust(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What left this computer: to whom, for which project, of which kind."""
    try:
        found = call(home, "trust", wait_s=10.0)
    except NotRunning:
        from core.ledger.trust import TrustBook  # noqa: PLC0415

        book = TrustBook(Home.find(home).create().trust, time.time)
        try:
            found = {"rows": book.rows(), "projects": {}}
        finally:
            book.close()
    rows = [
        (
            row["month"],
            found["projects"].get(row["project"], row["project"][:12]),
            row["peer"][:12],
            row["kind"],
            row["messages"],
            row["tensors"],
            size(row["bytes"]),
        )
        for row in found["rows"]
    ]
    titles = ("month", "project", "peer", "kind", "messages", "tensors", "size")
    nothing = "No tensor has left this computer."
    answer(as_json, found, lambda: table(titles, rows, numbers=(4, 5, 6)) if rows else nothing)


def detectors(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What can be sensed here: idle time, fullscreen programs, metered networks, heat; and why not."""
    try:
        views: list[dict[str, Any]] = call(home, "detectors")["detectors"]
    except NotRunning:
        views = _read_once()
    rows = [("ok" if view["works"] else "--", view["title"], view["reading"], view["sentence"]) for view in views]
    answer(as_json, {"detectors": views}, lambda: table(("", "detector", "reading", ""), rows).lstrip("\n"))


def _read_once() -> list[dict[str, Any]]:
    from dataclasses import asdict  # noqa: PLC0415

    from core.host.sensing.everywhere import RunningPrograms  # noqa: PLC0415
    from core.host.sensing.senses import Senses, detectors_of_this_computer  # noqa: PLC0415

    senses = Senses(detectors_of_this_computer(RunningPrograms()))
    time.sleep(senses.step())  # what others take is a difference between two readings
    senses.step()
    try:
        return [asdict(view) for view in senses.views()]
    finally:
        senses.close()
