"""Execution ids: unique in a project whatever the chip, consecutive, dated in the configured zone."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import CalibConfig, IllegalTransitionError, InvalidInputError, NotFoundError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.record.service import ExecutionRecord

from ...access import ADMIN
from ..bench import CHIP, PROJECT, make_task
from ..forked_programs import ForkedProgram

if TYPE_CHECKING:
    from ..bench import Bench
    from ..conftest import MakeBench

EVENING = datetime(2026, 1, 1, 16, 30, tzinfo=UTC)
"""A time that is the second of January in Tokyo."""

STARTS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from qdash_core import CalibConfig, open_qdash
from qdash_core.record.service import ExecutionRecord
from qdash_core.settings import Settings

home, url, who = sys.argv[1:]
with open_qdash(Settings(home=Path(home), store_url=url)) as qdash:
    evening = datetime(2026, 1, 1, 16, 30, tzinfo=UTC)
    service = ExecutionRecord(qdash.store, ZoneInfo("Asia/Tokyo"), clock=lambda: evening)
    for number in range(10):
        print(service.start("default", CalibConfig(username=who, chip_id=who)).execution_id)
"""
"""Program of a process that starts ten executions and prints their ids."""


def make_service(bench: Bench, *, zone: str = "Asia/Tokyo", now: datetime = EVENING) -> ExecutionRecord:
    return ExecutionRecord(bench.qdash.store, ZoneInfo(zone), clock=lambda: now)


def make_config(chip_id: str = CHIP, execution_id: str | None = None) -> CalibConfig:
    return CalibConfig(username="admin", chip_id=chip_id, execution_id=execution_id)


@pytest.mark.every_store
def test_numbers_count_from_nought_whatever_the_chip(make_bench: MakeBench) -> None:
    executions = make_service(make_bench(make_task()))
    ids = [executions.start(PROJECT, make_config(chip)).execution_id for chip in ("a", "b", "a", "c")]
    assert ids == ["20260102-000", "20260102-001", "20260102-002", "20260102-003"]


def test_each_day_and_each_project_counts_for_itself(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    assert make_service(bench).start(PROJECT, make_config()).execution_id == "20260102-000"
    assert make_service(bench).start("other", make_config()).execution_id == "20260102-000"
    assert make_service(bench, zone="UTC").start(PROJECT, make_config()).execution_id == "20260101-000"
    assert make_service(bench, zone="UTC").start(PROJECT, make_config()).execution_id == "20260101-001"


def test_there_may_be_more_than_a_thousand_a_day(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    with bench.qdash.store.transaction() as transaction:
        transaction.put("execution_counter", {"project_id": PROJECT, "date": "20260102", "index": 999})
    assert make_service(bench).start(PROJECT, make_config()).execution_id == "20260102-1000"


@pytest.mark.every_store
def test_many_who_begin_at_once_get_different_numbers(make_bench: MakeBench) -> None:
    executions = make_service(make_bench(make_task()))
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: executions.start(PROJECT, make_config()).execution_id, range(24)))
    assert sorted(ids) == [f"20260102-{number:03d}" for number in range(24)]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_processes_of_several_users_on_several_chips_get_different_numbers(
    make_bench: MakeBench, store_url: str
) -> None:
    """This holds even if a user has chosen such an id by hand."""
    bench = make_bench(make_task())
    executions = make_service(bench)
    home = str(bench.qdash.settings.home)
    chosen = [
        executions.start(PROJECT, make_config(execution_id=f"20260102-{number:03d}")).execution_id
        for number in (2, 5, 11)
    ]
    others = [ForkedProgram(STARTS, home, store_url, who, stdout=subprocess.PIPE) for who in ("alice", "bob")]
    drawn = [line for process in others for line in process.communicate()[0].split()]
    assert [process.returncode for process in others] == [0, 0]
    assert sorted(drawn) == sorted({f"20260102-{number:03d}" for number in range(23)} - set(chosen))


def test_a_given_id_is_used_once_and_never_drawn(make_bench: MakeBench) -> None:
    executions = make_service(make_bench(make_task()))
    given = make_config(execution_id="20260102-001")
    assert executions.start(PROJECT, given).execution_id == "20260102-001"
    with pytest.raises(InvalidInputError, match="20260102-001 exists already"):
        executions.start(PROJECT, given)
    assert [executions.start(PROJECT, make_config()).execution_id for _ in range(2)] == [
        "20260102-000",
        "20260102-002",
    ]


def test_a_session_with_a_used_id_gets_the_next_free_one_and_says_so(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench = make_bench(make_task())
    first = bench.start_session(execution_id="20240101-001").complete()
    second = bench.start_session(execution_id="20240101-001").complete()
    assert (first.execution_id, second.execution_id[8:]) == ("20240101-001", "-000")
    assert f"execution 20240101-001 exists already: this one is {second.execution_id}" in caplog.text
    assert bench.start_session(execution_id="20240101-002").complete().execution_id == "20240101-002"


@pytest.mark.parametrize("given", ["", "today", "2024-01-01-001", "20240101-1", "20240101-001 "])
def test_what_is_no_execution_id_is_refused(given: str) -> None:
    with pytest.raises(InvalidInputError, match="YYYYMMDD-NNN"):
        make_config(execution_id=given)


@pytest.mark.every_store
@pytest.mark.parametrize("second", ["completed", "failed", "cancelled", "running", "scheduled"])
@pytest.mark.parametrize("first", ["completed", "failed", "cancelled"])
def test_nothing_leaves_a_final_state(make_bench: MakeBench, first: str, second: str) -> None:
    bench = make_bench(make_task())
    executions = make_service(bench)
    ended = executions.end(
        executions.start(PROJECT, make_config()), ExecutionStatus(first), "", lab_seconds=None
    )
    with pytest.raises(IllegalTransitionError, match=f"is {first} and cannot become {second}"):
        executions.end(ended, ExecutionStatus(second), "", lab_seconds=None)
    assert executions.show(PROJECT, ended.execution_id)[0] == ended


@pytest.mark.every_store
def test_executions_are_listed_newest_first(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    for hour, chip in enumerate(("a", "b", "a")):
        make_service(bench, now=EVENING.replace(hour=hour)).start(PROJECT, make_config(chip))
    newest = bench.qdash.get(EXECUTIONS).newest
    assert [one.execution_id for one in newest(ADMIN)] == ["20260101-002", "20260101-001", "20260101-000"]
    assert [one.execution_id for one in newest(ADMIN, chip_id="a", limit=1)] == ["20260101-002"]
    with pytest.raises(NotFoundError, match="no execution 'x'"):
        make_service(bench).show(PROJECT, "x")
