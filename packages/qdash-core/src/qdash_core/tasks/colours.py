"""Colours that are safe for all kinds of colour vision, and readable text on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

INK, GREY, PALE, PAPER = "#30343b", "#8a8f98", "#d5d8dc", "#ffffff"

# Viridis at eleven places, by S. van der Walt and N. Smith (matplotlib, CC0): lightness grows evenly from end to end.
VIRIDIS = (
    *("#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c"),
    *("#22a884", "#44bf70", "#7ad151", "#bddf26", "#fde725"),
)
# ColorBrewer's RdBu, from blue to red: safe for colour-blind eyes, and white at zero.
BLUE_TO_RED = (
    *("#053061", "#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7"),
    *("#fddbc7", "#f4a582", "#d6604d", "#b2182b", "#67001f"),
)
# Okabe and Ito, "Color universal design" (2008), without black, and lighter and darker neighbours of the same hues.
DISTINCT = (
    *("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9"),
    *("#f0e442", "#004b75", "#8c6100", "#6fd6b8", "#8a3d00", "#7a3b60"),
)

_LIGHT = 0.36
"""Relative luminance above which dark text reads better than white."""


def colour_at(stops: Sequence[str], fraction: float) -> str:
    """Return the colour of a scale at a fraction from 0 to 1, clipped at the ends."""
    place = min(max(fraction, 0.0), 1.0) * (len(stops) - 1)
    below = min(int(place), len(stops) - 2)
    first, second = (_parse_channels(stops[number]) for number in (below, below + 1))
    mixed = (round(a + (b - a) * (place - below)) for a, b in zip(first, second, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def choose_text_colour(colour: str) -> str:
    """Return a readable text colour for a background."""
    red, green, blue = ((channel / 255) ** 2.2 for channel in _parse_channels(colour))
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _LIGHT else PAPER


def make_plotly_scale(stops: Sequence[str]) -> list[list[float | str]]:
    """Return a colour scale in Plotly's format: pairs of fraction and colour."""
    return [[number / (len(stops) - 1), colour] for number, colour in enumerate(stops)]


def _parse_channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
