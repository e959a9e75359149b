# ruff: noqa: N803, N806, N815 - names end in the shape of what they hold; the legend is below
"""The two models: everything but the experts, which a factory brings in as mixture layers.

Shape suffixes: B sequences or images in a batch, T tokens of a sequence, D width, H heads, K width of a head,
V byte values (256), C classes, P pixels, N rows of a mixture call (B * T, or B).

Both are stacks of residual branches that begin almost silent (`Branch`): a fresh attention layer or fresh experts
would otherwise add the same vector to all rows, which drowns the input and, with gradients that are a few steps old,
makes the first hundreds of steps oscillate.
"""

from collections.abc import Callable

import torch
from torch import nn

from core.projects.manifest import LayerSpec, Manifest, ModelSpec, NgramSpec

MixtureFactory = Callable[[LayerSpec], nn.Module]
"""Makes the mixture layer of one LayerSpec: a module that maps [N, D] to [N, D]. Its parameters (the gate) belong to
the trunk; its experts must not be parameters of it. It may have `balance_loss`, a scalar about its last forward.
`copy.deepcopy` must copy the gate and share the experts."""

BYTES = 256
PIXELS = 64
CLASSES = 10
CONVOLUTION = 4
FIRST_SCALE = 0.03


def build_model(manifest: Manifest, mixture_for: MixtureFactory) -> nn.Module:
    """The project's model on the CPU. The trunk's first weights depend on the manifest's seed alone, so that all
    trainers begin with the same ones."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(manifest.seed)
        mixtures = [mixture_for(layer) for layer in manifest.layers]
        if manifest.task == "text":
            return LanguageModel(manifest.model, mixtures)
        return Classifier(manifest.model, mixtures)


class Branch(nn.Module):
    """x + scale * inner(norm(x)), one learned scale a channel, small at first."""

    def __init__(self, width: int, inner: nn.Module, scale: float = FIRST_SCALE) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(width)
        self.inner = inner
        self.scale = nn.Parameter(torch.full((width,), scale))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., D] -> [..., D]."""
        return x + self.scale * self.inner(self.norm(x))  # type: ignore[no-any-return]


class Rows(nn.Module):
    """Shows a mixture the tokens of all sequences as rows."""

    def __init__(self, mixture: nn.Module) -> None:
        super().__init__()
        self.mixture = mixture

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., D] -> [..., D], through [N, D]."""
        return self.mixture(x.flatten(0, -2)).view_as(x)  # type: ignore[no-any-return]


class CausalAttention(nn.Module):
    """Attention to earlier tokens, with rotary positions, over a short causal convolution of each channel.

    The convolution lets a token know its neighbours from the first step on; without it that has to be learned.
    """

    cos_TK: torch.Tensor
    sin_TK: torch.Tensor

    def __init__(self, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.heads = heads
        taps = torch.empty(CONVOLUTION, width).uniform_(-0.05, 0.05)
        taps[0] += 1.0  # nearly the identity
        self.taps = nn.Parameter(taps)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        half = width // heads // 2
        turns = torch.arange(context)[:, None] * 1000.0 ** (-torch.arange(half) / half)
        self.register_buffer("cos_TK", turns.cos(), persistent=False)
        self.register_buffer("sin_TK", turns.sin(), persistent=False)

    def forward(self, x_BTD: torch.Tensor) -> torch.Tensor:
        """[B, T, D] -> [B, T, D]; T is at most the context."""
        B, T, D = x_BTD.shape
        # Four shifted sums: torch's own convolution keeps 150 MB of buffers for this and is no faster.
        padded = nn.functional.pad(x_BTD, (0, 0, CONVOLUTION - 1, 0))
        x_BTD = sum(padded[:, CONVOLUTION - 1 - back :][:, :T] * tap for back, tap in enumerate(self.taps))
        q_BHTK, k_BHTK, v_BHTK = self.qkv(x_BTD).view(B, T, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y_BHTK = nn.functional.scaled_dot_product_attention(
            self._turn(q_BHTK), self._turn(k_BHTK), v_BHTK, is_causal=True
        )
        return self.out(y_BHTK.transpose(1, 2).reshape(B, T, D))  # type: ignore[no-any-return]

    def _turn(self, x_BHTK: torch.Tensor) -> torch.Tensor:
        """Rotate pairs of channels by an angle that grows with the position."""
        cos, sin = self.cos_TK[: x_BHTK.shape[2]], self.sin_TK[: x_BHTK.shape[2]]
        even, odd = x_BHTK.chunk(2, dim=-1)
        return torch.cat((even * cos - odd * sin, even * sin + odd * cos), dim=-1)


class NgramEmbedding(nn.Module):
    """A learned vector for the last `order` bytes, which share `buckets` rows by hashing."""

    def __init__(self, spec: NgramSpec, width: int) -> None:
        super().__init__()
        self.spec = spec
        self.rows = nn.Embedding(spec.buckets, width)
        nn.init.normal_(self.rows.weight, std=0.02)

    def forward(self, bytes_BT: torch.Tensor) -> torch.Tensor:
        """int64 [B, T] -> [B, T, D]."""
        T = bytes_BT.shape[1]
        hash_BT = torch.zeros_like(bytes_BT)
        for back in range(self.spec.order):  # a byte before the first one counts as -1, so that 0 stays a byte
            shifted_BT = nn.functional.pad(bytes_BT, (back, 0), value=-1)[:, :T]
            hash_BT = (hash_BT * 257 + shifted_BT + 1) * 0x9E3779B1 % 2**32
        return self.rows((hash_BT >> 8) % self.spec.buckets)  # type: ignore[no-any-return]


class LanguageModel(nn.Module):
    """A byte-level transformer; its feed-forward layers are the mixtures."""

    def __init__(self, spec: ModelSpec, mixtures: list[nn.Module]) -> None:
        super().__init__()
        self.embedding = nn.Embedding(BYTES, spec.width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.ngrams = nn.ModuleList(NgramEmbedding(ngram, spec.width) for ngram in spec.ngrams)
        self.branches = nn.Sequential()
        for mixture in mixtures:
            self.branches.append(Branch(spec.width, CausalAttention(spec.width, spec.heads, spec.context)))
            self.branches.append(Branch(spec.width, Rows(mixture)))
        self.norm = nn.RMSNorm(spec.width)
        self.head = nn.Linear(spec.width, BYTES)
        nn.init.normal_(self.head.weight, std=0.02)

    def forward(self, bytes_BT: torch.Tensor) -> torch.Tensor:
        """int64 [B, T] -> logits [B, T, V] of the byte that follows each one."""
        x_BTD = self.embedding(bytes_BT)
        for ngram in self.ngrams:
            x_BTD = x_BTD + ngram(bytes_BT)
        return self.head(self.norm(self.branches(x_BTD)))  # type: ignore[no-any-return]


class Classifier(nn.Module):
    """The DMoE paper's image classifier: a stack of mixtures, each with a normalised input and a residual around it."""

    def __init__(self, spec: ModelSpec, mixtures: list[nn.Module]) -> None:
        super().__init__()
        self.embedding = nn.Linear(PIXELS, spec.width)
        self.branches = nn.Sequential(*(Branch(spec.width, Rows(mixture), scale=0.3) for mixture in mixtures))
        self.norm = nn.RMSNorm(spec.width)
        self.head = nn.Linear(spec.width, CLASSES)

    def forward(self, pixels_BP: torch.Tensor) -> torch.Tensor:
        """float [B, P] -> logits [B, C]."""
        return self.head(self.norm(self.branches(self.embedding(pixels_BP))))  # type: ignore[no-any-return]
