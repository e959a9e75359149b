"""Colours, sizes and distances of the design. Pure: no Qt, so that contrast is tested as numbers.

Where a colour of the palette is too faint for small text on our backgrounds, a darker twin (`…_text`) exists.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """One appearance. All colours are `#rrggbb`."""

    name: str
    background: str
    card: str
    line: str
    ink: str
    dim: str
    amber: str
    amber_soft: str
    on_amber: str  # text on amber
    amber_hover: str
    green: str
    green_text: str
    red: str
    red_text: str
    red_soft: str
    blue: str
    track: str
    control_line: str  # outlines of controls: 3:1 against the card
    hover: str


LIGHT = Tokens(
    name="light",
    background="#f6f5f1",
    card="#fffefb",
    line="#e4e1d8",
    ink="#1f2328",
    dim="#65696f",
    amber="#e39a0b",
    amber_soft="#fbeecb",
    on_amber="#201703",
    amber_hover="#d08c07",
    green="#2f8f5b",
    green_text="#26784b",
    red="#c4473a",
    red_text="#b23c30",
    red_soft="#fbe9e5",
    blue="#3a6ea5",
    track="#ece8dc",
    control_line="#8d8a80",
    hover="#f3f0e7",
)

DARK = Tokens(
    name="dark",
    background="#17181b",
    card="#1f2125",
    line="#2f3238",
    ink="#eceae4",
    dim="#9a9ea6",
    amber="#f3b33d",
    amber_soft="#3a2f17",
    on_amber="#201703",
    amber_hover="#ffc45a",
    green="#57c08a",
    green_text="#57c08a",
    red="#e4776b",
    red_text="#ec8a7f",
    red_soft="#3a2220",
    blue="#7fb0e6",
    track="#2b2e34",
    control_line="#6f747d",
    hover="#282b30",
)

NAVIGATION_WIDTH = 208
PAGE_MARGIN_X, PAGE_MARGIN_Y = 28, 22
GAP = 16
CARD_RADIUS = 12
CONTROL_RADIUS = 8


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio after WCAG 2, 1 to 21."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
