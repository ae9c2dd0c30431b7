"""Users: creation, renaming, disabling and enabling, off-boarding; and their passwords."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.people.passwords import hash_password, is_password_correct
from qdash_core.access.enrolment import enroll
from qdash_core.errors import AccessDeniedError, ConflictError, InvalidInputError, LoginError, NotFoundError
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.identity import UserRepository
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
def test_a_new_user_is_a_member_of_a_personal_project_only(lab: Laboratory, clock: Clock) -> None:
    made = lab.users.create("yuki", by="admin", full_name=" Yuki Sato ")
    assert (made.user.full_name, made.user.created_at) == ("Yuki Sato", clock.now)
    assert ([one.project_id for one in made.memberships], made.owns) == (["yuki"], ["yuki"])
    assert lab.users.edit("yuki", by="yuki", full_name=" ").user.full_name is None
    with pytest.raises(AccessDeniedError, match="'yuki' is not a member of project 'default'"):
        lab.get_access("yuki", "default")


@pytest.mark.parametrize(
    "name", ["", " yuki", "yu ki", "yu\nki", "-yuki", "..", "yu/ki", "yu?ki=1", "yu:ki", "y" * 65]
)
def test_what_is_no_name_is_refused(lab: Laboratory, name: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a user name: up to 64 letters"):
        lab.users.create(name, by="admin")
    assert "yuki" not in {view.user.username for view in lab.users.page(PageRequest(), by="admin").items}


@pytest.mark.parametrize("name", ["y", "Yuki.Sato", "yuki@lab.example", "由紀", "3-yuki_s+test"])
def test_what_can_be_typed_after_an_option_and_in_an_address_is_a_name(lab: Laboratory, name: str) -> None:
    assert lab.users.create(name, by="admin").user.username == name


def test_a_name_is_taken_once(lab: Laboratory) -> None:
    with pytest.raises(ConflictError, match="there is a user 'dora' already"):
        lab.users.create("dora", by="admin")


def test_a_user_is_shown_with_where_they_belong(lab: Laboratory) -> None:
    shown = lab.users.show("olga", by="admin")
    assert [(one.project_id, one.role) for one in shown.memberships] == [(LAB, OWNER), ("olga", OWNER)]
    assert shown.owns == [LAB, "olga"]
    assert [one.project_id for one in lab.users.show("fred", by="fred").memberships] == ["fred"]
    assert {one.user.username: one for one in lab.users.page(PageRequest(), by="admin").items}[
        "olga"
    ] == shown
    with pytest.raises(NotFoundError, match="no user 'zoe'"):
        lab.users.show("zoe", by="admin")


def test_a_disabled_user_may_nothing_until_enabled(lab: Laboratory) -> None:
    secret, _ = lab.tokens.create("ed", "laptop")
    lab.users.edit("ed", by="admin", disabled=True)
    assert lab.authenticator.authenticate(secret) is None
    with pytest.raises(AccessDeniedError, match="'ed' is disabled"):
        lab.get_access("ed")
    lab.users.edit("ed", by="admin", disabled=False)
    assert lab.authenticator.authenticate(secret) is not None
    assert lab.get_access("ed").role is EDITOR


def test_somebody_who_administers_the_store_stays(lab: Laboratory) -> None:
    with pytest.raises(ConflictError, match="'admin' is the last who administers the store"):
        lab.users.edit("admin", by="olga", disabled=True)
    lab.join("olga", OWNER, "default", owner="admin")
    lab.users.edit("admin", by="olga", disabled=True)
    with pytest.raises(ConflictError, match="'olga' is the last who administers the store"):
        lab.users.edit("olga", by="olga", disabled=True)


# ----------------------------------------------------------------------------------------------------------- off-boarding


@pytest.mark.every_store
def test_who_goes_loses_everything_at_once(lab: Laboratory) -> None:
    lab.projects.create("cold", username="olga")
    secrets = [lab.tokens.create("olga", name)[0] for name in ("laptop", "night")]
    with pytest.raises(
        ConflictError, match="'olga' owns projects cold, lab: `--to NAME` names who takes over"
    ):
        lab.users.off_board("olga", by="admin", force=True)
    before = lab.list_documents()
    preview = lab.users.off_board("olga", by="admin", to="ed")
    assert lab.list_documents() == before
    done = lab.users.off_board("olga", by="admin", to="ed", force=True)
    assert (preview.applied, done) == (False, replace(preview, applied=True))
    assert (done.transferred, done.revoked, done.n_tokens) == (["cold", LAB], ["cold", LAB], 2)
    assert done.deleted == ["olga"]
    assert [lab.authenticator.authenticate(secret) for secret in secrets] == [None, None]
    gone = lab.users.show("olga", by="admin")
    assert (gone.user.disabled, gone.memberships, gone.owns) == (True, [], [])
    assert lab.users.show("ed", by="admin").owns == ["cold", "ed", LAB]
    assert (lab.get_access("ed").role, lab.get_access("ed", "cold").role) == (OWNER, OWNER)


def test_who_owns_nothing_needs_nobody_to_take_over(lab: Laboratory) -> None:
    done = lab.users.off_board("ivan", by="admin", force=True)
    assert (done.transferred, done.revoked, done.n_tokens) == ([], [LAB], 0)
    assert lab.get_member("ivan").status == "revoked"
    lab.users.edit("ivan", by="admin", disabled=False)
    assert lab.projects.list_by_user("ivan") == []


@pytest.mark.parametrize(
    ("to", "error", "message"),
    [
        ("zoe", NotFoundError, "no user 'zoe'"),
        ("dora", InvalidInputError, "'dora' cannot take over: disabled"),
        ("olga", InvalidInputError, "'olga' cannot take over: goes"),
        ("nina", ConflictError, "'nina' owns a project named 'lab' already, 'ninas'"),
    ],
)
def test_who_cannot_take_over_is_refused(
    lab: Laboratory, to: str, error: type[Exception], message: str
) -> None:
    lab.projects.create("ninas", username="nina", name=LAB)
    before = lab.list_documents()
    with pytest.raises(error, match=message):
        lab.users.off_board("olga", by="admin", to=to, force=True)
    assert lab.list_documents() == before


def test_a_project_whose_only_owner_who_can_act_goes_is_handed_over(lab: Laboratory) -> None:
    lab.members.change_role(lab.get_access("olga"), "ed", OWNER)
    lab.users.edit("olga", by="admin", disabled=True)
    with pytest.raises(ConflictError, match="'ed' owns project lab"):
        lab.users.off_board("ed", by="admin", force=True)
    assert lab.users.off_board("ed", by="admin", to="vera", force=True).transferred == [LAB]
    assert lab.get_access("vera").role is OWNER


def test_the_administrator_goes_when_another_takes_over(lab: Laboratory) -> None:
    lab.with_password()
    lab.users.off_board("admin", by="admin", to="nina", force=True)
    assert lab.users.create("yuki", by="nina").user.username == "yuki"
    enroll(lab.store, "stranger")
    with pytest.raises(NotFoundError, match="no user 'stranger'"):
        lab.users.show("stranger", by="nina")


# -------------------------------------------------------------------------------------------------------------- passwords


def test_a_password_is_known_again_and_never_kept(prepared_store: Store) -> None:
    lab = Laboratory(prepared_store)
    lab.users.set_password("admin", "correct horse", by="admin")
    assert lab.logins.log_in("admin", "correct horse")
    for name, wrong in (("admin", "Correct horse"), ("zoe", "correct horse")):
        with pytest.raises(LoginError):
            lab.logins.log_in(name, wrong)
    assert "correct horse" not in str(lab.list_documents())


def test_the_first_password_is_that_of_an_administrator(lab: Laboratory) -> None:
    with pytest.raises(
        ConflictError, match=r"first password is that of an owner of project 'default' \(admin\)"
    ):
        lab.users.set_password("olga", "correct horse", by="admin")
    lab.with_password()
    lab.users.set_password("olga", "correct horse", by="olga")
    with pytest.raises(AccessDeniedError, match="'olga' does not administer this store"):
        lab.users.set_password("ed", "correct horse", by="olga")
    lab.users.edit("olga", by="admin", disabled=True)
    with pytest.raises(LoginError):
        lab.logins.log_in("olga", "correct horse")
    assert Repositories(lab.store).of(UserRepository).require("olga").hashed_password


def test_hashes_of_one_password_differ_and_a_foreign_hash_matches_nothing() -> None:
    first, second = hash_password("pässwörd"), hash_password("pässwörd")
    assert first != second
    assert is_password_correct("pa\u0308sswo\u0308rd", first), "the same characters, composed otherwise"
    assert not is_password_correct("password", first)
    assert not is_password_correct("password", "$2b$12$abcdefghijklmnopqrstuv")


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025])
def test_a_password_of_a_length_that_cannot_be_is_refused(password: str) -> None:
    with pytest.raises(InvalidInputError, match=f"a password of {len(password)} characters"):
        hash_password(password)


@pytest.mark.every_store
def test_a_page_of_users_is_that_part_of_everybody(lab: Laboratory) -> None:
    everybody, found, after = lab.users.page(PageRequest(), by="admin").items, [], None
    while not found or after is not None:
        page = lab.users.page(PageRequest(limit=3, after=after), by="admin")
        assert len(page.items) <= 3
        found, after = [*found, *page.items], page.next
    assert found == everybody
    assert [one.owns for one in found if one.user.username == "olga"] == [[LAB, "olga"]]


def test_a_theme_that_is_taken_away_is_that_of_the_system(lab: Laboratory) -> None:
    assert lab.users.set_preferences("ed", theme="dark").user.theme == "dark"
    assert lab.users.set_preferences("ed", theme=None).user.theme == "system"
