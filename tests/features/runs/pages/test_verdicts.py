"""Reasons of results on pages."""

from __future__ import annotations

from types import SimpleNamespace

from qdash_builtin.runs.pages.verdicts import format_reason_html

FIRST, SECOND = "02747232-887b-4abe-823e-9a9217fec58c", "afdc614c-0a5a-426d-a6ab-8cfd2bddbd18"


def test_a_reason_has_titles_of_parameters_and_short_links_to_results() -> None:
    view = SimpleNamespace(link=lambda page, **params: f"/{page}?result={params['result']}")
    told = format_reason_html(
        view, f"t1 = 51.4 us is confirmed by results {FIRST} and {SECOND}", {"t1": "T1"}
    )  # type: ignore[arg-type]
    assert told.startswith("T1 = ")
    assert f"/result?result={FIRST}" in told
    assert ">02747232</a> and " in told
    assert ">afdc614c</a>" in told
    assert "51.4\N{NO-BREAK SPACE}µs" in told
