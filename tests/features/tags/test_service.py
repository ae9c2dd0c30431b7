"""Tags in use: counted by kind, and renamed, merged or removed in all records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.tags import service as tags_module
from qdash_builtin.tags.repository import TaggedRecordRepository
from qdash_builtin.tags.service import TagService
from qdash_builtin.tags.tag_use import TagUse
from qdash_builtin.timetables.models.timetable import Interval, TimetableModel
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.models.request import RunRequest
from qdash_core.models.task import TaskResultModel
from qdash_core.repositories.executions import EventRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN, access_of

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

ALL = PageRequest(limit=200)
SHARED: dict[str, Any] = {"project_id": "default", "username": "ann", "chip_id": "A"}


@pytest.fixture
def tags(prepared_store: Store, clock: Clock) -> TagService:
    """Tags `day`, `night` and `evening`: two executions with three results each, a flow and a timetable."""
    repositories = Repositories(prepared_store)
    for number, names in enumerate((["night", "day"], ["evening", "night"])):
        add_execution(prepared_store, f"e{number}", names)
        for place in range(3):
            result = {"execution_id": f"e{number}", "task_id": f"r{number}{place}", "name": "T", "qid": "1"}
            repositories.of(TaskResultHistoryRepository).add(
                TaskResultModel.model_validate({**SHARED, **result, "tags": names})
            )
    with prepared_store.transaction() as transaction:
        flow = {"project_id": "default", "name": "f", "username": "ann", "function": "f", "tags": ["evening"]}
        times = {"created_at": clock.now, "updated_at": clock.now}
        transaction.put("flows", {**flow, **times, "version": 1})
    request = RunRequest(chip_id="A", flow="f", tags=("evening",))
    repositories.of(TimetableRepository).put(
        TimetableModel(
            project_id="default",
            name="t",
            username="ann",
            when=Interval(every_s=3600.0),
            request=request,
            next_at=clock.now,
            considered_until=clock.now,
            timezone="UTC",
        )
    )
    repositories.of(TaggedRecordRepository).ensure("default", ["day", "night", "evening"], username="ann")
    return TagService(prepared_store, clock=clock)


def add_execution(
    store: Store, execution_id: str, names: list[str], status: ExecutionStatus = ExecutionStatus.COMPLETED
) -> None:
    fields = {"execution_id": execution_id, "name": "f", "tags": names, "status": status}
    Repositories(store).of(ExecutionRepository).add(ExecutionModel.model_validate({**SHARED, **fields}))


def count(tags: TagService) -> dict[str, TagUse]:
    return {used.tag.name: used.use for used in tags.get_use_page(ADMIN, ALL).items}


@pytest.mark.every_store
def test_tagged_objects_are_counted_by_kind(tags: TagService) -> None:
    tags.add(ADMIN, "unused")
    assert count(tags) == {
        "day": TagUse(n_executions=1, n_results=3),
        "night": TagUse(n_executions=2, n_results=6),
        "evening": TagUse(n_executions=1, n_results=3, n_flows=1, n_timetables=1),
        "unused": TagUse(),
    }
    assert not tags.get_use_page(access_of("admin", "other"), ALL).items


@pytest.mark.every_store
def test_tags_are_merged_in_all_records(
    prepared_store: Store, tags: TagService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags_module, "_AT_ONCE", 2)  # several transactions
    add_execution(prepared_store, "of another project", [])
    with prepared_store.transaction() as transaction:
        found = transaction.get("execution_history", ("default", "of another project"))
        assert found is not None
        transaction.insert("execution_history", {**found, "project_id": "other", "tags": ["night"]})
    done = tags.replace(ADMIN, ["night", "evening", "nights", "evening"], "nights")
    assert (done.names, done.to) == (("night", "evening"), "nights")
    assert done.use == TagUse(n_executions=3, n_results=9, n_flows=1, n_timetables=1)
    assert count(tags) == {
        "day": TagUse(n_executions=1, n_results=3),
        "nights": TagUse(n_executions=2, n_results=6, n_flows=1, n_timetables=1),
    }
    repositories = Repositories(prepared_store)
    assert repositories.of(ExecutionRepository).require("default", "e0").tags == ["nights", "day"]
    assert repositories.of(ExecutionRepository).require("default", "e1").tags == ["nights"]
    assert repositories.of(ExecutionRepository).require("other", "of another project").tags == ["night"]
    timetable = repositories.of(TimetableRepository).require("default", "t")
    assert timetable.request is not None
    assert timetable.request.tags == ("nights",)
    [event] = repositories.of(EventRepository).list_since("default", 0)
    assert (event.kind, event.data["names"]) == ("tag.replaced", ["night", "evening"])


@pytest.mark.every_store
def test_a_tag_is_removed_from_all_records(prepared_store: Store, tags: TagService) -> None:
    done = tags.replace(ADMIN, ["night"], None)
    assert done.use == TagUse(n_executions=2, n_results=6)
    assert [*count(tags)] == ["day", "evening"]
    result = Repositories(prepared_store).of(TaskResultHistoryRepository).find("default", "r00")
    assert result is not None
    assert result.tags == ["day"]


def test_a_replacement_that_stopped_is_completed_by_a_repetition(
    tags: TagService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags_module, "_AT_ONCE", 2)
    replace = TaggedRecordRepository.replace_in_records
    calls = []

    def fail_once(*given: Any, **named: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise OSError("the disk is full")
        return replace(*given, **named)

    monkeypatch.setattr(TaggedRecordRepository, "replace_in_records", fail_once)
    with pytest.raises(OSError, match="disk is full"):
        tags.replace(ADMIN, ["night"], "dark")
    tags.replace(ADMIN, ["night"], "dark")
    assert count(tags)["dark"] == TagUse(n_executions=2, n_results=6)


def test_impossible_replacements_are_refused(prepared_store: Store, tags: TagService) -> None:
    with pytest.raises(NotFoundError, match="no tag 'nigh' in project default"):
        tags.replace(ADMIN, ["nigh"], "x")
    with pytest.raises(InvalidInputError, match="is not a tag"):
        tags.replace(ADMIN, ["night"], " x")
    for names in ([], ["night"], [str(number) for number in range(51)]):
        with pytest.raises(InvalidInputError, match="1 to 50 tags"):
            tags.replace(ADMIN, names, "night")
    with pytest.raises(AccessDeniedError):
        tags.replace(access_of("vera", role=ProjectRole.VIEWER), ["night"], "x")
    add_execution(prepared_store, "20261120-007", ["night"], ExecutionStatus.RUNNING)
    with pytest.raises(ConflictError, match="20261120-007"):
        tags.replace(ADMIN, ["day", "night"], "x")
    assert count(tags)["day"] == TagUse(n_executions=1, n_results=3)


@pytest.mark.parametrize("name", ["night\nshift", "a\x00b", "\N{RIGHT-TO-LEFT OVERRIDE}a", "a\x1b[2J"])
def test_a_tag_has_visible_characters_only(tags: TagService, name: str) -> None:
    with pytest.raises(InvalidInputError, match="visible characters"):
        tags.add(ADMIN, name)


def test_a_missing_tag_is_reported_with_some_of_the_others(tags: TagService) -> None:
    for number in range(30):
        tags.add(ADMIN, f"tag-{number:02d}")
    with pytest.raises(NotFoundError, match=r"tag-00.* and \d+ more") as refused:
        tags.delete(ADMIN, "missing")
    assert "tag-29" not in str(refused.value)
