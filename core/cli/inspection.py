"""Commands that show what a running engine does."""

import time
from datetime import datetime
from typing import Annotated, Any

import typer

from core.cli.options import HomeOption, JsonOption, call
from core.cli.output import answer, say, say_json, size, table
from core.control.snapshot import EngineSnapshot, UpdateView

POLL_S = 0.5


def _snapshot(home: str | None) -> tuple[dict[str, Any], EngineSnapshot]:
    data = call(home, "status")
    return data, EngineSnapshot.from_dict(data)


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What the engine does, and why."""
    data, now = _snapshot(home)
    answer(as_json, data, lambda: _status_text(now))


def _status_text(now: EngineSnapshot) -> str:
    lines = [f"{now.state}: {now.headline}"]
    lines += [f"  {'because' if reason.holds else 'note:'} {reason.text}" for reason in now.reasons]
    lines.append(f"budget    {now.budget_now:.0%} now, {now.budget:.0%} set")
    lines.append(f"address   {now.address}")
    lines += [f"          {sentence}" for sentence in (now.reachability, now.reachability_help) if sentence]
    lines.append(f"peers     {len(now.peers)}")
    lines.append(
        f"experts   {len(now.experts)} hosted, {now.experts_allowed} allowed, {now.samples_per_s:.1f} samples/s"
    )
    project = now.project
    if project:
        metric = f", {project.metric} {project.metric_value:.3f}" if project.metric_value is not None else ""
        loss = f", loss {project.loss:.3f}" if project.loss is not None else ""
        lines.append(f"project   {project.title}: step {project.step}{loss}{metric}")
        lines.append(f"          {project.experts_alive} of {project.experts_total} experts alive")
    if now.update:
        lines.append(f"update    {update_words(now.update)}")
    lines.append(f"today     {now.today.samples} samples, {now.today.gflop_hours:.2f} GFLOP·h")
    return "\n".join(lines)


def update_words(update: UpdateView) -> str:
    """A newer version in one line."""
    if not update.page:
        return f"Hivelet {update.version} or newer is needed; no news of it was heard yet."
    notes = f" {' '.join(update.notes.split())}" if update.notes else ""
    return f"Hivelet {update.version} of {update.date} is there:{notes} See {update.page}"


def peers(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The other peers that this engine talks with."""
    data, now = _snapshot(home)
    rows = [
        (
            peer.peer_id[:12],
            peer.address,
            peer.direction,
            f"{peer.latency_ms:.1f} ms",
            peer.experts,
            size(peer.sent_bytes),
            size(peer.received_bytes),
        )
        for peer in now.peers
    ]
    titles = ("peer", "address", "way", "latency", "experts", "sent", "received")
    answer(
        as_json,
        {"peers": data["peers"]},
        lambda: (
            table(titles, rows, numbers=(3, 4, 5, 6))
            if rows
            else f"No other peer yet. Start another engine with --bootstrap {now.address}."
        ),
    )


def experts(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The experts that this computer hosts."""
    data, now = _snapshot(home)
    rows = [
        (e.uid, e.state, f"{e.samples_per_s:.1f}", e.served, e.step, f"{e.latency_ms:.1f} ms", e.device)
        for e in now.experts
    ]
    titles = ("expert", "state", "samples/s", "served", "step", "latency", "device")
    answer(
        as_json,
        {"experts": data["experts"], "allowed": now.experts_allowed},
        lambda: table(titles, rows, numbers=(2, 3, 4, 5)) if rows else "No experts are hosted here yet.",
    )


def contribution(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What this computer gave: today, in seven days, in all."""
    data, now = _snapshot(home)
    rows = [
        (name, view.samples, f"{view.gflop_hours:.3f}", f"{view.hours:.2f}")
        for name, view in (("today", now.today), ("7 days", now.week), ("total", now.total))
    ]
    answer(
        as_json,
        {name: data[name] for name in ("today", "week", "total")},
        lambda: table(("", "samples", "GFLOP·h", "hours"), rows, numbers=(1, 2, 3)),
    )


def log(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as new lines come; end with Ctrl+C.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the engine wrote down."""
    last = 0
    while True:
        lines = call(home, "log", after=last, limit=500)["lines"]
        for number, at, level, logger, text in lines:
            last = number
            if as_json:
                say_json({"number": number, "t": at, "level": level, "logger": logger, "text": text})
            else:
                say(f"{datetime.fromtimestamp(at).astimezone():%H:%M:%S} {level:<7} {logger}: {text}")
        if not lines and not follow:
            return
        if not lines:
            time.sleep(POLL_S)  # a poll between two processes: there is no event to wait for


def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What this computer can do for Hivelet, and what stands in the way. Works without an engine, too."""
    from core.cli.diagnosis import diagnose  # noqa: PLC0415 - loads torch

    findings = diagnose(home)
    answer(
        as_json,
        {"findings": [{"subject": s, "good": good, "text": text} for s, good, text in findings]},
        lambda: table(("", "", ""), [("ok" if good else "!!", s, text) for s, good, text in findings]).lstrip("\n"),
    )
