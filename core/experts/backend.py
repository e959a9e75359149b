"""One expert at work: its module and optimizer, what it computes, and its state as bytes."""

import threading
from collections.abc import Sequence

import safetensors.torch
import torch
from safetensors import SafetensorError

from core.errors import ExpertError, TensorError
from core.experts.layers import WithGradients, build_layer, schema_of
from core.experts.optimizer import FlatOptimizer
from core.experts.spec import ExpertSpec
from core.tensors.codec import is_finite


class ExpertBackend:
    """A hosted expert. Inputs and answers are on the CPU; the expert itself lives on `device`.

    A backward call recomputes the forward pass, so that nothing is remembered between a caller's two calls, and
    steps the optimizer at once (asynchronous SGD). Every method may be called from any thread.

    Raises ExpertError when `state` does not fit `spec`.
    """

    def __init__(self, uid: str, spec: ExpertSpec, seed: int, device: torch.device, state: bytes | None = None) -> None:
        self.uid = uid
        self.spec = spec
        self.device = device
        self.schema = schema_of(spec)
        self._lock = threading.Lock()
        self._module = build_layer(spec, seed).to(device)
        self._optimizer = FlatOptimizer(self._module, spec.optimizer)
        self._fixed = dict(self._module.named_buffers()) | {
            name: p for name, p in self._module.named_parameters() if not p.requires_grad
        }
        if state is not None:
            self._load(state)

    @property
    def steps(self) -> int:
        """Optimizer steps since the expert was born, on whichever host."""
        return self._optimizer.steps

    @torch.no_grad()
    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Inputs as `schema` says -> the output, [rows, …] like the first of them. Raises TensorError when the result
        is not finite."""
        with self._lock:
            y = self._module(*(x.to(self.device) for x in inputs)).cpu()
        if not is_finite(y):
            raise TensorError("The expert's output is not finite for these inputs.")
        return y  # type: ignore[no-any-return]

    def backward(self, *tensors: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """Train on a batch: inputs and the output's gradient -> the input's gradient (a tuple where several inputs
        have one), of the weights before the step.

        Raises TensorError, and learns nothing, when a gradient is not finite.
        """
        with self._lock:
            *inputs, upstream = (tensor.to(self.device) for tensor in tensors)
            input_gradients, gradients = self._gradients(inputs, upstream)
            results = tuple(each.cpu() for each in input_gradients)
            if not all(map(is_finite, results)):
                raise TensorError("The input gradients are not finite for these inputs.")
            self._optimizer.step(gradients)
        return results[0] if len(results) == 1 else results

    def _gradients(
        self, inputs: Sequence[torch.Tensor], upstream: torch.Tensor
    ) -> tuple[Sequence[torch.Tensor], Sequence[torch.Tensor | None]]:
        if isinstance(self._module, WithGradients):
            with torch.no_grad():
                input_gradient, gradients = self._module.gradients(inputs[0], upstream)
                return [input_gradient], gradients
        with torch.enable_grad():
            leaves = [x.detach().requires_grad_(x.is_floating_point()) for x in inputs]
            wanted = [x for x in leaves if x.requires_grad]
            y = self._module(*leaves)
            found = torch.autograd.grad(y, [*wanted, *self._optimizer.parameters], upstream, allow_unused=True)
        own = [torch.zeros_like(x) if g is None else g for x, g in zip(wanted, found, strict=False)]
        return own, found[len(wanted) :]

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
        for kind in ("parameter", *self._optimizer.slots):
            expected |= self._named(kind, self._optimizer.flat)
        expected |= {f"fixed.{name}": tensor for name, tensor in self._fixed.items()}
        if tensors.keys() != expected.keys():
            raise ExpertError(f"The saved state is not of the expert {self.uid}: it holds other tensors.")
        for name, tensor in expected.items():
            saved = tensors[name]
            if saved.shape != tensor.shape or saved.dtype != tensor.dtype or not is_finite(saved):
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


def _parse(state: bytes) -> dict[str, torch.Tensor]:
    try:
        return safetensors.torch.load(state)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ExpertError("The saved state of an expert is damaged and cannot be read.") from error


def _flatten(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.cat([tensor.reshape(-1) for tensor in tensors]) if tensors else torch.empty(0)
