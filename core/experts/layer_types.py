"""Layer types beyond the plain feed-forward one, with Hivemind's names and shapes. Registered when first asked for.

None of them draws random numbers: a host may compute a forward pass again for its backward call, and both must agree.
"""

import time

import torch
from torch import nn

from core.experts.layers import register_expert_class
from core.experts.spec import SEQUENCE

DELAY_S = 0.5
KEPT_SHARE = 0.8
_MOST_HEADS = 16


def _sequence(rows: int, hidden: int) -> torch.Tensor:
    return torch.empty(rows, SEQUENCE, hidden)


def _masked_sequence(rows: int, hidden: int) -> tuple[torch.Tensor, torch.Tensor]:
    return _sequence(rows, hidden), torch.empty(rows, SEQUENCE, dtype=torch.bool)


def _masked_row(rows: int, hidden: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.empty(rows, hidden), torch.empty(rows, hidden, dtype=torch.int64)


@register_expert_class("ffn_residual")
class ResidualFeedForward(nn.Module):
    """Hivemind's `ffn`: LayerNorm(x + narrow(gelu(widen(x)))), the residual inside."""

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__()
        self.widen = nn.Linear(hidden, inner)
        self.narrow = nn.Linear(inner, hidden)
        self.norm = nn.LayerNorm(hidden, eps=1e-12)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[rows, hidden] -> [rows, hidden]."""
        return self.norm(x + self.narrow(nn.functional.gelu(self.widen(x), approximate="tanh")))  # type: ignore[no-any-return]


class _Attention(nn.Module):
    """A transformer layer after Vaswani et al. (2017): attention and feed-forward, each added to its input and then
    normalised. At most 16 heads, as many as divide `hidden`."""

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__()
        self.heads = max(heads for heads in range(1, _MOST_HEADS + 1) if hidden % heads == 0)
        self.project = nn.Linear(hidden, 3 * hidden)
        self.merge = nn.Linear(hidden, hidden)
        self.widen = nn.Linear(hidden, inner)
        self.narrow = nn.Linear(inner, hidden)
        self.norm1 = nn.LayerNorm(hidden)
        self.norm2 = nn.LayerNorm(hidden)

    def attend(self, x: torch.Tensor, mask: torch.Tensor | None, *, causal: bool) -> torch.Tensor:
        """x: [rows, tokens, hidden]; mask: bool [rows, 1, 1, tokens], which tokens may be looked at."""
        rows, tokens, hidden = x.shape
        parts = self.project(x).view(rows, tokens, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind(0)
        seen = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=causal)
        x = self.norm1(x + self.merge(seen.transpose(1, 2).reshape(rows, tokens, hidden)))
        wide = nn.functional.gelu(self.widen(x), approximate="tanh")
        return self.norm2(x + self.narrow(wide))  # type: ignore[no-any-return]


@register_expert_class("transformer", sample_input=_masked_sequence)
class TransformerLayer(_Attention):
    """An encoder layer over sequences of SEQUENCE tokens, every token seeing every other one that is not padding."""

    def forward(self, x: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
        """[rows, SEQUENCE, hidden], bool [rows, SEQUENCE] (True: padding, not looked at) -> like the first."""
        # A sequence of nothing but padding looks at everything, where a softmax over nothing would be NaN.
        seen = ~padding | padding.all(dim=1, keepdim=True)
        return self.attend(x, seen[:, None, None, :], causal=False)


@register_expert_class("causal_transformer", sample_input=_sequence)
class CausalTransformerLayer(_Attention):
    """A decoder layer over sequences of SEQUENCE tokens: each token sees itself and those before it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[rows, SEQUENCE, hidden] -> the same."""
        return self.attend(x, None, causal=True)


@register_expert_class("nop_delay")
class DelayedNop(nn.Module):
    """Returns its input half a second later: for measuring what waits for what."""

    def __init__(self, hidden: int, inner: int) -> None:  # noqa: ARG002 - every layer takes both sizes
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[rows, hidden] -> the same."""
        time.sleep(DELAY_S)
        return x.clone()


@register_expert_class("det_dropout", sample_input=_masked_row)
class DeterministicDropout(nn.Module):
    """A feed-forward block whose dropout mask is an input, so that forward and backward use the same one."""

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__()
        self.widen = nn.Linear(hidden, inner)
        self.narrow = nn.Linear(inner, hidden)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """[rows, hidden], int64 of the same shape (0: dropped) -> [rows, hidden]."""
        return self.narrow(torch.relu(self.widen(x * mask / KEPT_SHARE)))  # type: ignore[no-any-return]
