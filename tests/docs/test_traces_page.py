"""Page of measured traces, with the results of the fits."""

from __future__ import annotations

import re

from docs import make_traces

from .pages import ROOT


def test_every_measured_trace_is_on_the_page_and_names_its_licence() -> None:
    page = make_traces.make_page()
    for path in (ROOT / "tests/analysis/traces").glob("*.json"):
        assert f"| {path.stem} |" in page
        assert re.search(r"Apache-2\.0|BSD-3-Clause|MIT, Copyright", path.read_text(encoding="utf-8")), (
            path.name
        )


def test_a_distance_beyond_the_tolerance_has_a_remark() -> None:
    rows = [row for row in make_traces.rows() if row.distance]
    assert len(rows) > 10
    assert [row.file for row in rows if float(row.distance) > 1 and not row.remark] == []
