"""Library of figures: packaged unchanged, with its licence; figures that it cannot draw are left to Streamlit."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.metrics.pages.metric_figures import STYLES
from qdash_builtin.results.pages import result_figures
from qdash_ui_streamlit.components import figure as figure_component
from qdash_ui_streamlit.components.figure import is_drawable
from qdash_ui_streamlit.routes.scripts import FIGURE_LIBRARY, make_script_routes, make_script_url

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LIBRARY = Path(figure_component.__file__).with_name("library")


def read_sums() -> dict[str, str]:
    lines = (LIBRARY / "SHA256SUMS").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_the_files_are_those_of_the_package() -> None:
    found = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in LIBRARY.iterdir()}
    del found["SHA256SUMS"]
    assert found == read_sums()
    assert "Permission is hereby granted, free of charge" in (LIBRARY / "LICENSE").read_text("utf-8")


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "gzip"), ("", None)])
def test_the_library_is_cached_under_the_digest_of_its_contents(accepted: str, encoding: str | None) -> None:
    browser = TestClient(Starlette(routes=make_script_routes()), headers={"accept-encoding": accepted})
    answer = browser.get(make_script_url(FIGURE_LIBRARY))
    assert (answer.status_code, answer.headers.get("content-encoding")) == (200, encoding)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert hashlib.sha256(answer.content).hexdigest() == read_sums()["plotly-cartesian.min.js"]


@pytest.mark.slow
def test_dark_colours_become_light_in_the_dark_theme_of_figures_and_of_their_facts(chromium: Browser) -> None:
    page = chromium.new_page()
    page.add_script_tag(path=LIBRARY.with_name("dark_colours.js"))
    colours = ["#30343b", "#f7f7f7", "rgba(0,0,0,0.2)"]
    assert page.evaluate("(them) => them.map(lighten)", colours) == ["#c4c8cf", "#f7f7f7", "rgba(0,0,0,0.2)"]
    for style in STYLES:
        page.set_content(
            f'<body style="color-scheme: dark"><p style="color:{style.css_colour}"></p>'
            f'<p style="color:color-mix(in srgb, {page.evaluate("lighten", style.colour)} 100%, black)"></p>'
        )
        fact, figure = page.evaluate(
            "[...document.querySelectorAll('p')].map((one) => getComputedStyle(one).color)"
        )
        assert fact == figure
    page.close()


@pytest.mark.parametrize(
    ("types", "drawn"),
    [(["scatter", "heatmap"], True), ([None], True), ([], True), (["scatter", "surface"], False)],
)
def test_a_figure_is_drawable_if_all_its_traces_are(types: list[str | None], drawn: bool) -> None:
    data = [{} if one is None else {"type": one} for one in types]
    assert is_drawable({"data": data, "layout": {}}) is drawn


@pytest.mark.parametrize(
    ("layout", "theme"), [({}, "streamlit"), ({"paper_bgcolor": "#ffffff"}, None)], ids=["page", "own"]
)
def test_a_surface_of_a_plugin_is_drawn_by_streamlit(
    monkeypatch: pytest.MonkeyPatch, layout: dict[str, Any], theme: str | None
) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(st, "context", SimpleNamespace(theme=SimpleNamespace(type="light")))
    monkeypatch.setattr(st, "plotly_chart", lambda drawn, **options: asked.update(options, drawn=drawn))
    monkeypatch.setattr(result_figures, "load_titles", lambda _view: {})
    surface = FigureDocument(data=[{"type": "surface", "z": [[1.0, 2.0], [3.0, 4.0]]}], layout=layout)
    result_figures.draw_plotly(cast("Any", None), surface, "surface", label="Figure of Landscape on 1")
    assert asked["theme"] == theme
    assert asked["drawn"]["data"] == surface.data


def test_a_figure_names_parameters_by_their_titles() -> None:
    box, label = {"text": "<b>t1</b><br>81.5 ± 1.3 µs<br><b>own</b><br>2"}, {"text": "t1 of before"}
    titled = result_figures.title_parameters({"annotations": [box, label]}, {"t1": "T<sub>1</sub>"})
    assert [one["text"] for one in titled["annotations"]] == [
        "<b>T&lt;sub&gt;1&lt;/sub&gt;</b><br>81.5 ± 1.3 µs<br><b>own</b><br>2",
        "t1 of before",
    ]
    assert result_figures.title_parameters({"height": 300}, {"t1": "T1"}) == {"height": 300}
