"""Layout and number format that all figures share: white paper, a heading at the top left, unit symbols."""

from __future__ import annotations

from typing import Any

from qdash_core.models.estimates import unit_symbol
from qdash_core.tasks.colours import INK, PAPER


def axis_title(name: str, unit: str) -> str:
    """Return a name with its unit in parentheses: `Delay (µs)`."""
    return f"{name} ({unit_symbol(unit)})" if unit else name


def quantity(number: str, unit: str) -> str:
    """Return a formatted number with its unit: true minus signs, and a no-break space before the unit."""
    number = number.replace("-", "\N{MINUS SIGN}")
    return f"{number}\N{NO-BREAK SPACE}{unit_symbol(unit)}" if unit else number


def titled_layout(title: str, below: str, *, size: int, top: int) -> dict[str, Any]:
    """Return the part of a Plotly layout that is the same in all figures.

    `below` is a line in smaller letters below the heading, or empty. `size` is the font size of the heading, with
    `top` pixels above it.
    """
    return {
        "title": {
            "text": f"{title}<br><sub>{below}</sub>" if below else title,
            "font": {"size": size, "color": INK},
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
            "yref": "container",
            "pad": {"t": top, "l": 20},
        },
        "plot_bgcolor": PAPER,
        "paper_bgcolor": PAPER,
    }
