"""What the projects page says: what is trained, how well it goes, and how to join from elsewhere."""

from dataclasses import dataclass

from app.formatting import number, percent, plain, rate
from app.supervision import EngineStatus
from app.translation import translate
from app.viewmodels.contribution import KeyNumber
from app.viewmodels.empty import Empty, without_engine
from app.viewmodels.history import metric_words
from core.control.snapshot import EngineSnapshot, ProjectView

LOWER_IS_BETTER = ("bits_per_byte",)


@dataclass(frozen=True, slots=True)
class ProjectState:
    """The attached project in words. coverage: share of its experts that live somewhere, 0 to 1."""

    title: str
    task: str
    project_id: str
    progress: str
    good: bool
    numbers: tuple[KeyNumber, ...]
    coverage: float
    coverage_words: str
    calls: str
    join_commands: tuple[tuple[str, str], ...]


def task_words(task: str) -> str:
    """What a model of this task learns."""
    return {
        "text": translate("Project", "Learns to continue text, byte by byte."),
        "digits": translate("Project", "Learns to read handwritten digits."),
    }.get(task, plain(task, 120))


def project_state(snapshot: EngineSnapshot | None) -> ProjectState | None:
    """The page's state, None without a project."""
    if snapshot is None or snapshot.project is None:
        return None
    p = snapshot.project
    progress, good = progress_words(p)
    address = plain(snapshot.address, 200)
    elsewhere = translate("Project", "On another computer, after installing Hivelet")
    second = translate("Project", "A second engine on this computer")
    speed = translate("Project", "{rate} samples/s")
    alive = translate("Project", "{alive} of {total} experts are alive in the swarm")
    return ProjectState(
        title=plain(p.title, 120) or plain(p.name, 120),
        task=task_words(p.task),
        project_id=plain(p.project_id, 80),
        progress=progress,
        good=good,
        numbers=(
            KeyNumber(translate("Project", "Step"), number(p.step), "", speed.format(rate=rate(p.samples_per_s))),
            KeyNumber(
                translate("Project", "Loss"),
                "–" if p.loss is None else number(p.loss, 3),
                "",
                translate("Project", "newest batches"),
            ),
            KeyNumber(
                metric_words(plain(p.metric, 40)).capitalize() or translate("Project", "Metric"),
                *_metric_value(p),
                translate("Project", "on held-out data")
                if p.metric_value is not None
                else translate("Project", "not measured yet"),
            ),
            KeyNumber(
                translate("Project", "Trainers"), number(p.trainers), "", translate("Project", "training together")
            ),
        ),
        coverage=min(1.0, p.experts_alive / p.experts_total) if p.experts_total else 0.0,
        coverage_words=alive.format(alive=number(p.experts_alive), total=number(p.experts_total)),
        calls=_calls(p),
        join_commands=(
            (elsewhere, f"hivelet engine --bootstrap {address}"),
            (second, f"hivelet engine --home second --bootstrap {address}"),
        )
        if address
        else (),
    )


def empty(snapshot: EngineSnapshot | None, engine: EngineStatus, now: float) -> Empty | None:
    """What stands instead of the project, None when one is attached."""
    absent = without_engine(snapshot, engine, now)
    if absent is not None or snapshot is None:
        return absent
    if snapshot.project is not None:
        return None
    return Empty(
        translate("Project", "No project yet"),
        translate("Project", "The engine joins its project while it starts. Another one can be joined above."),
    )


def progress_words(p: ProjectView) -> tuple[str, bool]:
    """How the model compares with knowing nothing: (sentence, whether that is good news)."""
    if p.metric_value is None:
        return translate("Project", "Not measured yet: the first evaluation follows after some training."), False
    if p.baseline is None:
        words = translate("Project", "{value} on held-out data.")
        return words.format(value=_metric_text(p, p.metric_value)), False
    value, base = _metric_text(p, p.metric_value), _metric_text(p, p.baseline)
    better = p.metric_value < p.baseline if p.metric in LOWER_IS_BETTER else p.metric_value > p.baseline
    trivial = (
        translate("Project", "guessing from byte frequencies")
        if p.metric == "bits_per_byte"
        else translate("Project", "always guessing the same")
    )
    if not better:
        words = translate("Project", "{value} on held-out data; {trivial} still does as well ({base}).")
        return words.format(value=value, trivial=trivial, base=base), False
    if p.metric in LOWER_IS_BETTER and p.baseline > 0:
        gain = percent((p.baseline - p.metric_value) / p.baseline)
        words = translate("Project", "{value} on held-out data, {gain} less than {trivial} ({base}).")
        return words.format(value=value, gain=gain, trivial=trivial, base=base), True
    words = translate("Project", "{value} on held-out data; {trivial} gets {base}.")
    return words.format(value=value, trivial=trivial, base=base), True


def _metric_value(p: ProjectView) -> tuple[str, str]:
    if p.metric_value is None:
        return "–", ""
    if p.metric == "accuracy":
        return number(p.metric_value * 100, 1), "%"
    return number(p.metric_value, 2), ""


def _metric_text(p: ProjectView, value: float) -> str:
    if p.metric == "accuracy":
        return translate("Project", "{value} % correct").format(value=number(value * 100, 1))
    return f"{number(value, 2)} {metric_words(plain(p.metric, 40))}"


def _calls(p: ProjectView) -> str:
    if not p.rpc_calls:
        return translate("Project", "This engine has not asked another peer's expert yet.")
    none = translate("Project", "none")
    failed = f"{number(100 * p.rpc_failures / p.rpc_calls, 1)} %" if p.rpc_failures else none
    words = (
        translate(
            "Project",
            "{calls} calls to experts of other peers; {failed} failed; {lost} samples went on without an expert.",
        )
        if p.passed_through
        else translate("Project", "{calls} calls to experts of other peers; {failed} failed.")
    )
    return words.format(calls=number(p.rpc_calls), failed=failed, lost=number(p.passed_through))
