import pytest

from app.tokens import DARK, LIGHT, Tokens, contrast

TEXT = ("ink", "dim", "green_text", "red_text", "blue")
GROUNDS = ("background", "card", "amber_soft", "red_soft", "hover")


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXT)
def test_text_meets_four_and_a_half_to_one(tokens: Tokens, text: str, ground: str) -> None:
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_buttons_and_outlines_can_be_seen(tokens: Tokens) -> None:
    assert contrast(tokens.on_amber, tokens.amber) >= 4.5
    assert contrast(tokens.on_amber, tokens.amber_hover) >= 4.5
    assert contrast(tokens.control_line, tokens.card) >= 3
    assert contrast(tokens.ink, tokens.card) >= 3, "the focus ring"


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
