"""Generated text: as long as asked for, in time, and always text."""

import pytest
import torch
from torch import nn

from core.training.generation import Token, generate, stream


class Alphabet(nn.Module):
    """After each byte comes the next one."""

    def __init__(self):
        super().__init__()
        self.longest = 0

    def forward(self, x):
        self.longest = max(self.longest, x.shape[1])
        return nn.functional.one_hot((x + 1) % 256, 256) * 100.0


def test_it_continues_the_prompt():
    model = Alphabet()
    assert generate(model, "xyzabc", 5, context=4, timeout=10) == "defgh"
    assert model.longest == 4
    assert generate(Alphabet(), "", 3, context=4, timeout=10) == "\x0b\x0c\r"  # an empty prompt is a line's end
    assert generate(Alphabet(), "abc", 0, context=4, timeout=10) == ""


def test_bytes_that_are_no_text_are_replaced():
    assert generate(Alphabet(), "\x7e", 3, context=4, timeout=10) == "\x7f\ufffd\ufffd"


def test_it_stops_in_time():
    now = 0.0

    class Slow(Alphabet):
        def forward(self, x):
            nonlocal now
            now += 1.0
            return super().forward(x)

    assert generate(Slow(), "a", 100, context=8, timeout=3.0, clock=lambda: now) == "bcd"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_broken_model_still_gives_text(value):
    class Broken(nn.Module):
        def forward(self, x):
            return torch.full((*x.shape, 256), value)

    assert len(generate(Broken(), "a", 20, context=8, timeout=10).encode(errors="replace")) >= 10


def test_equal_seeds_give_equal_texts():
    class Coin(nn.Module):
        def forward(self, x):
            logits = torch.full((*x.shape, 256), -100.0)
            logits[..., ord("0") : ord("2")] = 0.0
            return logits

    texts = [generate(Coin(), "a", 64, context=8, timeout=10, seed=seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert set(texts[0]) == {"0", "1"}


def test_a_stream_gives_each_byte_as_it_comes_with_the_experts_behind_it():
    class Told(Alphabet):
        def answerers(self, row):
            return (f"ffn0.{row}",)

    tokens = stream(Told(), "ab", 5, context=8, timeout=10)
    assert next(tokens) == Token(ord("c"), (("ffn0.1",),))
    assert next(tokens) == Token(ord("d"), (("ffn0.2",),))
    tokens.close()
