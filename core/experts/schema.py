"""What tensors an expert takes and gives, in either direction."""

from dataclasses import dataclass

from core.experts.outcome import Kind
from core.tensors.descriptor import BatchTensorDescriptor


@dataclass(frozen=True, slots=True)
class ExpertSchema:
    """inputs, outputs: one descriptor a tensor, in order. All tensors of one call have equally many rows. keywords:
    names of the last inputs, where they are passed by name."""

    inputs: tuple[BatchTensorDescriptor, ...]
    outputs: tuple[BatchTensorDescriptor, ...]
    keywords: tuple[str, ...] = ()

    @classmethod
    def rows(cls, hidden: int) -> "ExpertSchema":
        """The common case: float32 [rows, hidden] to the same."""
        row = BatchTensorDescriptor((hidden,))
        return cls((row,), (row,))

    def request(self, kind: Kind) -> tuple[BatchTensorDescriptor, ...]:
        """What a call brings: inputs, and for a backward call the gradients of every output behind them."""
        return self.inputs if kind is Kind.FORWARD else self.inputs + self.outputs

    def answer(self, kind: Kind) -> tuple[BatchTensorDescriptor, ...]:
        """What comes back: outputs, or the gradients of those inputs that have any (numbers with a fraction)."""
        return self.outputs if kind is Kind.FORWARD else tuple(each for each in self.inputs if each.is_float)
