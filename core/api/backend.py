"""`ModuleBackend`: any torch module as an expert, with its own torch optimizer; and names for expert classes."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import nn

from core.api.tensors import BatchTensorDescriptor
from core.errors import ExpertError, TensorError
from core.experts import layers
from core.experts.backend import Lesson
from core.experts.schema import ExpertSchema
from core.experts.tickets import Kept
from core.experts.weights import Weights
from core.tensors.codec import is_finite

_DUMMY_ROWS = 3
_STEPS, _OPTIMIZER = "hivelet.steps", "hivelet.optimizer."  # among a module's own tensors, in a saved state
M = TypeVar("M", bound=type[nn.Module])


def register_expert_class(name: str, sample_input: Callable[[int, int], Any]) -> Callable[[M], M]:
    """Class decorator: `Server.create(expert_cls=name)` hosts it from now on, in this process.

    The class is called as `cls(hidden_dim)`; sample_input(batch_size, hidden_dim) gives one input, or a tuple of
    several, of which the shapes and types matter. Its output must be like its first input. Raises ExpertError when
    the name is taken.
    """

    def register(cls: M) -> M:
        layers.register_expert_class(name, sample_input=sample_input)(lambda hidden, inner: cls(hidden))  # noqa: ARG005
        return cls

    return register


class ModuleBackend:
    """A module, its optimizer and scheduler, and descriptions of what it takes and gives.

    Inputs and outputs are batches; rows of several callers are computed together. `forward` and `backward` may be
    called directly, too, with flat tensors. Unlike Hivemind's, a backend has one output tensor. Where outputs_schema
    is missing the module is run once on zeros to find out. kwargs (min_batch_size, max_batch_size) are accepted:
    the host's own limits apply.
    """

    def __init__(
        self,
        name: str,
        module: nn.Module,
        *,
        optimizer: torch.optim.Optimizer | None = None,
        scheduler: Any = None,
        args_schema: Sequence[BatchTensorDescriptor] = (),
        kwargs_schema: Mapping[str, BatchTensorDescriptor] | None = None,
        outputs_schema: BatchTensorDescriptor | Sequence[BatchTensorDescriptor] | None = None,
        **kwargs: Any,
    ) -> None:
        self.name, self.module, self.optimizer, self.scheduler = name, module, optimizer, scheduler
        self.args_schema, self.kwargs_schema = tuple(args_schema), dict(kwargs_schema or {})
        self.settings = kwargs
        if not self.args_schema and not self.kwargs_schema:
            raise ExpertError(f"The expert {name} takes no input; give it an args_schema or a kwargs_schema.")
        if outputs_schema is None:
            with torch.no_grad():
                zeros = [each.make_zeros(_DUMMY_ROWS) for each in (*self.args_schema, *self.kwargs_schema.values())]
                outputs_schema = BatchTensorDescriptor.from_tensor(_single(self._call(zeros), name))
        if not isinstance(outputs_schema, BatchTensorDescriptor):
            (outputs_schema,) = outputs_schema
        self.forward_schema = (self.args_schema, self.kwargs_schema)
        self.outputs_schema = outputs_schema
        self.steps = 0
        self._lock = threading.Lock()

    @property
    def schema(self) -> ExpertSchema:
        """The same for the rest of Hivelet."""
        inputs = [each.row for each in (*self.args_schema, *self.kwargs_schema.values())]
        return ExpertSchema(tuple(inputs), (self.outputs_schema.row,), tuple(self.kwargs_schema))

    def _call(self, inputs: Sequence[torch.Tensor]) -> Any:
        positional = len(self.args_schema)
        return self.module(*inputs[:positional], **dict(zip(self.kwargs_schema, inputs[positional:], strict=True)))

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Positional inputs, then those by keyword -> the output, in a tuple."""
        if not inputs[0].shape[0]:
            raise TensorError("A batch holds at least one sample.")
        with self._lock, torch.no_grad():
            return (_single(self._call(inputs), self.name),)

    def backward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The same inputs and the output's gradient -> gradients of all inputs (zeros for those without), after which
        the expert has learned. Raises TensorError, and learns nothing, when one is not finite."""
        *values, upstream = inputs
        with self._lock, torch.enable_grad():
            leaves = [value.detach().requires_grad_(value.is_floating_point()) for value in values]
            output = _single(self._call(leaves), self.name)
            for parameter in self.module.parameters():
                parameter.grad = None
            torch.autograd.backward(output, upstream.to(output))
            results = [torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in leaves]
            own = [parameter.grad for parameter in self.module.parameters() if parameter.grad is not None]
            if not all(map(is_finite, [*results, *own])):
                raise TensorError("The gradients are not finite for these inputs.")
            self.on_backward(upstream.shape[0])
        return tuple(results)

    def on_backward(self, batch_size: int) -> None:  # noqa: ARG002 - for those who override it
        """Train the expert for one step; called by `backward` once gradients are there."""
        self.steps += 1
        if self.optimizer is not None:
            self.optimizer.step()
            self.optimizer.zero_grad()
        if self.scheduler is not None:
            self.scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """The module's, optimizer's and scheduler's states."""
        full = {"module": self.module.state_dict()}
        if self.optimizer is not None:
            full["optimizer"] = self.optimizer.state_dict()
        if self.scheduler is not None:
            full["scheduler"] = self.scheduler.state_dict()
        return full

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take up such a state."""
        self.module.load_state_dict(state_dict["module"])
        if self.optimizer is not None and "optimizer" in state_dict:
            self.optimizer.load_state_dict(state_dict["optimizer"])
        if self.scheduler is not None and "scheduler" in state_dict:
            self.scheduler.load_state_dict(state_dict["scheduler"])

    def get_info(self) -> dict[str, Any]:
        """What callers are told."""
        return {
            "forward_schema": self.forward_schema,
            "outputs_schema": self.outputs_schema,
            "keyword_names": tuple(self.kwargs_schema),
        }


def _single(output: Any, name: str) -> torch.Tensor:
    if isinstance(output, tuple | list) and len(output) == 1:
        output = output[0]
    if not isinstance(output, torch.Tensor):
        raise ExpertError(f"The expert {name} must return one tensor.")
    return output


@dataclass(frozen=True, slots=True)
class _Costs:
    flops_per_sample: int


class HostedModule:
    """A ModuleBackend as a host wants it: `core.experts.hosted.HostedExpert`. Its forward passes are not kept."""

    keeps = False

    def __init__(self, backend: ModuleBackend) -> None:
        self.uid = backend.name
        self.backend = backend
        self.schema = backend.schema
        self.step_s = 0.0
        numbers = sum(parameter.numel() for parameter in backend.module.parameters())
        self.spec = _Costs(2 * numbers)
        self.memory_bytes = 16 * numbers  # weights, gradients, and an optimizer's two moments

    @property
    def steps(self) -> int:
        """Backward calls so far."""
        return self.backend.steps

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """See HostedExpert."""
        (output,) = self.backend.forward(*self._placed(inputs))
        return output.cpu()

    def forward_keeping(
        self,
        inputs: Sequence[torch.Tensor],  # noqa: ARG002 - its kind keeps nothing
        pieces: Sequence[int],  # noqa: ARG002 - its kind keeps nothing
    ) -> tuple[torch.Tensor, Sequence[Kept]]:
        """Not with this kind of expert, as `keeps` says. Raises ExpertError."""
        raise ExpertError(f"{self.uid} keeps nothing between a forward and a backward call.")

    def train(self, lessons: Sequence[Lesson]) -> tuple[list[tuple[torch.Tensor, ...]], Weights | None]:
        """See HostedExpert."""
        columns = zip(*((*lesson.inputs, lesson.upstream) for lesson in lessons), strict=True)
        tensors = [column[0] if len(column) == 1 else torch.cat(column) for column in columns]
        gradients = self.backend.backward(*self._placed(tensors))
        floats = [each.cpu() for each, x in zip(gradients, tensors, strict=False) if x.is_floating_point()]
        rows = [lesson.upstream.shape[0] for lesson in lessons]
        return list(zip(*(torch.split(each, rows) for each in floats), strict=True)), None

    def _placed(self, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        device = next((parameter.device for parameter in self.backend.module.parameters()), torch.device("cpu"))
        return [tensor.to(device) for tensor in tensors]

    def state(self) -> bytes:
        """The tensors of the module and of its optimizer, and how many steps they have made."""
        with self.backend._lock:  # not in the middle of a step
            tensors = dict(self.backend.module.state_dict())
            if self.backend.optimizer is not None:
                for index, slots in self.backend.optimizer.state_dict()["state"].items():
                    # What an optimizer keeps of a parameter that is neither a tensor nor a number, it can do without.
                    kept = {name: each for name, each in slots.items() if isinstance(each, torch.Tensor | float | int)}
                    tensors |= {f"{_OPTIMIZER}{index}.{name}": torch.as_tensor(each) for name, each in kept.items()}
            tensors[_STEPS] = torch.tensor(self.backend.steps)
            copies = {name: each.detach().cpu().contiguous().clone() for name, each in tensors.items()}
        return safetensors.torch.save(copies)

    def load(self, state: bytes) -> None:
        """Take up a saved state. Raises ExpertError when it does not fit."""
        try:
            tensors = safetensors.torch.load(state)
            steps = int(tensors.pop(_STEPS))
            slots = _slots_in(tensors)
            self.backend.module.load_state_dict(tensors)
            self._load_optimizer(slots, steps)
        except (SafetensorError, RuntimeError, KeyError, ValueError) as error:
            raise ExpertError(f"The saved state of {self.uid} does not fit it: {error}") from error
        self.backend.steps = steps

    def _load_optimizer(self, slots: dict[int, dict[str, torch.Tensor]], steps: int) -> None:
        """Raises ValueError."""
        optimizer, scheduler = self.backend.optimizer, self.backend.scheduler
        if optimizer is not None and slots:
            parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
            for index, own in slots.items():
                fits = index < len(parameters) and all(
                    is_finite(each) and each.shape in (parameters[index].shape, torch.Size()) for each in own.values()
                )
                if not fits:
                    raise ValueError("its optimizer's state belongs to other parameters")
            optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
        if optimizer is not None and isinstance(scheduler, torch.optim.lr_scheduler.LambdaLR):
            scheduler.load_state_dict({**scheduler.state_dict(), "last_epoch": steps})
            rates = zip(optimizer.param_groups, scheduler.base_lrs, scheduler.lr_lambdas, strict=True)
            for group, base, factor in rates:
                group["lr"] = base * factor(steps)


def _slots_in(tensors: dict[str, torch.Tensor]) -> dict[int, dict[str, torch.Tensor]]:
    """Take an optimizer's tensors out of a saved state, by the parameter's number. Raises ValueError."""
    slots: dict[int, dict[str, torch.Tensor]] = {}
    for key in [key for key in tensors if key.startswith(_OPTIMIZER)]:
        index, _, name = key.removeprefix(_OPTIMIZER).partition(".")
        slots.setdefault(int(index), {})[name] = tensors.pop(key)
    return slots
