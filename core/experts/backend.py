"""One expert at work: its module and optimizer, what it computes, and its state as bytes."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import safetensors.torch
import torch
from safetensors import SafetensorError

from core.errors import ExpertError, TensorError
from core.experts.layers import build_layer, schema_of
from core.experts.optimizer import FlatOptimizer
from core.experts.passes import passes_for
from core.experts.spec import ExpertSpec
from core.experts.tickets import Kept
from core.experts.weights import Weights
from core.tensors.codec import is_finite


class Lesson(NamedTuple):
    """One caller's share of a backward batch. kept: of its forward call; where there is none, its inputs."""

    upstream: torch.Tensor
    kept: Kept | None = None
    inputs: tuple[torch.Tensor, ...] = ()


class ExpertBackend:
    """A hosted expert. Inputs and answers are on the CPU; the expert itself lives on `device`.

    A backward batch steps the optimizer once, at once (asynchronous SGD). Gradients are those of the weights that the
    forward call used, where that was kept, and otherwise of the present ones, for which the forward pass is computed
    again. Every method may be called from any thread.

    precision: of the arithmetic, one of `PRECISIONS`; the weights are float32 in any case. short: see FlatOptimizer.
    Raises ExpertError when `state` does not fit `spec`.
    """

    def __init__(
        self,
        uid: str,
        spec: ExpertSpec,
        seed: int,
        device: torch.device,
        state: bytes | None = None,
        precision: str = "float32",
        *,
        short: bool = False,
    ) -> None:
        self.uid = uid
        self.spec = spec
        self.device = device
        self._here = device.type == "cpu"  # where tensors come from and go to
        self.schema = schema_of(spec)
        self.keeps = True
        self.step_s = 0.0  # what an optimizer step takes by itself, however many rows it is for
        self._lock = threading.Lock()
        self._module = build_layer(spec, seed).to(device)
        self._optimizer = FlatOptimizer(self._module, spec.optimizer, short=short)
        self._passes = passes_for(self._module, device, precision)
        self._fixed = dict(self._module.named_buffers()) | {
            name: p for name, p in self._module.named_parameters() if not p.requires_grad
        }
        if state is not None:
            self._load(state)

    @property
    def memory_bytes(self) -> int:
        """What its weights and moments take once it is trained."""
        return self.spec.memory_bytes if self._optimizer.short else self.spec.exact_memory_bytes

    @property
    def steps(self) -> int:
        """Optimizer steps since the expert was born, on whichever host."""
        return self._optimizer.steps

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Inputs as `schema` says -> the output, [rows, …] like the first of them. Raises TensorError when the result
        is not finite."""
        if torch.is_grad_enabled():  # asked first: to turn off what is off costs as much as a small expert's work
            with torch.no_grad():
                return self.forward(*inputs)
        with self._lock:
            y = self._passes.output(inputs if self._here else [x.to(self.device) for x in inputs])
        return _finite_output(y if self._here and y.dtype is torch.float32 else y.float().cpu())

    def forward_keeping(
        self, inputs: Sequence[torch.Tensor], pieces: Sequence[int]
    ) -> tuple[torch.Tensor, Sequence[Kept]]:
        """The same, and what a later backward call of each piece needs (pieces: their numbers of rows, in order)."""
        with self._lock:
            y, kept = self._passes.forward([x.to(self.device) for x in inputs], self._optimizer.weights, pieces)
        return _finite_output(y.cpu()), kept

    def backward(self, *tensors: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """Train on a batch: inputs and the output's gradient -> the input's gradient (a tuple where several inputs
        have one), of the weights before the step.

        Raises TensorError, and learns nothing, when a gradient is not finite.
        """
        *inputs, upstream = tensors
        (results,), _ = self.train([Lesson(upstream, None, tuple(inputs))])
        return results[0] if len(results) == 1 else results

    def train(self, lessons: Sequence[Lesson]) -> tuple[list[tuple[torch.Tensor, ...]], Weights | None]:
        """Train on several callers' calls in one step: the input gradients of each, and the weights that the step
        left as they were because a ticket still needs them, if any.

        Raises TensorError, and learns nothing, when a gradient is not finite.
        """
        with self._lock, torch.no_grad():
            kept = self._complete(lessons)
            vector, places = self._optimizer.gradient()
            results: dict[int, tuple[torch.Tensor, ...]] = {}
            groups: dict[int, list[int]] = {}
            for index, each in enumerate(kept):
                groups.setdefault(id(each.weights), []).append(index)
            total: torch.Tensor | None = None
            for group in groups.values():
                upstream = [lessons[index].upstream.to(self.device) for index in group]
                found = self._passes.backward([kept[index] for index in group], upstream, places)
                results |= zip(group, (tuple(g.cpu() for g in own) for own in found), strict=True)
                if len(groups) > 1:  # of several versions: their gradients add up
                    total = vector.clone() if total is None else total.add_(vector)
            if not all(is_finite(g) for own in results.values() for g in own):
                raise TensorError("The input gradients are not finite for these inputs.")
            own = sum(lesson.kept is not None and lesson.kept.weights is self._optimizer.weights for lesson in lessons)
            began = time.perf_counter()
            left = self._optimizer.follow(vector if total is None else total, own)
            self.step_s += (time.perf_counter() - began - self.step_s) * (0.1 if self.step_s else 1.0)
        return [results[index] for index in range(len(lessons))], left

    def _complete(self, lessons: Sequence[Lesson]) -> list[Kept]:
        """What was kept of each, computed now for those of which nothing was."""
        missing = [lesson for lesson in lessons if lesson.kept is None]
        fresh: Iterator[Kept] = iter(())
        if missing:
            columns = zip(*(lesson.inputs for lesson in missing), strict=True)
            inputs = [torch.cat(column) if len(column) > 1 else column[0] for column in columns]
            pieces = [lesson.upstream.shape[0] for lesson in missing]
            _, found = self._passes.forward([x.to(self.device) for x in inputs], self._optimizer.weights, pieces)
            fresh = iter(found)
        return [lesson.kept or next(fresh) for lesson in lessons]

    def state(self) -> bytes:
        """Weights, optimizer moments and step count in safetensors format."""
        with self._lock:
            tensors = {"steps": torch.tensor([self._optimizer.steps])}
            tensors |= self._named("parameter", self._optimizer.flat.clone())
            for slot, vector in self._optimizer.slots.items():
                tensors |= self._named(slot, vector.clone())
            tensors |= {f"fixed.{name}": tensor.detach().cpu().clone() for name, tensor in self._fixed.items()}
        return safetensors.torch.save(tensors)

    def _named(self, kind: str, flat: torch.Tensor) -> dict[str, torch.Tensor]:
        """Cut a flat vector into one tensor a parameter, named after it."""
        names = [name for name, p in self._module.named_parameters() if p.requires_grad]
        shapes = [p.shape for p in self._optimizer.parameters]
        pieces = torch.split(flat.cpu(), [shape.numel() for shape in shapes])
        return {
            f"{kind}.{name}": piece.reshape(shape).contiguous()
            for name, piece, shape in zip(names, pieces, shapes, strict=True)
        }

    def _load(self, state: bytes) -> None:
        tensors = _parse(state)
        expected = {"steps": torch.zeros(1, dtype=torch.int64)}
        expected |= self._named("parameter", self._optimizer.flat)
        moments: dict[str, torch.Tensor] = {}
        for slot, vector in self._optimizer.slots.items():
            moments |= self._named(slot, vector)
        expected |= moments
        expected |= {f"fixed.{name}": tensor for name, tensor in self._fixed.items()}
        if tensors.keys() != expected.keys():
            raise ExpertError(f"The saved state is not of the expert {self.uid}: it holds other tensors.")
        for name, tensor in expected.items():
            saved = tensors[name]
            # Another host may have kept moments longer or shorter.
            kinds = {tensor.dtype, torch.float32, torch.bfloat16} if name in moments else {tensor.dtype}
            if saved.shape != tensor.shape or saved.dtype not in kinds or not is_finite(saved):
                raise ExpertError(f"The saved state of {self.uid} is damaged: {name!r} does not fit or is not finite.")
        steps = int(tensors["steps"])
        if steps < 0:
            raise ExpertError(f"The saved state of {self.uid} is damaged: it counts {steps} steps.")

        def flat(kind: str) -> torch.Tensor:
            return _flatten([tensors[name] for name in self._named(kind, self._optimizer.flat)])

        self._optimizer.restore(steps, flat("parameter"), {slot: flat(slot) for slot in self._optimizer.slots})
        with torch.no_grad():
            for name, tensor in self._fixed.items():
                tensor.copy_(tensors[f"fixed.{name}"])


def _finite_output(y: torch.Tensor) -> torch.Tensor:
    if not is_finite(y):
        raise TensorError("The expert's output is not finite for these inputs.")
    return y


def _parse(state: bytes) -> dict[str, torch.Tensor]:
    try:
        return safetensors.torch.load(state)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ExpertError("The saved state of an expert is damaged and cannot be read.") from error


def _flatten(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.cat([tensor.reshape(-1) for tensor in tensors]) if tensors else torch.empty(0)
