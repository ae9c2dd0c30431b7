"""Acknowledged cancellations: they prevail, in any order of deaths, resumes and lost locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .cancel_machine import CancelledRuns, try_orders

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.hypothesis
@pytest.mark.parametrize(
    "examples", [4, pytest.param(30, marks=pytest.mark.slow), pytest.param(300, marks=pytest.mark.release)]
)
def test_no_order_of_events_loses_a_cancel(tmp_path: Path, no_settings: None, examples: int) -> None:
    try_orders(CancelledRuns, tmp_path, examples=examples)
