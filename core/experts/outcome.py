"""What becomes of one expert call, wherever the expert lives."""

from enum import IntEnum
from typing import NamedTuple

import torch

from core.tensors.descriptor import BatchTensorDescriptor
from net.wire.messages import FailureCode


class Kind(IntEnum):
    """What is asked of an expert."""

    __hash__ = int.__hash__  # an Enum's own is slow, and it is a part of many keys
    FORWARD = 0
    BACKWARD = 1


class Ticket(NamedTuple):
    """Stands for a forward call's inputs at the host that answered it. host: its peer id, empty for this engine."""

    host: bytes
    token: bytes


class Outcome(NamedTuple):
    """code 0 and tensors (outputs, or input gradients), on the CPU; or a FailureCode and one sentence.

    retry_after: seconds to leave the expert alone, 0 when the answer says nothing about that; ticket: of a forward
    call that was to be kept, to be handed to its backward call; None where the host keeps nothing.
    """

    code: int
    text: str = ""
    tensors: tuple[torch.Tensor, ...] = ()
    retry_after: float = 0.0
    ticket: Ticket | None = None

    @property
    def ok(self) -> bool:
        """Whether the tensors are there."""
        return self.code == 0


class Call(NamedTuple):
    """One request to one expert: its inputs, for a backward call followed by the gradients of its outputs.

    answer: what must come back; by default one tensor like the first input, as from every expert of a mixture.
    outputs: how many tensors at the end of a backward call are gradients. keep: a backward call will follow this
    forward call; ticket: of a backward call, from its forward call's outcome, so that inputs need not travel again.
    """

    uid: str
    tensors: tuple[torch.Tensor, ...]
    answer: tuple[BatchTensorDescriptor, ...] | None = None
    outputs: int = 1
    keep: bool = False
    ticket: Ticket | None = None

    @property
    def expected(self) -> tuple[BatchTensorDescriptor, ...]:
        """`answer`, or its default."""
        if self.answer is not None:
            return self.answer
        return (BatchTensorDescriptor.of(self.tensors[0]),)


def refusal(code: FailureCode, text: str, retry_after: float = 0.0) -> Outcome:
    """An outcome without tensors."""
    return Outcome(int(code), text, (), retry_after)
