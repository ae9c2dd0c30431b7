"""Buttons that download a figure as PNG or SVG, made in the browser."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import make_component

_figure_download = make_component(__file__, html='<p class="buttons"></p>', parts=("save_file",))


def figure_download(figure: str, *, title: str, name: str) -> None:
    """Draw the buttons for the Plotly figure with this key of letters, digits, `-` and `_`.

    `title` is its name for screen readers, `name` that of the files, without suffix.
    """
    _figure_download(key=f"{figure}-download", data={"figure": figure, "title": title, "name": name})
