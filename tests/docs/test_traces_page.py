"""Page of measured traces, against the current results of the fits."""

from __future__ import annotations

import re
import runpy

import numpy as np

from .pages import ROOT

_NUMBER = r"\d+\.?\d*(?:e[-+]?\d+)?"


def test_the_page_of_traces_is_what_the_fits_give() -> None:
    page = runpy.run_path(str(ROOT / "docs/make_traces.py"))["page"]
    assert callable(page)
    kept, made = (ROOT / "docs/traces.md").read_text(encoding="utf-8"), page()
    due = "run: uv run docs/make_traces.py"
    assert re.sub(_NUMBER, "#", kept) == re.sub(_NUMBER, "#", made), due
    # Another processor rounds differently: in the last of two digits of an error, and in the digits derived from it.
    old, new = (np.array(re.findall(_NUMBER, text), dtype=float) for text in (kept, made))
    assert np.allclose(old, new, rtol=0.05, atol=0.02), due


def test_every_measured_trace_is_on_the_page_and_names_its_licence() -> None:
    page = (ROOT / "docs/traces.md").read_text(encoding="utf-8")
    for path in (ROOT / "tests/analysis/traces").glob("*.json"):
        assert f"| {path.stem} |" in page
        assert re.search(r"Apache-2\.0|BSD-3-Clause", path.read_text(encoding="utf-8")), path.name
