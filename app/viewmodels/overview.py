"""What the first page says: am I helping, how much, why not more, and what can I do about it."""

from dataclasses import dataclass
from typing import Literal

from app.formatting import clock_with_day, count, number, percent, plain, size
from app.said import said
from app.supervision import EngineStatus, next_try
from app.translation import translate
from app.viewmodels.contribution import KeyNumber, contribution_cards
from app.viewmodels.history import Progress, metric_words
from app.viewmodels.reasons import ReasonLine, reason_lines
from core.control.snapshot import EngineSnapshot

Mood = Literal["working", "held", "off"]
MainAction = Literal["pause", "resume", "retry", "none"]
LEAST_CHANGE = 0.005
"""A model whose metric moved by less than this part has not visibly improved."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The budget as a ring. share: what is allowed now, budget: what the volunteer set, both 0 to 1."""

    share: float
    budget: float
    text: str
    caption: str
    mood: Mood


@dataclass(frozen=True, slots=True)
class OverviewState:
    """Everything that the page shows, except the charts."""

    title: str
    sentence: str
    ring: Ring
    reasons: tuple[ReasonLine, ...] = ()
    readings: tuple[str, ...] = ()  # what it costs now
    main_action: MainAction = "none"
    main_label: str = ""
    can_finish: bool = False
    can_budget: bool = False
    cards: tuple[KeyNumber, ...] = ()


def overview(
    snapshot: EngineSnapshot | None,
    engine: EngineStatus,
    now: float,
    span: str = "today",
    progress: Progress | None = None,
) -> OverviewState:
    """The page's state. snapshot: the newest one, None before the first; span: which contribution the cards show;
    progress: of the model today, None while it is unknown."""
    if engine.phase == "unresponsive" and snapshot is not None:
        return _live(snapshot, engine.sentence, now, span)
    if engine.phase != "running" or snapshot is None:
        return _without_engine(engine, snapshot, now, span)
    return _live(snapshot, _sentence(snapshot, progress), now, span)


def _live(s: EngineSnapshot, sentence: str, now: float, span: str) -> OverviewState:
    held = s.state in ("paused", "guarded", "error")
    leaving = s.state in ("finishing", "stopping")
    paused = s.state == "paused"
    return OverviewState(
        title=title(s, now),
        sentence=sentence,
        ring=_ring(s),
        reasons=reason_lines(s.reasons, now),
        readings=_readings(s),
        main_action="resume" if paused else "none" if leaving or s.state == "error" else "pause",
        main_label=translate("Overview", "Resume") if paused else pause_words(),
        can_finish=not leaving,
        can_budget=not leaving and not (held and s.state == "error"),
        cards=contribution_cards(s, span),
    )


def pause_words() -> str:
    """On the button that opens the menu of pauses."""
    return translate("Overview", "Pause ▾")


def _without_engine(engine: EngineStatus, snapshot: EngineSnapshot | None, now: float, span: str) -> OverviewState:
    moment = translate("Overview", "One moment")
    titles = {
        "looking": moment,
        "starting": translate("Overview", "Starting up"),
        "running": moment,
        "unresponsive": moment,
        "waiting": translate("Overview", "The engine stopped"),
        "stopped": translate("Overview", "Stopped"),
        "absent": translate("Overview", "No engine here"),
    }
    reading = translate("Overview", "Reading what the engine does…")
    sentence = {"running": reading, "waiting": next_try(engine, now)}
    again = engine.phase == "waiting"
    return OverviewState(
        title=titles[engine.phase],
        sentence=sentence.get(engine.phase, engine.sentence),
        ring=Ring(0.0, 0.0, "–", translate("Overview", "not running"), "off"),
        main_action="retry" if engine.can_retry else "none",
        main_label=translate("Overview", "Try again") if again else translate("Overview", "Start the engine"),
        cards=contribution_cards(snapshot, span),
    )


def title(s: EngineSnapshot, now: float) -> str:
    """The state in a few words."""
    if s.state == "working":
        return translate("Overview", "Helping since {time}").format(time=clock_with_day(s.started, now))
    if s.state == "paused":
        until = paused_until(s)
        if until:
            return translate("Overview", "Paused until {time}").format(time=clock_with_day(until, now))
        return translate("Overview", "Paused")
    return {
        "starting": translate("Overview", "Starting up"),
        "connecting": translate("Overview", "Working alone for now"),
        "guarded": translate("Overview", "Holding work"),
        "finishing": translate("Overview", "Finishing, then stopping"),
        "error": translate("Overview", "Something needs your attention"),
        "stopping": translate("Overview", "Stopping"),
    }[s.state]


def paused_until(s: EngineSnapshot) -> float:
    """When the volunteer's pause ends by itself, 0 when it does not."""
    ends = [reason.until for reason in s.reasons if reason.code.startswith("paused") or reason.fix == "resume"]
    return max(ends, default=0.0)


def _sentence(s: EngineSnapshot, progress: Progress | None) -> str:
    """For whom, and with what effect."""
    given = _given(s, progress)
    name = plain(s.project.title, 80) if s.project else ""
    if s.state == "working" and name:
        words = translate("Overview", "Training {project} with {peers}.")
        return f"{words.format(project=name, peers=count(len(s.peers), 'other peer'))} {given}".rstrip()
    if s.state == "connecting" and name:
        words = translate("Overview", "Training {project}; looking for other peers meanwhile.")
        return f"{words.format(project=name)} {given}".rstrip()
    return plain(said(s.headline)) or given or translate("Overview", "The engine runs.")


def _given(s: EngineSnapshot, progress: Progress | None) -> str:
    if not s.experts:
        return ""
    values = {"experts": count(len(s.experts), "expert"), "samples": count(s.today.samples, "sample")}
    improved = _improved(progress)
    if improved:
        words = translate("Overview", "Your {experts} served {samples} today; the model {improved}.")
    else:
        words = translate("Overview", "Your {experts} served {samples} today.")
    return words.format(**values, improved=improved)


def _improved(progress: Progress | None) -> str:
    """Only said when it did: a model that stands still for a day is no news, and no fault of the volunteer's."""
    if progress is None or progress.first <= 0:
        return ""
    lower = progress.metric == "bits_per_byte"
    change = (progress.first - progress.now) / progress.first * (1 if lower else -1)
    if change < LEAST_CHANGE:
        return ""
    if progress.metric == "accuracy":
        words = translate("Overview", "improved from {first} % to {now} % correct")
        return words.format(first=number(progress.first * 100, 1), now=number(progress.now * 100, 1))
    words = translate("Overview", "improved from {first} to {now} {metric}")
    metric = metric_words(plain(progress.metric, 40))
    return words.format(first=number(progress.first, 2), now=number(progress.now, 2), metric=metric)


def _ring(s: EngineSnapshot) -> Ring:
    held = s.state in ("paused", "guarded", "error")
    if held:
        words = {
            "paused": translate("Overview", "paused"),
            "guarded": translate("Overview", "on hold"),
            "error": translate("Overview", "stopped"),
        }
        return Ring(0.0, s.budget, percent(0), words[s.state], "held")
    mood: Mood = "working" if s.state in ("working", "connecting", "finishing") else "off"
    return Ring(s.budget_now, s.budget, percent(s.budget_now), translate("Overview", "of this computer"), mood)


def _readings(s: EngineSnapshot) -> tuple[str, ...]:
    """What it costs the volunteer now."""
    if s.state not in ("working", "connecting", "finishing"):
        return ()
    chips = [translate("Overview", "processor {share}").format(share=percent(s.usage.cpu_share))]
    if s.usage.resident_bytes:
        chips.append(translate("Overview", "memory {size}").format(size=size(s.usage.resident_bytes)))
    return tuple(chips)
