"""Figures that are maps: as wide as the page, without texts over marks or other texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import qdash_ui_streamlit.components as components

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

_FOLDER = Path(components.__file__).parent
_FIGURE = {
    "data": [
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": [1.0, 0.0, 2.0],
            "y": [0.0, 0.0, 0.0],
            "text": ["1 +30.0σ", "0 +9.0σ", "2"],
            "textposition": "bottom right",
            "marker": {"size": [26, 20, 12]},
        }
    ],
    "layout": {
        "xaxis": {"visible": False, "range": [-0.5, 2.9]},
        "yaxis": {"visible": False, "range": [0.8, -0.5], "scaleanchor": "x", "constrain": "domain"},
        "margin": {"l": 10, "r": 30, "t": 10, "b": 10},
        "height": 320,
    },
}
"""Map of three qubits, the largest change first."""
_TEXTS = """(figure) => {
  const data = { figure, label: "Map", themed: false, view_of: "map", cursors: false };
  show_figure({ data, parentElement: document.body, setTriggerValue: () => {} });
  const texts = () => [...document.querySelectorAll(".textpoint text")].filter((one) => one.style.visibility !== "hidden");
  return new Promise((done) => {
    const look = () => (document.querySelector(".main-svg[aria-hidden]") ? done(texts().map((one) => one.textContent)) : requestAnimationFrame(look));
    look();
  });
}"""


@pytest.mark.parametrize(("width", "shown"), [(700, ["1 +30.0σ", "0 +9.0σ", "2"]), (160, ["1 +30.0σ"])])
def test_without_room_for_all_texts_a_map_shows_the_first(
    chromium: Browser, width: int, shown: list[str]
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 600})
    page.set_content('<!doctype html><div class="qdash-figure" role="figure"></div>')
    page.add_script_tag(path=_FOLDER / "figure/library/plotly-cartesian.min.js")
    parts = (
        "plot_places",
        "cursors",
        "../annotations",
        "map_figure",
        "narrow_layout",
        "dark_colours",
        "figure",
    )
    script = "".join((_FOLDER / "figure" / f"{one}.js").read_text("utf-8") for one in ("../shared", *parts))
    page.add_script_tag(content=script.replace("export default function", "function show_figure"))
    assert page.evaluate(_TEXTS, _FIGURE) == shown
    assert page.locator(".qdash-figure").bounding_box()["height"] < 320
    page.close()
