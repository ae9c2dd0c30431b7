"""Growth in the doctor: sizes by kind, growth in a week, and when the disk is full."""

from __future__ import annotations

import shutil
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.home.growth import check_growth
from qdash_core.process.clock import utc_now

from ...core.bench import Bench, make_task

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.health_findings import HealthFinding

    from ...core.conftest import MakeBench


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(make_task())


def check(bench: Bench, now: datetime | None = None, *, within_s: float | None = None) -> HealthFinding:
    qdash = bench.qdash
    return check_growth(
        qdash.store, qdash.artifacts, qdash.settings.home, now=now or utc_now(), within_s=within_s
    )


@pytest.mark.every_store
def test_sizes_and_growth_are_shown(bench: Bench) -> None:
    assert check(bench).detail.endswith("; no results in the last week")
    bench.run()
    assert "at least" not in check(bench, within_s=0.0).detail  # there was no more to measure
    for _ in range(2):
        bench.run()
    found = check(bench)
    assert found.status == "ok"
    for part in ("raw data", "executions", "values", "events", "MiB more in the last week"):
        assert part in found.detail
    assert "at least" not in found.detail
    assert check(bench, within_s=0.0).detail.startswith("raw data at least 0.0 MiB, ")
    assert check(bench, utc_now() + timedelta(weeks=2)).detail.endswith("; no results in the last week")


def test_a_disk_that_is_full_within_four_weeks_is_a_warning(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.run()
    size = bench.qdash.artifacts.size(next(iter(bench.qdash.artifacts.paths())))  # type: ignore[attr-defined]
    now = utc_now()
    for free, status in ((10 * size, "ok"), (2 * size, "warning")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        assert check(bench, now).status == status
    found = check(bench, now)
    assert f"the disk is full in 2 weeks ({now + timedelta(weeks=2):%Y-%m-%d})" in found.detail
    assert "qdash store prune --older-than 90d" in found.advice
