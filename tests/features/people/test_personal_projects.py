"""Personal projects: made with the user, replaced as the default by the first real project, deleted when unused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from qdash_core.access.enrolment import ensure_default_project
from qdash_core.errors import ConflictError, NotFoundError
from qdash_core.models.chip import ChipModel
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories

from .laboratory import LAB, Laboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

OWNER, EDITOR, VIEWER = ProjectRole
PASSWORD = "correct horse"


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Laboratory:
    return Laboratory(prepared_store, clock).move_in()


def get_default(lab: Laboratory, name: str) -> str | None:
    return lab.users.show(name, by=name).user.default_project_id


def fill(lab: Laboratory, project_id: str) -> None:
    fields = {"project_id": project_id, "username": "x", "chip_id": "A", "backend": "bench"}
    Repositories(lab.store).of(ChipRepository).add(ChipModel(**fields, size=2, topology_id="pair"))


@pytest.mark.every_store
def test_a_new_user_owns_a_project_which_is_their_default(lab: Laboratory, clock: Clock) -> None:
    made = lab.users.create("yuki", by="admin")
    project = Repositories(lab.store).of(ProjectRepository).require("yuki")
    assert (project.name, project.owner_username, project.owner_user_id, project.created_at) == (
        "yuki's project", "yuki", made.user.user_id, clock.now,
    )  # fmt: skip
    assert made.user.default_project_id == "yuki"
    assert [(one.role, one.status) for one in made.memberships] == [(OWNER, "active")]
    assert lab.get_access("yuki", "yuki").role is OWNER


@pytest.mark.parametrize(
    ("name", "project_id"),
    [
        (LAB, "lab-2"),
        ("default", "default-2"),
        ("yuki@lab.example", "yuki-lab.example"),
        ("yuki+x", "yuki-x"),
        ("由紀", "personal"),
        ("y" * 64, "y" * 60),
        ("Ünal_", "nal"),
    ],
)
def test_the_id_of_a_personal_project_is_free_and_valid(lab: Laboratory, name: str, project_id: str) -> None:
    assert lab.users.create(name, by="admin").owns == [project_id]
    assert lab.projects.show(lab.get_access(name, project_id)).project.name == f"{name}'s project"


def test_users_with_similar_names_get_projects_of_their_own(lab: Laboratory) -> None:
    names = ["a+b", "a@b", "a-b"]
    assert [lab.users.create(name, by="admin").owns for name in names] == [["a-b"], ["a-b-2"], ["a-b-3"]]


def test_users_created_at_the_same_time_get_projects_of_their_own(tmp_path: Path, clock: Clock) -> None:
    from qdash_sqlite.store import SQLiteStore

    url = f"sqlite:///{tmp_path}/qdash.db"
    with closing(SQLiteStore.open(url)) as store:
        ensure_default_project(store, clock=clock)
    names = [f"{first}{sign}{last}" for first in "ab" for last in "cd" for sign in "+@-"]

    def create(name: str) -> str:
        with closing(SQLiteStore.open(url)) as store:
            return Laboratory(store, clock).users.create(name, by="admin").owns[0]

    with ThreadPoolExecutor(6) as threads:
        made = [*threads.map(create, names)]
    assert sorted(made) == sorted(
        f"{one}-{other}{n}" for one in "ab" for other in "cd" for n in ("", "-2", "-3")
    )


def test_a_refused_user_leaves_no_project(lab: Laboratory) -> None:
    before = lab.list_documents()
    with pytest.raises(ConflictError, match="there is a user 'dora' already"):
        lab.users.create("dora", by="admin")
    assert lab.list_documents() == before


@pytest.mark.every_store
def test_an_unused_personal_project_gives_way_to_the_first_project_that_is_joined(lab: Laboratory) -> None:
    lab.projects.create("other", username="olga")
    lab.join("nina", EDITOR)
    assert get_default(lab, "nina") == LAB
    lab.join("nina", VIEWER, "other")
    assert get_default(lab, "nina") == LAB


def test_a_used_personal_project_stays_the_default(lab: Laboratory) -> None:
    fill(lab, "nina")
    lab.join("nina", EDITOR)
    assert get_default(lab, "nina") == "nina"
    lab.members.invite(lab.get_access("fred", "fred"), "nina", EDITOR)
    lab.join("fred", EDITOR)
    assert get_default(lab, "fred") == "fred", "another user is invited into it"


def test_a_chosen_default_stays(lab: Laboratory) -> None:
    lab.projects.create("chosen", username="nina")
    lab.users.set_preferences("nina", default_project_id="chosen")
    lab.join("nina", EDITOR)
    assert get_default(lab, "nina") == "chosen"


def test_who_loses_their_default_project_returns_to_the_personal_one(lab: Laboratory) -> None:
    assert get_default(lab, "ed") == LAB
    lab.members.revoke(lab.get_access("olga"), "ed")
    assert get_default(lab, "ed") == "ed"
    lab.projects.delete(lab.get_access("ed", "ed"))
    assert get_default(lab, "ed") is None


def test_a_used_personal_project_is_handed_over(lab: Laboratory) -> None:
    fill(lab, "ed")
    with pytest.raises(ConflictError, match="'ed' owns project ed: `--to NAME` names who takes over"):
        lab.users.off_board("ed", by="admin", force=True)
    done = lab.users.off_board("ed", by="admin", to="vera", force=True)
    assert (done.transferred, done.deleted) == (["ed"], [])
    assert lab.get_access("vera", "ed").role is OWNER


def test_an_unused_personal_project_is_deleted_with_its_owner(lab: Laboratory) -> None:
    assert lab.users.off_board("nina", by="admin", force=True).deleted == ["nina"]
    assert Repositories(lab.store).of(ProjectRepository).find("nina") is None
    with pytest.raises(NotFoundError, match="no project 'nina'"):
        lab.get_access("admin", "nina")


def test_the_set_up_of_an_older_user_makes_the_personal_project(lab: Laboratory) -> None:
    lab.with_password()
    for name in ("ed", "nina"):
        lab.projects.delete(lab.get_access(name, name))
    for name, default in (("ed", LAB), ("nina", "nina")):
        lab.logins.set_up(lab.logins.make_link(name, by="admin").code, PASSWORD)
        assert (lab.users.show(name, by=name).owns, get_default(lab, name)) == ([name], default)
    lab.projects.delete(lab.get_access("ed", "ed"))
    lab.logins.set_up(lab.logins.make_link("ed", by="admin").code, PASSWORD)
    assert lab.users.show("ed", by="ed").owns == [], "a new password is no set-up"


def test_the_set_up_of_the_administrator_makes_no_project(lab: Laboratory) -> None:
    link = lab.logins.make_first_link()
    assert link is not None
    lab.logins.set_up(link.code, PASSWORD)
    assert lab.users.show("admin", by="admin").owns == ["default"]
