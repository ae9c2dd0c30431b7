"""Preferences of a user, and the tags of a project."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.people.users import UserService
from qdash_builtin.tags.service import TagService
from qdash_core.access.enrolment import record_access
from qdash_core.errors import AccessDeniedError, InvalidInputError, NotFoundError
from qdash_core.repositories.identity import ProjectMembershipRepository
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN, access_of

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock


@pytest.fixture
def users(prepared_store: Store) -> UserService:
    return UserService(prepared_store)


@pytest.mark.every_store
def test_preferences_are_changed_one_by_one(users: UserService) -> None:
    user = users.show("admin", by="admin").user
    assert (user.default_project_id, user.time_zone, user.theme) == ("default", None, "system")
    users.set_preferences("admin", time_zone="Europe/Zurich")
    changed = users.set_preferences("admin", theme="dark", default_project_id=None).user
    assert (changed.default_project_id, changed.time_zone, changed.theme) == (None, "Europe/Zurich", "dark")
    assert users.show("admin", by="admin").user == changed
    assert changed.user_id == user.user_id
    again = users.set_preferences("admin", default_project_id="default").user
    assert again.default_project_id == "default"


@pytest.mark.parametrize(
    ("preferences", "message"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone cannot be 'Mars/Olympus'.*not a known time zone"),
        ({"theme": "pink"}, "theme cannot be 'pink'"),
        ({"hashed_password": "x"}, "hashed_password cannot be changed"),
        ({"default_project_id": "nothing"}, "no project 'nothing'"),
    ],
)
def test_what_cannot_be_preferred_is_refused(
    users: UserService, preferences: dict[str, Any], message: str
) -> None:
    before = users.show("admin", by="admin")
    with pytest.raises(InvalidInputError, match=message):
        users.set_preferences("admin", **preferences)
    assert users.show("admin", by="admin") == before


def test_who_is_not_a_member_cannot_prefer_a_project(users: UserService, prepared_store: Store) -> None:
    with prepared_store.transaction() as transaction:
        project = transaction.get("project", ("default",))
        assert project is not None
        transaction.put("project", {**project, "project_id": "secret", "name": "secret"})
    with pytest.raises(InvalidInputError, match="'admin' is not a member of project 'secret'"):
        users.set_preferences("admin", default_project_id="secret")
    with pytest.raises(AccessDeniedError, match="no user 'eve'"):
        users.set_preferences("eve", theme="dark")


def test_tags_are_added_once_listed_and_removed(prepared_store: Store) -> None:
    tags = TagService(prepared_store)
    for name, username in (("night", "ann"), ("day", "ann"), ("night", "bob")):
        added = tags.add(access_of(username), name)
        assert (added.name, added.username) == (name, "ann")
    assert [(tag.name, tag.username) for tag in tags.list_by_project(ADMIN)] == [
        ("day", "ann"),
        ("night", "ann"),
    ]
    assert not tags.list_by_project(access_of("admin", "other"))
    tags.delete(ADMIN, "day")
    with pytest.raises(NotFoundError, match=r"no tag 'day' in project default \(known: night\)"):
        tags.delete(ADMIN, "day")
    for name in ("", " night", "x" * 65):
        with pytest.raises(InvalidInputError, match="is not a tag"):
            tags.add(access_of("ann"), name)
    assert [tag.name for tag in tags.list_by_project(ADMIN)] == ["night"]


def test_the_last_access_of_a_member_is_kept_to_the_minute(prepared_store: Store, clock: Clock) -> None:
    begin = clock.now
    for seconds, noted in ((0, 0), (59, 0), (60, 60), (119, 60), (120, 120)):
        clock.now = begin + timedelta(seconds=seconds)
        record_access(prepared_store, "admin", "default", clock=clock)
        membership = Repositories(prepared_store).of(ProjectMembershipRepository).find("default", "admin")
        assert membership is not None
        assert membership.last_accessed_at == begin + timedelta(seconds=noted)
