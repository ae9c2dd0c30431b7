"""Figures as files, by the suffix of the file."""

from __future__ import annotations

import importlib.util
import json
import os
import select
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from qdash_builtin.figures import files as figure_files
from qdash_builtin.figures.files import get_figure_renderer, render_picture
from qdash_core import AnalysisError, InvalidInputError
from qdash_core.process.cancellation import AbandonedError, allow_abandoning

if TYPE_CHECKING:
    from pathlib import Path

FIGURE = {
    "data": [{"type": "scatter", "x": [0, 1, 2], "y": [1, 3, 2], "name": "measured"}],
    "layout": {"title": {"text": "a title"}, "width": 300, "height": 200},
}


def nest(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


def test_json_is_the_figure_as_it_is() -> None:
    assert json.loads(get_figure_renderer(".json")(FIGURE)) == FIGURE


def test_a_page_needs_nothing_from_elsewhere() -> None:
    sources = (
        "data:image/png;base64,iVBORw0KGgo=",
        "https://elsewhere.example/a.png",
        "file:///elsewhere.png",
    )
    layout = {**FIGURE["layout"], "images": [{"source": source} for source in sources]}
    page = get_figure_renderer(".html")({**FIGURE, "layout": layout}).decode()
    assert page.lstrip().startswith("<html>")
    assert "iVBORw0KGgo=" in page
    assert "elsewhere" not in page.split("Plotly.newPlot(")[-1]
    assert "a title" in page
    assert "<script src=" not in page
    assert len(page) > 1_000_000, "plotly.js is inside"


def test_a_png_has_the_size_of_the_figure() -> None:
    png = get_figure_renderer(".PNG")(FIGURE)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert [int.from_bytes(png[place : place + 4], "big") for place in (16, 20)] == [300, 200]


def test_an_svg_is_drawn() -> None:
    drawn = ET.fromstring(get_figure_renderer(".svg")(FIGURE))
    assert drawn.tag.endswith("svg")
    assert "a title" in "".join(drawn.itertext())


@pytest.mark.parametrize(("suffix", "said"), [(".gif", ".gif"), ("", "no suffix"), (".jsn", ".jsn")])
def test_another_suffix_is_refused_with_those_that_there_are(suffix: str, said: str) -> None:
    with pytest.raises(
        InvalidInputError, match=rf"{said}: a figure is written as \.json, \.html, \.png, \.svg"
    ):
        get_figure_renderer(suffix)


@pytest.mark.parametrize(
    ("suffix", "gone", "said"),
    [
        (".html", {"plotly"}, "plotly must be installed to draw .html files"),
        (".png", {"kaleido"}, "kaleido or Chromium must be installed to draw .png files"),
        (".svg", {"plotly", "kaleido"}, "plotly must be installed to draw .svg files"),
    ],
)
def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, suffix: str, gone: set[str], said: str
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in gone else find(name))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InvalidInputError, match=said) as refused:
        get_figure_renderer(suffix)
    assert "qdash[images]" in str(refused.value)
    assert json.loads(get_figure_renderer(".json")(FIGURE)) == FIGURE


@pytest.mark.slow
def test_an_installed_browser_draws_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "kaleido" else find(name))
    test_a_png_has_the_size_of_the_figure()
    test_an_svg_is_drawn()
    test_a_picture_loads_nothing_from_elsewhere_and_a_large_figure_is_drawn_smaller()


@pytest.mark.parametrize("suffix", [".html", ".png"])
def test_a_figure_that_plotly_refuses_is_an_error_of_the_figure(suffix: str) -> None:
    broken: dict[str, Any] = {"data": [{"type": "no such thing"}], "layout": {}}
    with pytest.raises(AnalysisError, match="the figure cannot be drawn: "):
        get_figure_renderer(suffix)(broken)


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ({"width": 1e9}, "its width is 1000000000.0, not a number of 10 to 10,000 pixels"),
        ({"height": "520"}, "its height is '520', not a number"),
        ({"width": float("nan")}, "its width is nan"),
        ({"meta": nest(100_000)}, "it is nested too deeply"),
    ],
    ids=["width", "height", "nan", "depth"],
)
def test_a_layout_that_cannot_be_drawn_is_an_error_of_the_figure(layout: dict[str, Any], said: str) -> None:
    with pytest.raises(AnalysisError, match=f"the figure cannot be drawn: {said}"):
        render_picture({"data": [], "layout": layout}, most_width=820, most_height=520, patience_s=5.0)


@pytest.mark.slow
def test_a_picture_loads_nothing_from_elsewhere_and_a_large_figure_is_drawn_smaller() -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}"
        layout = {
            "title": {"text": f'<span style="background:url({address}/style.png)">a title</span>'},
            "width": 1640,
            "height": 520,
        }
        png = render_picture({**FIGURE, "layout": layout}, most_width=820, most_height=520, patience_s=60.0)
        assert select.select([elsewhere], [], [], 0)[0] == [], "it was asked"
    assert [int.from_bytes(png[place : place + 4], "big") for place in (16, 20)] == [820, 260]


def test_drawing_ends_when_its_answer_is_no_longer_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_files, "_DRAW", "import time; time.sleep(60)")
    asked = iter([False, True])
    with allow_abandoning(lambda: next(asked)), pytest.raises(AbandonedError):
        get_figure_renderer(".png")(FIGURE)


def test_drawing_is_given_up_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_files, "_DRAW", "import time; time.sleep(60)")
    monkeypatch.setattr(figure_files, "_PATIENCE_S", 0.2)
    begun = time.monotonic()
    with pytest.raises(AnalysisError, match="took longer than"):
        get_figure_renderer(".png")(FIGURE)
    assert time.monotonic() - begun < 20


def test_the_browser_gets_no_secrets_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_ASSISTANT_KEY", "secret")
    monkeypatch.setattr(figure_files, "_DRAW", "import os; print(*os.environ)")
    names = get_figure_renderer(".svg")(FIGURE).decode().split()
    assert "PATH" in names
    assert "QDASH_ASSISTANT_KEY" not in names


_DRIVER = """
import sys
from qdash_builtin.figures import files as figure_files
figure_files._DRAW += "alive = open({!r}, 'w'); print('drawn', file=alive, flush=True); time.sleep(600)".format(sys.argv[1])
figure_files.get_figure_renderer(".html")({"data": []})
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
def test_drawing_ends_with_the_process_that_asked_for_it(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    asking = subprocess.Popen([sys.executable, "-c", _DRIVER, str(alive)])
    with alive.open() as file:
        assert file.readline() == "drawn\n"
        asking.kill()
        asking.wait()
        assert select.select([file], [], [], 30)[0], "it still runs"
        assert file.read() == ""
