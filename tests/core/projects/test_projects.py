"""Who may run what where: the embedded defaults, and the check before every run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal

import pytest

from qdash_core import InvalidInputError, NotFoundError
from qdash_core.models.project import ProjectMembershipModel, ProjectModel, ProjectRole, UserModel

from ..bench import PROJECT, task

if TYPE_CHECKING:
    from ..bench import Bench
    from ..conftest import MakeBench


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(task())


def add_project(bench: Bench, project_id: str) -> None:
    bench.repositories.projects.add(
        ProjectModel(project_id=project_id, owner_user_id="1", owner_username="admin", name=project_id)
    )


def add_user(bench: Bench, name: str, *, password: str | None = None, disabled: bool = False) -> None:
    bench.repositories.users.add(
        UserModel(
            user_id=name,
            username=name,
            hashed_password=password,
            disabled=disabled,
            default_project_id=PROJECT,
        )
    )


def join(
    bench: Bench,
    name: str,
    role: ProjectRole,
    status: Literal["pending", "active", "revoked"] = "active",
    project_id: str = PROJECT,
) -> None:
    bench.repositories.memberships.put(
        ProjectMembershipModel(project_id=project_id, user_id=name, username=name, role=role, status=status)
    )


def test_opening_makes_the_administrator_and_the_default_project(bench: Bench) -> None:
    admin = bench.repositories.users.find("admin")
    assert admin is not None
    assert admin.hashed_password is None
    assert bench.repositories.projects.find("default") is not None
    member = bench.repositories.memberships.find("default", "admin")
    assert member is not None
    assert (member.role, member.status) == (ProjectRole.OWNER, "active")
    bench.qdash.projects.ensure_defaults()
    assert bench.repositories.users.find("admin") == admin


def test_an_unknown_user_becomes_an_editor_while_nobody_has_a_password(bench: Bench) -> None:
    assert bench.qdash.projects.require_editor("alice", None) == "default"
    member = bench.repositories.memberships.find("default", "alice")
    assert member is not None
    assert (member.role, member.status) == (ProjectRole.EDITOR, "active")
    session = bench.session(username="alice")
    assert session.run_task("Measure", "0").username == "alice"
    session.complete()


def test_an_unknown_user_becomes_an_editor_of_the_project_that_is_asked_for(bench: Bench) -> None:
    add_project(bench, "other")
    assert bench.qdash.projects.require_editor("bob", "other") == "other"
    assert bench.qdash.projects.require_editor("bob", None) == "other"
    assert bench.repositories.memberships.find("default", "bob") is None


def test_an_unknown_user_is_refused_once_somebody_has_a_password(bench: Bench) -> None:
    add_user(bench, "carol", password="hash")
    with pytest.raises(InvalidInputError, match="no user 'mallory'"):
        bench.qdash.projects.require_editor("mallory", None)
    assert bench.repositories.users.find("mallory") is None
    assert bench.qdash.projects.require_editor("admin", None) == "default"


def test_a_viewer_a_stranger_and_a_disabled_user_may_not_run(bench: Bench) -> None:
    for name in ("viewer", "stranger", "invited", "former", "disabled", "editor"):
        add_user(bench, name, disabled=name == "disabled")
    join(bench, "viewer", ProjectRole.VIEWER)
    join(bench, "invited", ProjectRole.EDITOR, "pending")
    join(bench, "former", ProjectRole.OWNER, "revoked")
    join(bench, "disabled", ProjectRole.OWNER)
    join(bench, "editor", ProjectRole.EDITOR)
    for name in ("viewer", "stranger", "invited", "former"):
        with pytest.raises(
            InvalidInputError, match=f"'{name}' may not run calibrations in project 'default'"
        ):
            bench.session(username=name)
    with pytest.raises(InvalidInputError, match="'disabled' is disabled"):
        bench.session(username="disabled")
    assert bench.qdash.executions.newest(PROJECT) == []
    bench.session(username="editor").complete()


@pytest.mark.parametrize("name", ["", " ", " alice", "alice\n"])
def test_what_is_no_name_is_refused(bench: Bench, name: str) -> None:
    with pytest.raises(InvalidInputError, match="not a user name"):
        bench.qdash.projects.require_editor(name, None)


def test_an_unknown_project_is_refused_with_those_that_are_known(bench: Bench) -> None:
    add_project(bench, "other")
    for ask in (bench.qdash.projects.require, lambda asked: bench.qdash.projects.require_editor("a", asked)):
        with pytest.raises(NotFoundError, match=r"no project 'x' \(known: default, other\)"):
            ask("x")
    assert bench.repositories.users.find("a") is None
    assert bench.qdash.projects.require(None) == "default"
    assert bench.qdash.projects.require("other") == "other"


def test_many_who_come_at_once_are_made_once(bench: Bench) -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: bench.qdash.projects.require_editor("alice", None), range(16)))
    assert asked == ["default"] * 16
