"""Layout that all figures share: white paper, with a heading at the top left."""

from __future__ import annotations

from typing import Any

from qdash_core.tasks.colours import INK, PAPER


def titled_layout(title: str, below: str, *, size: int, top: int) -> dict[str, Any]:
    """Return the part of a Plotly layout that is the same in all pictures.

    Parameters
    ----------
    title, below : str
        The heading, and a line of smaller letters below it; empty: none.
    size : int
        Of the heading's letters.
    top : int
        Pixels above the heading.
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
