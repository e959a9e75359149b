"""What an engine tells about itself: one frozen tree of plain values, sent whole on `status`.

Windows and scripts read nothing else. Fields may be added, none renamed. Times are Unix seconds, sizes bytes,
shares 0 to 1 unless a name says otherwise.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["starting", "connecting", "working", "paused", "guarded", "finishing", "error", "stopping"]
"""starting: measuring, loading · connecting: no other peer found yet, works alone meanwhile · working ·
paused: by the volunteer · guarded: a rule holds (battery, memory, …) · finishing: completes, then stops."""


@dataclass(frozen=True, slots=True)
class Action:
    """What a button offers. command: a name of `core.control.commands.COMMANDS`, with its arguments, or
    "open_preference" with a `name`, "open_update" or "open_projects", which the window carries out itself; label: the
    words on the button."""

    command: str
    arguments: dict[str, Any]
    label: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause of the present state. code: stable word ("paused_by_user", "on_battery", …); text: for people;
    until: when it ends by itself, 0 when it does not; fix: the command or preference that resolves it, or "";
    actions: what resolves it, the likeliest first; holds: whether it stops work, or only slows it or informs."""

    code: str
    text: str
    until: float = 0.0
    fix: str = ""
    actions: tuple[Action, ...] = ()
    holds: bool = True


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One compute device. name: "cpu", "cuda:0", …; label: the maker's name for it."""

    name: str
    label: str
    memory_total: int
    memory_free: int
    gflops: float  # measured; 0 before


@dataclass(frozen=True, slots=True)
class HardwareView:
    """This computer."""

    cpu_label: str = ""
    cores: int = 0
    memory_total: int = 0
    memory_available: int = 0
    devices: tuple[DeviceView, ...] = ()


@dataclass(frozen=True, slots=True)
class UsageView:
    """What the engine takes now. cpu_share: of all cores together."""

    cpu_share: float = 0.0
    resident_bytes: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    relayed_bytes: int = 0  # passed on between others


@dataclass(frozen=True, slots=True)
class ProjectView:
    """The attached project and how its training goes, as this engine sees it.

    metric: "bits_per_byte" (lower is better) or "accuracy" (higher is better); its value and `loss` are None
    before the first measurement. samples_per_s: this engine's trainer.
    """

    project_id: str
    name: str
    title: str
    task: str
    metric: str
    step: int = 0
    loss: float | None = None
    metric_value: float | None = None
    baseline: float | None = None
    samples_per_s: float = 0.0
    trainers: int = 0
    experts_total: int = 0
    experts_alive: int = 0
    rpc_calls: int = 0
    rpc_failures: int = 0
    passed_through: int = 0  # samples that no expert answered


@dataclass(frozen=True, slots=True)
class ExpertView:
    """One hosted expert. state: "serving", "idle" or "paused"."""

    uid: str
    state: str
    samples_per_s: float
    served: int  # samples since the engine started
    served_today: int
    step: int  # optimizer steps since the expert was born
    latency_ms: float  # mean time from request to answer inside this host
    device: str
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class PeerView:
    """One other peer. direction: "out" (we dialled) or "in"."""

    peer_id: str
    address: str
    direction: str
    latency_ms: float
    experts: int
    last_seen: float
    sent_bytes: int
    received_bytes: int


@dataclass(frozen=True, slots=True)
class BanView:
    """A peer that this host does not serve for a while. until: when that ends; strikes: its calls that broke a rule, in
    all; reason: of the last one."""

    peer_id: str
    until: float
    strikes: int
    reason: str


@dataclass(frozen=True, slots=True)
class HostingView:
    """How hosting keeps its house. tickets: forward calls whose activations are kept, and their memory; redeemed, lost:
    tickets that came back in time, and too late; strikes: calls of others that broke a rule; checked: other peers'
    answers that were computed a second time, of which `wrong` were wrong, and `chosen` would have been checked if
    somebody else could have computed them."""

    tickets: int = 0
    ticket_bytes: int = 0
    redeemed: int = 0
    lost: int = 0
    strikes: int = 0
    bans: tuple[BanView, ...] = ()
    chosen: int = 0
    checked: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class ContributionView:
    """What was given to others and to the model in one span of time."""

    samples: int = 0
    gflop_hours: float = 0.0
    hours: float = 0.0
    kwh: float = 0.0  # electricity, mostly an estimate: `energy_note` says which


@dataclass(frozen=True, slots=True)
class UpdateView:
    """A newer Hivelet. date, page, notes: what its publisher announced, "" where only the project asks for it; page: an
    https address, to be opened only by a person who was shown it; required: the project does not work without it."""

    version: str
    date: str = ""
    page: str = ""
    notes: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class EngineSnapshot:
    """Everything about one engine at one moment."""

    version: str
    pid: int
    peer_id: str
    home: str
    started: float
    now: float
    state: State
    reasons: tuple[Reason, ...] = ()
    headline: str = ""  # one plain sentence: what happens now
    budget: float = 1.0  # what the volunteer set
    budget_now: float = 1.0  # what policy allows now
    address: str = ""  # the one that others use as --bootstrap
    reachability: str = ""  # one plain sentence: how others reach this computer
    reachability_state: str = "unknown"  # unknown, loopback, local, direct, mapped, relayed, client
    reachability_help: str = ""  # what the volunteer could do about it; "" where nothing is missing
    hardware: HardwareView = field(default_factory=HardwareView)
    usage: UsageView = field(default_factory=UsageView)
    project: ProjectView | None = None
    experts: tuple[ExpertView, ...] = ()
    experts_allowed: int = 0
    peers: tuple[PeerView, ...] = ()
    today: ContributionView = field(default_factory=ContributionView)
    week: ContributionView = field(default_factory=ContributionView)
    total: ContributionView = field(default_factory=ContributionView)
    samples_per_s: float = 0.0  # served by the hosted experts, now
    hosting: HostingView = field(default_factory=HostingView)
    in_use: bool = False  # whether somebody uses this computer
    idle_s: float | None = None  # seconds without input; None: unknown, or nobody can be there
    traffic_month: int = 0  # bytes sent and received since the first of the month
    energy_note: str = ""  # how the electricity is known
    kept_awake: bool = False
    update: UpdateView | None = (
        None  # None where no newer version is known, or the volunteer does not want to hear of it
    )
    about: dict[str, str] = field(default_factory=dict)  # version, build, Python, PyTorch, Qt and system, by name

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, text and numbers."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "EngineSnapshot":
        """The inverse of to_dict. Unknown keys are ignored (a newer engine), missing ones keep their defaults.

        Raises TypeError or ValueError when the data is no snapshot.
        """
        snapshot: EngineSnapshot = _build(cls, data)
        return snapshot


def _build(cls: Any, data: dict[str, Any]) -> Any:
    known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
    for name, part in _NESTED.get(cls, {}).items():
        value = known.get(name)
        if isinstance(value, dict):
            known[name] = _build(part, value)
        elif isinstance(value, list | tuple):
            known[name] = tuple(_build(part, item) for item in value)
    return cls(**known)


_NESTED: dict[type, dict[str, type]] = {
    HostingView: {"bans": BanView},
    Reason: {"actions": Action},
    HardwareView: {"devices": DeviceView},
    EngineSnapshot: {
        "reasons": Reason,
        "hardware": HardwareView,
        "usage": UsageView,
        "project": ProjectView,
        "experts": ExpertView,
        "peers": PeerView,
        "today": ContributionView,
        "week": ContributionView,
        "total": ContributionView,
        "hosting": HostingView,
        "update": UpdateView,
    },
}
