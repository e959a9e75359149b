"""What the demo tells while it runs: JSON objects, one a line, or a Rich progress view."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table

from core.cli.output import plain, say_json


class Sink(Protocol):
    """Where events go."""

    def emit(self, event: dict[str, Any]) -> None:
        """Show one event."""
        ...

    def close(self) -> None:
        """No more events come."""
        ...


class JsonSink:
    """One JSON object a line on stdout."""

    def emit(self, event: dict[str, Any]) -> None:
        """Print it."""
        say_json(event)

    def close(self) -> None:
        """Nothing is held back."""


class RichSink:
    """A live table on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._step: dict[str, Any] = {}
        self._evaluation: dict[str, Any] = {}
        self._live = Live(self._picture(), console=self._console, refresh_per_second=2, transient=True)
        if self._console.is_terminal:
            self._live.start()

    def emit(self, event: dict[str, Any]) -> None:
        """Update the picture, or print a line for what happens once."""
        kind = event["event"]
        if kind == "step":
            self._step = event
            if self._live.is_started:
                self._live.update(self._picture())
            elif int(event["t"]) % 10 == 0:
                self._line(event, f"step {event['step']}, loss {event['loss']}, {event['samples_per_s']} samples/s")
        elif kind == "evaluation":
            self._evaluation = event
            self._line(event, f"held-out {event['metric']} {event['value']:.3f} (trivial: {event['baseline']:.3f})")
        elif kind == "finished":
            self.close()
            self._summary(event)
        else:
            self._line(event, _words(event))

    def close(self) -> None:
        """Take the live picture away."""
        if self._live.is_started:
            self._live.stop()

    def _line(self, event: dict[str, Any], text: str) -> None:
        self._console.print(f"{event['t']:7.1f} s  {plain(text)}", markup=False, highlight=False)

    def _picture(self) -> Table:
        grid = Table.grid(padding=(0, 3))
        step = self._step
        grid.add_row("step", "loss", "samples/s", "experts alive", "peers")
        values = [str(step.get(key, "–")) for key in ("step", "loss", "samples_per_s", "experts_alive", "peers")]
        grid.add_row(*[f"[bold]{value}[/]" for value in values])
        return grid

    def _summary(self, event: dict[str, Any]) -> None:
        metric = "accuracy" if "accuracy" in event else "bits_per_byte"
        table = Table(title="The swarm has trained", show_header=False, title_justify="left")
        for name, value in (
            (f"held-out {metric.replace('_', ' ')}", f"{event[metric]:.3f}"),
            ("trivial predictor", f"{event['baseline']:.3f}"),
            ("loss", f"{event['loss_first']:.3f} → {event['loss_last']:.3f}"),
            ("training steps", f"{event['steps']:,}"),
            ("experts alive", f"{event['experts_alive']} of {event['experts_total']}"),
            ("largest share on one peer", f"{event['largest_share']:.0%}"),
            ("failed expert calls", f"{event['rpc_failures']:,} of {event['rpc_calls']:,}"),
        ):
            table.add_row(name, value)
        self._console.print(table)


def _words(event: dict[str, Any]) -> str:
    """One line for an event that happens once."""
    match event["event"]:
        case "peer_started":
            return f"{event['peer']} joined with {event['experts']} experts"
        case "peer_killed":
            return f"{event['peer']} killed; {len(event['experts'])} experts lost their host"
        case "peer_died":
            return f"{event['peer']} died: {event['reason']}"
        case "expert_adopted":
            return f"{event['uid']} taken over by {event['peer']}"
        case other:
            return str(other)


class Events:
    """Stamps events with the time since the demo began and hands them to the sink."""

    def __init__(self, sink: Sink, now: Callable[[], float] = time.monotonic) -> None:
        self._sink = sink
        self._now = now
        self._start = now()

    def __call__(self, event: str, **fields: Any) -> None:
        """Tell one event."""
        self._sink.emit({"event": event, "t": round(self.elapsed, 3), **fields})

    @property
    def elapsed(self) -> float:
        """Seconds since the demo began."""
        return self._now() - self._start

    def close(self) -> None:
        """No more events come."""
        self._sink.close()
