"""Page of the limits, from the table of the parsers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from docs import make_input_limits
from qdash_core.parsing import limits

if TYPE_CHECKING:
    import pytest


def test_the_page_of_limits_has_the_numbers_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"{limits.CSV.rows:,} rows" in make_input_limits.make_page()
    monkeypatch.setattr(limits, "CSV", replace(limits.CSV, rows=1234))
    assert "1,234 rows" in make_input_limits.make_page()
