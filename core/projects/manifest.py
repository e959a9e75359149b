"""A project: what is trained, from which parts, and how. Written by the organiser as a signed TOML file.

A manifest comes from strangers, so reading one is strict: known fields only, every size bounded, texts plain. What a
project is called on the network is `project_id`, the SHA-256 of the file's canonical content: whoever changes one
number has another project. `docs/organiser.md` explains the fields.
"""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib import resources
from math import prod
from pathlib import Path
from typing import Literal, get_args

from core.errors import ExpertError, ManifestError
from core.experts.spec import ExpertSpec, OptimizerName, OptimizerSpec, ScheduleName, row_layers
from core.experts.uid import MAX_GRID_DIMS, Grid
from core.projects.fields import MAX_FILE_BYTES, Table, read_table
from core.projects.signing import canonical_bytes, check_signature
from core.release.version import MAX_CHARS, is_newer, parse_release
from core.version import VERSION
from net.words import say

FORMAT = 1
Task = Literal["text", "digits"]
BUILTIN: tuple[str, ...] = ("text", "digits")

MAX_EXPERTS = 65536
MAX_INNER = 16384
MAX_TIERS = 16
MAX_TRUNK_NUMBERS = 16 * 1024 * 1024
"""A trunk travels as one message's payload of 4 bytes a number, at most 64 MiB."""
NAME = r"[a-z0-9][a-z0-9-]{0,39}"
METRICS: dict[str, str] = {"text": "bits_per_byte", "digits": "accuracy"}


@dataclass(frozen=True, slots=True)
class Tier:
    """Rows of a grid (values of its first coordinate, in order) whose experts have one size."""

    rows: int
    expert: ExpertSpec


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One mixture layer of the model. prefix and dims name its grid of experts; every expert is an `expert`, but for
    its inner width where the grid has `tiers`; each sample goes to its `k_best` best of them."""

    prefix: str
    dims: tuple[int, ...]
    expert: ExpertSpec
    k_best: int
    tiers: tuple[Tier, ...] = ()

    def expert_of(self, uid: str) -> ExpertSpec:
        """What one expert of this layer's grid is made of."""
        place = self.grid.parse(uid)
        row = place[0] if place else 0
        for tier in self.tiers:
            if row < tier.rows:
                return tier.expert
            row -= tier.rows
        return self.expert

    @property
    def sizes(self) -> tuple[tuple[ExpertSpec, int], ...]:
        """Every size, and how many experts have it."""
        if not self.tiers:
            return ((self.expert, self.grid.size),)
        return tuple((tier.expert, tier.rows * self.grid.size // self.dims[0]) for tier in self.tiers)

    @property
    def grid(self) -> Grid:
        """The names of this layer's experts."""
        return Grid(self.prefix, self.dims)


@dataclass(frozen=True, slots=True)
class NgramSpec:
    """A hashed embedding of the last `order` bytes, `buckets` rows long."""

    order: int
    buckets: int


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """The trunk. width: numbers that describe one token or image; heads, context (tokens), ngrams: `text` alone."""

    width: int
    heads: int = 1
    context: int = 1
    ngrams: tuple[NgramSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainerSpec:
    """How trainers work. batch: sequences (text) or images (digits); in_flight: batches under way in one trainer at
    any time; balance: weight of the gates' balance loss; average_every_s: seconds between two averagings of trunks;
    the rest is the trunk's AdamW."""

    batch: int
    in_flight: int = 2
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    warmup_steps: int = 20
    balance: float = 0.0
    average_every_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Manifest:
    """One project. seed: of the first weights, so that all trainers begin alike; held_out: share of the data that is
    never trained on; min_version: the first Hivelet that can work on it, "" for any; publisher_key and signature are
    empty when nobody signed."""

    name: str
    title: str
    task: str
    description: str
    licence: str
    publisher: str
    publisher_key: bytes
    signature: bytes
    seed: int
    held_out: float
    min_version: str
    model: ModelSpec
    layers: tuple[LayerSpec, ...]
    trainer: TrainerSpec
    project_id: bytes = field(repr=False)
    toml: bytes = field(repr=False, compare=False)

    @property
    def metric(self) -> str:
        """How the model is judged: "bits_per_byte" (lower is better) or "accuracy" (higher is better)."""
        return METRICS[self.task]

    @property
    def average_every_s(self) -> float:
        """Seconds between two averagings of trunks."""
        return self.trainer.average_every_s

    @property
    def experts_total(self) -> int:
        """Experts of all layers together."""
        return sum(layer.grid.size for layer in self.layers)

    @property
    def expert_parameters(self) -> int:
        """Trainable numbers of all experts together."""
        return sum(count * expert.parameters for layer in self.layers for expert, count in layer.sizes)

    @property
    def too_new(self) -> bool:
        """Whether this Hivelet is older than the project asks for."""
        return is_newer(self.min_version, VERSION)

    @property
    def signed(self) -> bool:
        """Whether a publisher signed it; a signature that does not hold is refused on reading."""
        return bool(self.signature)


def load(path: Path, *, unsigned: bool = False) -> Manifest:
    """Read a project file. unsigned: also accept one that nobody has signed yet.

    Raises ManifestError with one clear sentence.
    """
    return parse(read_file(path), str(path), unsigned=unsigned)


def read_file(path: Path) -> bytes:
    """The bytes of a project file, of which there are not too many. Raises ManifestError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ManifestError(
            say("The project file {path} cannot be read ({reason}).", path=str(path), reason=error.strerror)
        ) from error
    except ValueError as error:  # a path that no file can have
        raise ManifestError(say("{path} is no name of a file.", path=repr(str(path)[:200]))) from error
    return data


def builtin(name: str) -> Manifest:
    """A project that ships with Hivelet; it is trusted as the installation is. Raises ManifestError."""
    if name not in BUILTIN:
        raise ManifestError(
            say(
                "There is no built-in project {name}; choose one of {names}.",
                name=repr(name[:40]),
                names=", ".join(BUILTIN),
            )
        )
    data = resources.files("resources").joinpath("projects", f"{name}.toml").read_bytes()
    return parse(data, f"{name}.toml", unsigned=True)


def resolve(name_or_path: str) -> Manifest:
    """The built-in project of that name, else the signed project file at that path. Raises ManifestError."""
    return builtin(name_or_path) if name_or_path in BUILTIN else load(Path(name_or_path))


def parse(data: bytes, source: str = "project file", *, unsigned: bool = False) -> Manifest:
    """Check every field and the signature. source: how messages name the file. Raises ManifestError."""
    table = read_table(data, source)
    min_version = table.text("min_version", MAX_CHARS, default="")
    if min_version and parse_release(min_version) is None:
        raise table.error("min_version", "must be three numbers, as in 1.20.3", min_version)
    try:
        return _parsed(table, min_version, data, source, unsigned=unsigned)
    except ManifestError as error:
        if is_newer(min_version, VERSION):  # it may use what this program cannot know
            raise table.error(
                "min_version",
                f"says that it needs Hivelet {min_version} or newer; this is {VERSION}, so update it first",
            ) from error
        raise


def _parsed(table: Table, min_version: str, data: bytes, source: str, *, unsigned: bool) -> Manifest:
    version = table.integer("format", 1, 2**31)
    if version != FORMAT:
        raise table.error("format", f"is {version}; this Hivelet reads format {FORMAT}, a newer one may be needed")
    task = table.choice("task", get_args(Task))
    model = _model(table.table("model"), task)
    layers = tuple(_layer(layer, model.width) for layer in table.tables("layers", fewest=1, most=64))
    if len({layer.prefix for layer in layers}) != len(layers):
        raise table.error("layers", "must have different prefixes")
    if sum(layer.grid.size for layer in layers) > MAX_EXPERTS:
        raise table.error("layers", f"must not have more than {MAX_EXPERTS} experts together")
    manifest = Manifest(
        name=table.text("name", 40, pattern=NAME),
        title=table.text("title", 80),
        task=task,
        description=table.text("description", 2000, lines=True, default=""),
        licence=table.text("licence", 80, default=""),
        publisher=table.text("publisher", 80, default=""),
        publisher_key=table.hexadecimal("publisher_key", 32),
        signature=table.hexadecimal("signature", 64),
        seed=table.integer("seed", 0, 2**62, default=0),
        held_out=table.number("held_out", 0.01, 0.5, default=0.1),
        min_version=min_version,
        model=model,
        layers=layers,
        trainer=_trainer(table.table("trainer")),
        project_id=sha256(canonical_bytes(table.data)).digest(),
        toml=data,
    )
    table.finish()
    if manifest.signature and manifest.name in BUILTIN:
        raise table.error("name", "is that of a project that ships with Hivelet; choose another")
    if manifest.signature or not unsigned:
        check_signature(table.data, manifest.publisher_key, manifest.signature, source)
    return manifest


def _model(table: Table, task: str) -> ModelSpec:
    width = table.integer("width", 4, 4096)
    if task == "text":
        ngrams = tuple(_ngram(ngram) for ngram in table.tables("ngrams", most=8))
        model = ModelSpec(width, table.integer("heads", 1, 64), table.integer("context", 8, 4096), ngrams)
        if width % (2 * model.heads):
            raise table.error("heads", f"must divide width = {width} into heads of an even size")
        if (512 + sum(ngram.buckets for ngram in ngrams)) * width > MAX_TRUNK_NUMBERS // 2:
            raise table.error(
                "ngrams", "would make the trunk too large to travel; use fewer buckets or a smaller width"
            )
    else:
        model = ModelSpec(width)
    table.finish()
    return model


def _ngram(table: Table) -> NgramSpec:
    ngram = NgramSpec(table.integer("order", 2, 8), table.integer("buckets", 16, 1 << 20))
    table.finish()
    return ngram


def _layer(table: Table, width: int) -> LayerSpec:
    prefix = table.text("prefix", 33, pattern=r"[a-z][a-z0-9_]{0,31}\.")
    dims = table.integers("dims", 1, 4096, fewest=1, most=MAX_GRID_DIMS)
    if prod(dims) > MAX_EXPERTS:
        raise table.error("dims", f"must not make more than {MAX_EXPERTS} experts")
    k_best = table.integer("k_best", 1, min(64, prod(dims)), default=min(4, prod(dims)))
    expert = _expert(table.table("expert"), width)
    tiers = tuple(_tier(tier, expert) for tier in table.tables("tiers", most=MAX_TIERS))
    if tiers and sum(tier.rows for tier in tiers) != dims[0]:
        raise table.error("tiers", f"must have {dims[0]} rows together, as many as the grid's first dimension")
    table.finish()
    return LayerSpec(prefix, dims, expert, k_best, tiers)


def _tier(table: Table, expert: ExpertSpec) -> Tier:
    tier = Tier(table.integer("rows", 1, 4096), replace(expert, inner=table.integer("inner", 1, MAX_INNER)))
    table.finish()
    return tier


def _expert(table: Table, width: int) -> ExpertSpec:
    try:
        spec = ExpertSpec(
            layer=table.choice("layer", row_layers(), default="ffn"),
            hidden=width,
            inner=table.integer("inner", 1, MAX_INNER),
            optimizer=OptimizerSpec(
                name=table.choice("optimizer", get_args(OptimizerName), default="adam"),
                learning_rate=table.number("learning_rate", 1e-8, 10.0, default=1e-3),
                weight_decay=table.number("weight_decay", 0.0, 1.0, default=0.0),
                clip_norm=table.number("clip_norm", 0.0, 1e6, default=1.0),
                warmup_steps=table.integer("warmup_steps", 0, 10**6, default=0),
                schedule=table.choice("schedule", get_args(ScheduleName), default="constant"),
                decay_steps=table.integer("decay_steps", 0, 10**9, default=0),
                final_share=table.number("final_share", 0.0, 1.0, default=0.1),
            ),
        )
    except ExpertError as error:
        raise table.error("inner", f"describes no possible expert: {error}") from error
    table.finish()
    return spec


def _trainer(table: Table) -> TrainerSpec:
    spec = TrainerSpec(
        batch=table.integer("batch", 1, 4096),
        in_flight=table.integer("in_flight", 1, 64, default=2),
        learning_rate=table.number("learning_rate", 1e-8, 10.0, default=1e-3),
        weight_decay=table.number("weight_decay", 0.0, 1.0, default=0.01),
        clip_norm=table.number("clip_norm", 0.0, 1e6, default=1.0),
        warmup_steps=table.integer("warmup_steps", 0, 10**6, default=20),
        balance=table.number("balance", 0.0, 10.0, default=0.0),
        average_every_s=table.number("average_every_s", 0.5, 3600.0, default=5.0),
    )
    table.finish()
    return spec
