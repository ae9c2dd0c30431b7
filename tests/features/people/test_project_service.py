"""Projects: creation, listing, edits, transfer, and deletion only if empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.tags.service import TagService
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository, UserRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.used_names import TagRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP
from .laboratory import LAB, Laboratory

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock
    from ...core.conftest import MakeBench

OWNER, EDITOR, VIEWER = ProjectRole


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Laboratory:
    return Laboratory(prepared_store, clock).move_in()


@pytest.mark.every_store
def test_a_project_belongs_to_who_made_it(lab: Laboratory, clock: Clock) -> None:
    made = lab.projects.create(
        "cold", username="nina", name=" Cold lab ", description=" ", tags=["a", "b", "a"]
    )
    project = made.project
    assert (project.name, project.description, project.tags) == ("Cold lab", None, ["a", "b"])
    assert (project.owner_username, project.created_at) == ("nina", clock.now)
    assert lab.get_access("nina", "cold").role is OWNER
    assert [(one.project.project_id, one.membership.role) for one in lab.projects.list_by_user("nina")] == [
        ("cold", OWNER),
        ("nina", OWNER),
    ]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"project_id": "../x"}, InvalidInputError, "project id '../x': up to 64 letters"),
        ({"project_id": "x", "name": " "}, InvalidInputError, "needs a name"),
        ({"project_id": "x", "tags": [" a"]}, InvalidInputError, "' a' is not a tag"),
        ({"project_id": "default"}, ConflictError, "there is a project 'default' already"),
        ({"project_id": "x", "name": "lab"}, ConflictError, "'olga' owns a project named 'lab' already, 'lab'"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_project_is_refused(
    lab: Laboratory, given: dict[str, Any], error: type[Exception], message: str
) -> None:
    before = lab.list_documents()
    with pytest.raises(error, match=message):
        lab.projects.create(**given, username="olga")
    assert lab.list_documents() == before


def test_projects_of_a_user_are_those_they_are_in_or_invited_to(lab: Laboratory) -> None:
    lab.projects.create("other", username="ed")
    lab.members.invite(lab.get_access("ed", "other"), "ivan", VIEWER)
    assert [(one.project.project_id, one.membership.status) for one in lab.projects.list_by_user("ivan")] == [
        ("ivan", "active"),
        ("lab", "pending"),
        ("other", "pending"),
    ]
    assert [one.project.project_id for one in lab.projects.list_by_user("fred")] == ["fred"]
    assert [one.project.project_id for one in lab.projects.list_by_user("ed")] == ["ed", "lab", "other"]


def test_what_is_not_named_stays_as_it_is(lab: Laboratory, clock: Clock) -> None:
    owner = lab.get_access("olga")
    clock.forward(hours=1)
    edited = lab.projects.edit(owner, tags=["cold"])
    assert (edited.name, edited.description, edited.tags) == (LAB, "Where it is cold", ["cold"])
    assert edited.updated_at == clock.now
    assert lab.projects.edit(owner, description="", name="Cold").description is None
    assert lab.projects.show(lab.get_access("vera")).project.name == "Cold"
    lab.projects.create("other", username="olga")
    with pytest.raises(ConflictError, match="'olga' owns a project named 'other' already"):
        lab.projects.edit(owner, name="other")
    with pytest.raises(InvalidInputError, match="owner_username cannot be changed"):
        lab.projects.edit(owner, owner_username="olga")


def test_a_project_is_handed_over_to_a_member(lab: Laboratory) -> None:
    moved = lab.projects.transfer(lab.get_access("olga"), "ed")
    assert (moved.owner_username, moved.owner_user_id) == ("ed", lab.get_member("ed").user_id)
    assert (lab.get_member("ed").role, lab.get_member("olga").role) == (OWNER, OWNER)
    for name, error, message in (
        ("zoe", NotFoundError, "no user 'zoe'"),
        ("nina", InvalidInputError, "'nina' cannot own project 'lab': not a member"),
        ("ivan", InvalidInputError, "'ivan' cannot own project 'lab': not a member"),
        ("dora", InvalidInputError, "'dora' cannot own project 'lab': disabled"),
    ):
        with pytest.raises(error, match=message):
            lab.projects.transfer(lab.get_access("ed"), name)
    lab.projects.create("second", username="vera", name=LAB)
    with pytest.raises(ConflictError, match="'vera' owns a project named 'lab' already, 'second'"):
        lab.projects.transfer(lab.get_access("ed"), "vera")


@pytest.mark.every_store
def test_an_empty_project_goes_with_what_names_it(lab: Laboratory, prepared_store: Store) -> None:
    TagService(prepared_store).add(lab.get_access("ed"), "night")
    lab.users.set_preferences("ed", default_project_id=LAB)
    lab.projects.delete(lab.get_access("olga"))
    repositories = Repositories(prepared_store)
    assert repositories.of(ProjectRepository).find(LAB) is None
    assert repositories.of(ProjectMembershipRepository).list_by_project(LAB) == []
    assert Repositories(prepared_store).of(TagRepository).list_by_project(LAB) == []
    assert repositories.of(UserRepository).require("ed").default_project_id == "ed"
    assert [one.project.project_id for one in lab.projects.list_by_user("ed")] == ["ed"]
    lab.projects.create(LAB, username="nina")
    assert [one.project.project_id for one in lab.projects.list_by_user("ed")] == ["ed"]


def test_the_project_of_the_administrators_stays(lab: Laboratory) -> None:
    with pytest.raises(ConflictError, match="project 'default' cannot be deleted"):
        lab.projects.delete(lab.get_access("admin", "default"))


def test_a_project_in_which_something_is_stays(make_bench: MakeBench) -> None:
    bench = make_bench()
    lab = Laboratory(bench.qdash.store)
    lab.projects.create("lab", username="admin")
    bench.qdash.get(CHIPS).create(
        access_of("admin", LAB), CHIP, bench.qdash.get(CHIPS).show(ADMIN, CHIP).topology, backend="bench"
    )
    access = lab.get_access("admin")
    assert lab.projects.show(access).contents == {"chips": 1}
    with pytest.raises(
        ConflictError, match=r"'lab' is not empty \(chips: 1\): only an empty project can be deleted"
    ):
        lab.projects.delete(access)


def test_a_membership_whose_project_is_gone_is_passed_over(lab: Laboratory) -> None:
    with lab.store.transaction() as transaction:
        transaction.delete("project", {"project_id": LAB})
    assert [one.project.project_id for one in lab.projects.list_by_user("ed")] == ["ed"]
