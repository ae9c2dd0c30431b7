"""Audit log: in pages, newest first; owners see their project, administrators see all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.people.audit import AuditFilter, AuditService
from qdash_builtin.people.field_changes import LONGEST_TEXT, compare_fields
from qdash_builtin.people.models.audit import AuditModel, FieldChange
from qdash_core.errors import AccessDeniedError, InvalidInputError
from qdash_core.models.pages import PageRequest

from .laboratory import LAB, Laboratory

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

ALL = PageRequest(limit=200)


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Laboratory:
    with prepared_store.transaction() as transaction:
        transaction.delete("audit", {})
    return Laboratory(prepared_store, clock).move_in()


@pytest.fixture
def audit(lab: Laboratory) -> AuditService:
    return AuditService(lab.store, clock=lab.clock)


def make_row(path: str, at: datetime, *, username: str = "ed", project_id: str | None = LAB) -> AuditModel:
    return AuditModel(
        request_id=path,
        username=username,
        project_id=project_id,
        method="POST",
        path=path,
        created_at=at,
        updated_at=at,
    )


@pytest.mark.every_store
def test_what_was_asked_stands_there_before_and_after_it_is_answered(
    lab: Laboratory, audit: AuditService
) -> None:
    asked = audit.record_request(make_row("/a", lab.clock()))
    [before] = audit.list_by_project(lab.get_access("olga"), ALL).items
    audit.record_response([asked], 201)
    [after] = audit.list_by_project(lab.get_access("olga"), ALL).items
    assert (before.status, after.status, before.seq) == (None, 201, after.seq)


@pytest.mark.every_store
def test_rows_are_filtered_by_action_subject_and_time(
    lab: Laboratory, audit: AuditService, clock: Clock
) -> None:
    begin = clock.now
    for operation, path in (
        ("change_role", "/projects/lab/members/ed"),
        ("edit_user", "/users/ed"),
        ("note_qubit", "/chips/Q1/qubits/3/note"),
    ):
        row = make_row(path, clock.now).model_copy(update={"operation": operation})
        audit.record_request(row)
        clock.forward(hours=1)

    def find(**wanted: Any) -> list[str]:
        found = audit.list_by_project(lab.get_access("olga"), ALL, AuditFilter(**wanted))
        assert audit.read_project(lab.get_access("olga"), AuditFilter(**wanted)) == found.items
        return [one.operation for one in found.items]

    assert find(action="Role change") == find(action="change_role") == ["change_role"]
    assert find(action="post note") == ["note_qubit"]
    assert find(subject="/ED") == ["edit_user", "change_role"]
    assert find(action="edit", subject="chips") == []
    after_the_first = AuditFilter(since=begin + timedelta(minutes=1), until=begin + timedelta(minutes=90))
    assert [one.operation for one in audit.read_all(after_the_first, by="admin")] == ["edit_user"]
    lab.with_password()
    with pytest.raises(AccessDeniedError):
        audit.read_all(AuditFilter(), by="olga")
    with pytest.raises(InvalidInputError, match="time range is empty"):
        find(since=clock.now, until=begin)


def test_differences_of_an_object_name_each_field() -> None:
    before = {"role": "viewer", "updated_at": "a", "request": {"tags": ["day"], "shots": 1}, "old": 1}
    after = {
        "role": "editor",
        "updated_at": "b",
        "request": {"tags": ["day", "x"], "shots": 1},
        "new": "x" * 400,
    }
    found = {one.field: (one.before, one.after) for one in compare_fields(before, after)}
    assert found.pop("new") == (None, "x" * LONGEST_TEXT + "…")
    assert found == {
        "old": ("1", None),
        "request.tags": ('["day"]', '["day", "x"]'),
        "role": ("viewer", "editor"),
    }
    assert compare_fields(None, {"a": {}}) == [FieldChange(field="a", after="{}")]
    assert compare_fields(before, dict(before)) == []


@pytest.mark.every_store
def test_pages_follow_each_other_and_end(lab: Laboratory, audit: AuditService, clock: Clock) -> None:
    for number in range(5):
        audit.record_request(make_row(f"/{number}", clock.now, username="ed" if number % 2 else "vera"))
        clock.forward(minutes=1)
    olga = lab.get_access("olga")
    first = audit.list_by_project(olga, PageRequest(limit=3))
    rest = audit.list_by_project(olga, PageRequest(limit=3, after=first.next))
    assert [one.path for one in (*first.items, *rest.items)] == ["/4", "/3", "/2", "/1", "/0"]
    assert rest.next is None
    assert [one.path for one in audit.list_by_project(olga, ALL, AuditFilter(username="ed")).items] == [
        "/3",
        "/1",
    ]
    since = audit.list_by_project(olga, PageRequest(limit=3), AuditFilter(since=first.items[1].created_at))
    assert ([one.path for one in since.items], since.next) == (["/4", "/3"], None)


def test_what_is_young_enough_is_found_behind_what_another_hosts_clock_calls_older(
    lab: Laboratory, audit: AuditService, clock: Clock
) -> None:
    olga, begin = lab.get_access("olga"), clock.forward(hours=1)
    for path, late in (("/young", 5), ("/by a slow clock", 0), ("/newest", 9)):
        audit.record_request(make_row(path, begin + timedelta(seconds=late)))
    since = begin + timedelta(seconds=1)
    first = audit.list_by_project(olga, PageRequest(limit=1), AuditFilter(since=since))
    rest = audit.list_by_project(olga, PageRequest(limit=1, after=first.next), AuditFilter(since=since))
    assert [one.path for one in (*first.items, *rest.items)] == ["/newest", "/young"]
    assert rest.next is None


def test_only_owners_and_administrators_see_it(lab: Laboratory, audit: AuditService) -> None:
    lab.with_password()
    audit.record_request(make_row("/in", lab.clock()))
    audit.record_request(make_row("/out", lab.clock(), project_id=None))
    with pytest.raises(AccessDeniedError):
        audit.list_by_project(lab.get_access("ed"), ALL)
    with pytest.raises(AccessDeniedError):
        audit.list_all(ALL, by="olga")
    assert [one.path for one in audit.list_all(ALL, by="admin").items] == ["/out", "/in"]
    assert [one.path for one in audit.list_all(ALL, AuditFilter(project_id=LAB), by="admin").items] == ["/in"]


def test_who_deletes_a_project_stays_on_record_and_who_makes_it_again_does_not_see_it(
    lab: Laboratory, audit: AuditService, clock: Clock
) -> None:
    audit.record_request(make_row(f"/projects/{LAB}", clock.now, username="olga"))
    lab.projects.delete(lab.get_access("olga"))
    clock.forward(minutes=1)
    lab.projects.create(LAB, username="nina")
    assert not audit.list_by_project(lab.get_access("nina"), ALL).items
    assert [one.username for one in audit.list_all(ALL, by="admin").items] == ["olga"]


def test_a_name_that_no_user_has_is_not_kept(lab: Laboratory, audit: AuditService) -> None:
    login = make_row("/auth/login", lab.clock(), project_id=None)
    for said in ("ed", "a password by mistake", None):
        audit.record_login(login.model_copy(update={"username": None}), 401, said)
    found = audit.list_all(ALL, by="admin").items
    assert [one.username for one in found] == [None, None, "ed"]
