"""Page of the limits, against the table of the parsers."""

from __future__ import annotations

import runpy

from .pages import ROOT


def test_the_page_of_limits_has_the_numbers_of_the_table() -> None:
    page = runpy.run_path(str(ROOT / "docs/make_input_limits.py"))["page"]
    assert callable(page)
    kept = (ROOT / "docs/input-limits.md").read_text(encoding="utf-8")

    assert kept == page(), "run: uv run docs/make_input_limits.py"
