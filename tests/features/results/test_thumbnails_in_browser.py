"""Thumbnails: inserted into pages as shapes only, for any response of the host."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.results import pages
from qdash_ui_streamlit import components

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

_FOLDER = Path(components.__file__).parent
_BAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 80" onload="bad()">
<script>bad()</script><style>* { fill: red }</style><image href="x" onerror="bad()"/>
<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">p</p></foreignObject>
<a href="javascript:bad()"><path d="M9 9"/></a>
<g class="p" onclick="bad()"><path d="M1 2L3 4" style="fill:url(http://evil.example)"/></g></svg>"""


def test_a_thumbnail_is_reduced_to_shapes_and_numbers(chromium: Browser) -> None:
    page = chromium.new_page()
    parts = "\n".join((_FOLDER / name).read_text("utf-8") for name in ("shared.js", "thumbnail.js"))
    page.add_script_tag(content=parts)
    shown = page.evaluate("(text) => shapes_of(text).outerHTML", _BAD)
    nothing = page.evaluate("[null, '', '<html></html>', '<svg'].map(shapes_of)")
    page.close()
    assert shown == (
        '<svg aria-hidden="true" viewBox="0 0 120 80"><g class="p"><path d="M1 2L3 4"></path></g></svg>'
    )
    assert nothing == [None] * 4


def test_a_figure_whose_value_moved_has_a_sign_and_words(chromium: Browser) -> None:
    page = chromium.new_page()
    thumbnails = Path(pages.__file__).parent / "thumbnails" / "thumbnails.js"
    parts = (_FOLDER / "shared.js", _FOLDER / "thumbnail.js", thumbnails)
    text = "\n".join(part.read_text("utf-8") for part in parts)
    page.add_script_tag(content=text.replace("export default function", "function draw"))
    shown = page.evaluate(
        """() => {
          const data = {moved: {r1: ["▼", "−8.2σ", "t1 moved −8.2σ"]}, newly_failed: ["2", "3"], excluded: {}, looks: {}, result: ""};
          const draw = (target, task_id, kind) => {
            const result = {task_id, svg: null};
            const link = make_link(data, target, result, kind, find_change(data, target, result, kind));
            return [link.getAttribute("aria-label"), link.querySelector("em")?.textContent ?? ""];
          };
          return [draw("1", "r1", "accepted"), draw("2", "r2", "failed"), draw("3", "r3", "accepted"), draw("4", "r4", "failed")];
        }"""
    )
    page.close()
    assert shown == [
        ["1: accepted, t1 moved −8.2σ", "▼ −8.2σ"],
        ["2: failed, newly failed", "! new"],
        ["3: accepted", ""],
        ["4: failed", ""],
    ]
