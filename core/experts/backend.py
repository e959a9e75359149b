"""One expert at work: its module and optimizer, what it computes, and its state as bytes."""

import threading
from collections.abc import Sequence

import safetensors.torch
import torch
from safetensors import SafetensorError

from core.errors import ExpertError, TensorError
from core.experts.layers import WithGradients, build_layer
from core.experts.optimizer import FlatOptimizer
from core.experts.spec import ExpertSpec
from core.tensors.codec import is_finite
from core.tensors.descriptor import BatchTensorDescriptor


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
        self.schema = BatchTensorDescriptor((spec.hidden,))
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
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[rows, hidden] -> [rows, hidden]. Raises TensorError when the result is not finite."""
        with self._lock:
            y = self._module(x.to(self.device)).cpu()
        if not is_finite(y):
            raise TensorError("The expert's output is not finite for these inputs.")
        return y  # type: ignore[no-any-return]

    def backward(self, x: torch.Tensor, output_gradients: torch.Tensor) -> torch.Tensor:
        """Train on a batch: [rows, hidden] twice -> input gradients [rows, hidden], of the weights before the step.

        Raises TensorError, and learns nothing, when a gradient is not finite.
        """
        with self._lock:
            input_gradients, gradients = self._gradients(x.to(self.device), output_gradients.to(self.device))
            result = input_gradients.cpu()
            if not is_finite(result):
                raise TensorError("The input gradients are not finite for these inputs.")
            self._optimizer.step(gradients)
        return result

    def _gradients(self, x: torch.Tensor, upstream: torch.Tensor) -> tuple[torch.Tensor, Sequence[torch.Tensor | None]]:
        if isinstance(self._module, WithGradients):
            with torch.no_grad():
                return self._module.gradients(x, upstream)
        with torch.enable_grad():
            inputs = x.detach().requires_grad_()
            y = self._module(inputs)
            found = torch.autograd.grad(y, [inputs, *self._optimizer.parameters], upstream, allow_unused=True)
        return (torch.zeros_like(x) if found[0] is None else found[0]), found[1:]

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
