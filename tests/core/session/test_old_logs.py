"""Retention: logs are kept as long as events, and the audit log longer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.people.models.audit import AuditModel
from qdash_builtin.people.repositories.audit import AuditRepository
from qdash_core import Feature
from qdash_core.models.execution import LogModel
from qdash_core.models.pages import PageRequest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.queue import LogRepository

from ..bench import PROJECT, make_task

if TYPE_CHECKING:
    import pytest

    from qdash_core.repositories.store import Store

    from ..conftest import MakeBench


def write_log(store: Store, text: str, *, days_ago: float, project_id: str = PROJECT) -> None:
    line = LogModel(
        project_id=project_id,
        execution_id="20200101-000",
        text=text,
        created_at=utc_now() - timedelta(days=days_ago),
    )
    with store.transaction() as transaction:
        transaction.append("execution_log", line.model_dump(exclude={"seq"}))


def test_old_logs_are_removed_when_a_run_of_their_project_begins(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), event_days=10.0)
    for days_ago, text in ((30, "old"), (11, "older than ten days"), (9, "new")):
        write_log(bench.qdash.store, text, days_ago=days_ago)
    write_log(bench.qdash.store, "of another project", days_ago=30, project_id="other")
    bench.run()
    logs = bench.repositories.of(LogRepository)
    assert [line.text for line in logs.list_by_execution(PROJECT, "20200101-000")] == ["new"]
    assert [line.text for line in logs.list_by_execution("other", "20200101-000")] == ["of another project"]


def test_old_rows_of_the_audit_log_are_removed_when_any_run_begins(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), event_days=1.0, audit_days=10.0)
    for days_ago, path, project_id in ((30, "/tags", "other"), (11, "/users", None), (9, "/kept", None)):
        at = utc_now() - timedelta(days=days_ago)
        asked = AuditModel(request_id=path, project_id=project_id, method="POST", path=path, created_at=at)
        bench.repositories.of(AuditRepository).append(asked)
    bench.run()
    assert [
        row.path
        for row in bench.repositories.of(AuditRepository).page({}, PageRequest(), lambda _: True).items
    ] == ["/kept"]


CALLS: list[object] = []


def note_start(runtime: object) -> None:
    CALLS.append(runtime)


def fail(_runtime: object) -> None:
    raise OSError("the disk is full")


def test_functions_of_features_are_called_when_a_run_begins_and_a_failing_one_stops_nothing(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    places = tuple(f"{__name__}:{one}" for one in ("absent", "fail", "note_start"))
    made = make_bench(make_task())
    bench = made.reinstall(make_task(), others={"starts": Feature("starts", run_starts=places)})
    CALLS.clear()
    bench.run()
    [runtime] = CALLS
    assert runtime is bench.qdash
    assert "the disk is full" in caplog.text
