"""Members: invitation, acceptance, change of role, revocation, repeated invitation; a project always keeps an
owner.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError, QDashError
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories

from .laboratory import LAB, Laboratory

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

OWNER, EDITOR, VIEWER = ProjectRole


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Laboratory:
    return Laboratory(prepared_store, clock).move_in()


@pytest.mark.every_store
def test_who_is_invited_is_a_member_once_they_accept(lab: Laboratory, clock: Clock) -> None:
    invited = lab.members.invite(lab.get_access("olga"), "nina", VIEWER)
    assert (invited.status, invited.role, invited.invited_by) == ("pending", VIEWER, "olga")
    assert invited.invited_by_user_id == lab.users.show("olga", by="olga").user.user_id
    clock.forward(hours=1)
    accepted = lab.members.accept("nina")
    assert (accepted.status, accepted.created_at, accepted.updated_at) == (
        "active",
        invited.created_at,
        clock.now,
    )
    assert lab.get_access("nina").role is VIEWER
    with pytest.raises(NotFoundError, match="'nina' is not invited to project 'lab'"):
        lab.members.accept("nina", LAB)


def test_the_first_project_of_a_user_becomes_their_default(lab: Laboratory) -> None:
    lab.projects.create("other", username="olga")
    for project_id in (LAB, "other"):
        lab.join("nina", EDITOR, project_id)
        assert lab.users.show("nina", by="nina").user.default_project_id == LAB
    lab.members.leave("nina", LAB)
    assert lab.users.show("nina", by="nina").user.default_project_id == "nina"
    lab.projects.create("own", username="nina")
    assert lab.users.show("nina", by="nina").user.default_project_id == "own"


def test_who_is_invited_twice_is_what_was_said_last(lab: Laboratory) -> None:
    lab.members.invite(lab.get_access("olga"), "ivan", OWNER)
    lab.members.change_role(lab.get_access("olga"), "ivan", VIEWER)
    assert lab.members.accept("ivan").role is VIEWER
    with pytest.raises(ConflictError, match="'ivan' is viewer of project 'lab' already: `qdash member role`"):
        lab.members.invite(lab.get_access("olga"), "ivan", EDITOR)


def test_who_was_revoked_can_be_invited_again(lab: Laboratory) -> None:
    assert lab.get_member("fred").status == "revoked"
    with pytest.raises(NotFoundError, match="'fred' is not invited"):
        lab.members.accept("fred", LAB)
    lab.members.invite(lab.get_access("olga"), "fred", VIEWER)
    assert lab.get_member("fred").status == "pending"
    lab.members.accept("fred")
    assert lab.get_access("fred").role is VIEWER


def test_who_has_several_invitations_names_one(lab: Laboratory) -> None:
    lab.projects.create("other", username="olga")
    lab.members.invite(lab.get_access("olga", "other"), "ivan")
    with pytest.raises(InvalidInputError, match=r"several projects \(lab, other\): name one, `--project ID`"):
        lab.members.accept("ivan")
    assert lab.members.accept("ivan", "other").project_id == "other"
    assert lab.members.accept("ivan").project_id == LAB
    with pytest.raises(
        NotFoundError, match=r"'ivan' is not invited to any project, but is a member of ivan, lab, other$"
    ):
        lab.members.accept("ivan")
    with pytest.raises(
        NotFoundError, match=r"'ivan' is not invited to project 'lab', but is a member of lab$"
    ):
        lab.members.accept("ivan", LAB)


def test_only_users_who_can_act_are_invited(lab: Laboratory) -> None:
    owner = lab.get_access("olga")
    with pytest.raises(NotFoundError, match="no user 'zoe'"):
        lab.members.invite(owner, "zoe")
    lab.members.revoke(owner, "dora")
    with pytest.raises(InvalidInputError, match="'dora' is disabled: `qdash user enable dora`"):
        lab.members.invite(owner, "dora")
    for deed in (
        lambda: lab.members.change_role(owner, "nina", VIEWER),
        lambda: lab.members.revoke(owner, "fred"),
    ):
        with pytest.raises(NotFoundError, match="is not a member of project 'lab'"):
            deed()


def test_members_are_listed_with_those_invited_and_those_gone(lab: Laboratory) -> None:
    assert [
        (one.username, one.role, one.status) for one in lab.members.list_by_project(lab.get_access("vera"))
    ] == [
        ("dora", EDITOR, "active"),
        ("ed", EDITOR, "active"),
        ("fred", EDITOR, "revoked"),
        ("ivan", EDITOR, "pending"),
        ("olga", OWNER, "active"),
        ("vera", VIEWER, "active"),
    ]


def test_the_last_owner_who_can_act_stays_one(lab: Laboratory) -> None:
    """The owner of record is disabled, so the other owner is needed."""
    lab.members.change_role(lab.get_access("olga"), "ed", OWNER)
    lab.users.edit("olga", by="admin", disabled=True)
    with pytest.raises(ConflictError, match="'ed' owns project 'lab'"):
        lab.members.leave("ed", LAB)
    lab.users.edit("olga", by="admin", disabled=False)
    lab.members.leave("ed", LAB)


@pytest.mark.every_store
@pytest.mark.parametrize("seed", range(3))
def test_owners_who_turn_against_each_other_leave_one(prepared_store: Store, seed: int) -> None:
    lab = Laboratory(prepared_store).move_in()
    people = ["olga", "ed", "vera"]
    for name in people[1:]:
        lab.members.change_role(lab.get_access("olga"), name, OWNER)
    accesses = {name: lab.get_access(name, role=OWNER) for name in people}

    def turn(number: int) -> None:
        chance = random.Random(f"{seed} {number}")
        who, other = chance.sample(people, 2)
        deeds = [
            lambda: lab.members.change_role(accesses[who], other, EDITOR),
            lambda: lab.members.revoke(accesses[who], other),
            lambda: lab.members.leave(who, LAB),
            lambda: lab.projects.transfer(accesses[who], who),
        ]
        with suppress(QDashError):
            chance.choice(deeds)()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(turn, range(24)))
    project = Repositories(prepared_store).of(ProjectRepository).require(LAB)
    owner = lab.get_member(project.owner_username)
    assert (owner.role, owner.status, owner.user_id) == (OWNER, "active", project.owner_user_id)


@pytest.mark.every_store
def test_two_owners_who_demote_each_other_at_once(prepared_store: Store) -> None:
    """The owner of record stays an owner, in either order."""
    lab = Laboratory(prepared_store).move_in()
    lab.members.change_role(lab.get_access("olga"), "ed", OWNER)
    accesses = {name: lab.get_access(name, role=OWNER) for name in ("olga", "ed")}

    def demote(who: str, other: str) -> bool:
        try:
            lab.members.change_role(accesses[who], other, VIEWER)
        except QDashError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(demote, ("olga", "ed"), ("ed", "olga"))) == [True, False]
    assert (lab.get_member("olga").role, lab.get_member("ed").role) == (OWNER, VIEWER)
