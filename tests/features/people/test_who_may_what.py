"""Permissions of every action for each role and for outsiders, without and with passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import AccessDeniedError, ConflictError, NotFoundError, QDashError
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole

from .laboratory import LAB, MEMBERS, OTHERS, UNABLE, Laboratory

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.repositories.store import Store

ABLE = {*MEMBERS, *OTHERS}
FOREIGN = {"admin", "fred", "nina"}
"""Users for whom the projects of others do not exist."""
OWNER, EDITOR, VIEWER = ProjectRole


@dataclass(frozen=True)
class Action:
    """A user action, and its permitted users; with passwords those of `locked`, if it differs."""

    does: str
    do: Callable[[Laboratory, str], object]
    allowed: set[str]
    locked: set[str] | None = None
    refused: type[QDashError] = AccessDeniedError
    """Error for users who see the project but lack the permission."""


IN_THE_PROJECT = [
    Action("looks at the project", lambda lab, who: lab.projects.show(lab.get_access(who)), {*MEMBERS}),
    Action(
        "reads the members", lambda lab, who: lab.members.list_by_project(lab.get_access(who)), {*MEMBERS}
    ),
    Action("runs", lambda lab, who: lab.get_access(who, role=EDITOR), {"olga", "ed"}),
    Action("invites", lambda lab, who: lab.members.invite(lab.get_access(who), "tom", VIEWER), {"olga"}),
    Action(
        "changes a role",
        lambda lab, who: lab.members.change_role(lab.get_access(who), "ed", VIEWER),
        {"olga"},
    ),
    Action("revokes", lambda lab, who: lab.members.revoke(lab.get_access(who), "ed"), {"olga"}),
    Action(
        "takes an invitation back", lambda lab, who: lab.members.revoke(lab.get_access(who), "ivan"), {"olga"}
    ),
    Action("edits", lambda lab, who: lab.projects.edit(lab.get_access(who), name="Cold"), {"olga"}),
    Action("hands it over", lambda lab, who: lab.projects.transfer(lab.get_access(who), "ed"), {"olga"}),
    Action("deletes it", lambda lab, who: lab.projects.delete(lab.get_access(who)), {"olga"}),
    Action("accepts", lambda lab, who: lab.members.accept(who, LAB), {"ivan"}, refused=NotFoundError),
    Action(
        "leaves",
        lambda lab, who: lab.members.leave(who, LAB),
        {"ed", "vera", "ivan"},
        refused=QDashError,
    ),
]
FOR_ALL = [
    Action("makes a project", lambda lab, who: lab.projects.create(f"{who}s", username=who), ABLE),
    Action("lists their projects", lambda lab, who: lab.projects.list_by_user(who), ABLE),
    Action("prefers", lambda lab, who: lab.users.set_preferences(who, theme="dark"), ABLE),
    Action("looks at themselves", lambda lab, who: lab.users.show(who, by=who), ABLE),
    Action("renames themselves", lambda lab, who: lab.users.edit(who, by=who, full_name="Me"), ABLE),
    Action("looks at another", lambda lab, who: lab.users.show("tom", by=who), ABLE, {"admin"}),
    Action("renames another", lambda lab, who: lab.users.edit("tom", by=who, full_name="Tom"), ABLE, {"admin"}),
    Action("lists users", lambda lab, who: lab.users.page(PageRequest(), by=who), ABLE, {"admin"}),
    Action("makes a user", lambda lab, who: lab.users.create(f"by-{who}", by=who), ABLE, {"admin"}),
    Action("disables", lambda lab, who: lab.users.edit("tom", by=who, disabled=True), ABLE, {"admin"}),
    Action("enables", lambda lab, who: lab.users.edit("dora", by=who, disabled=False), ABLE, {"admin"}),
    Action("off-boards", lambda lab, who: lab.users.off_board("tom", by=who, force=True), ABLE, {"admin"}),
]  # fmt: skip


@pytest.mark.every_store
@pytest.mark.parametrize("embedded", [True, False], ids=["embedded", "with a password"])
def test_who_may(prepared_store: Store, embedded: bool) -> None:
    """Each action is tried by users without permission, which changes nothing, and performed by the others."""
    for action in (*IN_THE_PROJECT, *FOR_ALL):
        lab = Laboratory(prepared_store).move_in()
        if not embedded:
            lab.with_password()
        allowed = action.allowed if embedded or action.locked is None else action.locked
        before = lab.list_documents()
        for name in (*UNABLE, *sorted(ABLE - allowed)):
            refused = AccessDeniedError if name in UNABLE else action.refused
            if not embedded and action in IN_THE_PROJECT and name in FOREIGN:
                refused = NotFoundError
            assert isinstance(try_action(action, lab, name), refused), f"{name} {action.does}"
        assert lab.list_documents() == before, action.does
        for name in sorted(allowed):
            assert try_action(action, lab, name) is None, f"{name} {action.does}"


def try_action(action: Action, lab: Laboratory, name: str) -> QDashError | None:
    """Return the error of an action, or None if it succeeds."""
    try:
        action.do(lab, name)
    except QDashError as error:
        return error
    return None


def test_the_owner_of_a_project_stays_until_it_is_handed_over(prepared_store: Store) -> None:
    lab = Laboratory(prepared_store).move_in()
    lab.members.change_role(lab.get_access("olga"), "ed", OWNER)
    for deed in (
        lambda: lab.members.leave("olga", LAB),
        lambda: lab.members.revoke(lab.get_access("ed"), "olga"),
        lambda: lab.members.change_role(lab.get_access("ed"), "olga", EDITOR),
    ):
        with pytest.raises(
            ConflictError, match="'olga' owns project 'lab': `qdash project transfer lab --to NAME`"
        ):
            deed()
    assert lab.projects.transfer(lab.get_access("ed"), "ed").owner_username == "ed"
    assert lab.get_member("olga").role is OWNER
    lab.members.leave("olga", LAB)
    with pytest.raises(AccessDeniedError, match="'olga' is not a member of project 'lab'"):
        lab.get_access("olga")


def test_an_access_that_was_given_before_a_role_was_lost_changes_nothing(prepared_store: Store) -> None:
    lab = Laboratory(prepared_store).move_in()
    lab.members.change_role(lab.get_access("olga"), "ed", OWNER)
    old = lab.get_access("ed", role=OWNER)
    lab.members.change_role(lab.get_access("olga"), "ed", EDITOR)
    for deed in (
        lambda: lab.members.invite(old, "tom"),
        lambda: lab.members.revoke(old, "vera"),
        lambda: lab.projects.edit(old, name="Mine"),
        lambda: lab.projects.transfer(old, "ed"),
    ):
        with pytest.raises(AccessDeniedError, match="'ed' is editor of project 'lab', and this takes owner"):
            deed()
