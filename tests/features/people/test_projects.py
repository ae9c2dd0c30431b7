"""Access to projects: the embedded defaults, access as a value, and the check before every run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal

import pytest

from qdash_builtin.runs.feature import EXECUTIONS, LOCK_RELEASE, RUNS
from qdash_core import InvalidInputError, NotFoundError
from qdash_core.access.enrolment import ensure_default_project
from qdash_core.errors import AccessDeniedError, LockedError
from qdash_core.models.access import Access
from qdash_core.models.project import ProjectMembershipModel, ProjectModel, ProjectRole, UserModel
from qdash_core.models.request import RunRequest
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository, UserRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from ...core.bench import Bench
    from ...core.conftest import MakeBench


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(make_task())


def add_project(bench: Bench, project_id: str) -> None:
    bench.repositories.of(ProjectRepository).add(
        ProjectModel(project_id=project_id, owner_user_id="1", owner_username="admin", name=project_id)
    )


def add_user(bench: Bench, name: str, *, password: str | None = None, disabled: bool = False) -> None:
    bench.repositories.of(UserRepository).add(
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
    bench.repositories.of(ProjectMembershipRepository).put(
        ProjectMembershipModel(project_id=project_id, user_id=name, username=name, role=role, status=status)
    )


@pytest.mark.every_store
def test_opening_makes_the_administrator_and_the_default_project(bench: Bench) -> None:
    admin = bench.repositories.of(UserRepository).find("admin")
    assert admin is not None
    assert admin.hashed_password is None
    assert bench.repositories.of(ProjectRepository).find("default") is not None
    member = bench.repositories.of(ProjectMembershipRepository).find("default", "admin")
    assert member is not None
    assert (member.role, member.status) == (ProjectRole.OWNER, "active")
    ensure_default_project(bench.qdash.store)
    assert bench.repositories.of(UserRepository).find("admin") == admin


def test_an_unknown_user_is_enrolled_as_an_editor_while_nobody_has_a_password(bench: Bench) -> None:
    bench.qdash.enroll("alice")
    assert bench.qdash.access("alice") == Access("alice", "default", ProjectRole.EDITOR)
    session = bench.start_session(username="alice")
    assert session.run_task("Measure", "0").username == "alice"
    session.complete()


def test_who_is_enrolled_for_a_project_has_it_as_the_default(bench: Bench) -> None:
    add_project(bench, "other")
    bench.qdash.enroll("bob", "other")
    assert bench.qdash.access("bob").project_id == "other"
    with pytest.raises(AccessDeniedError, match="'bob' is not a member of project 'default'"):
        bench.qdash.access("bob", "default")


def test_a_check_enrolls_nobody(bench: Bench) -> None:
    for ask in (
        lambda: bench.qdash.access("alice"),
        lambda: bench.start_session(username="alice"),
    ):
        with pytest.raises(AccessDeniedError, match="there is no user 'alice'"):
            ask()
    assert bench.repositories.of(UserRepository).find("alice") is None
    assert bench.list_events() == []


def test_who_is_known_stays_what_they_are(bench: Bench) -> None:
    add_user(bench, "viewer")
    join(bench, "viewer", ProjectRole.VIEWER)
    add_project(bench, "other")
    bench.qdash.enroll("viewer", "other")
    assert bench.qdash.access("viewer") == Access("viewer", "default", ProjectRole.VIEWER)
    with pytest.raises(AccessDeniedError, match="not a member of project 'other'"):
        bench.qdash.access("viewer", "other")


def test_nobody_is_enrolled_once_somebody_has_a_password(bench: Bench) -> None:
    add_user(bench, "carol", password="hash")
    bench.qdash.enroll("mallory")
    with pytest.raises(AccessDeniedError, match="no user 'mallory'"):
        bench.qdash.access("mallory")
    assert bench.repositories.of(UserRepository).find("mallory") is None
    assert bench.qdash.access("admin") == Access("admin", "default", ProjectRole.OWNER)


MEMBERS: dict[str, tuple[ProjectRole, Literal["pending", "active", "revoked"]]] = {
    "owner": (ProjectRole.OWNER, "active"),
    "editor": (ProjectRole.EDITOR, "active"),
    "viewer": (ProjectRole.VIEWER, "active"),
    "invited": (ProjectRole.EDITOR, "pending"),
    "former": (ProjectRole.OWNER, "revoked"),
    "disabled": (ProjectRole.OWNER, "active"),
}


@pytest.mark.parametrize(
    ("name", "granted", "refusal"),
    [
        ("owner", {"viewer", "editor", "owner"}, ""),
        ("editor", {"viewer", "editor"}, "'editor' is editor of project 'default', and this takes owner"),
        ("viewer", {"viewer"}, "'viewer' is viewer of project 'default'"),
        ("invited", set(), "'invited' is invited to project 'default' and has not accepted yet"),
        ("former", set(), "'former' is not a member of project 'default'"),
        ("stranger", set(), "'stranger' is not a member of project 'default'"),
        ("disabled", set(), "'disabled' is disabled"),
    ],
)
def test_a_role_includes_the_lesser_ones(bench: Bench, name: str, granted: set[str], refusal: str) -> None:
    add_user(bench, name, disabled=name == "disabled")
    if name in MEMBERS:
        join(bench, name, *MEMBERS[name])
    for role in ProjectRole:
        if role in granted:
            assert bench.qdash.access(name, role=role).username == name
        else:
            with pytest.raises(AccessDeniedError, match=refusal):
                bench.qdash.access(name, role=role)


def test_only_who_may_edit_may_run(bench: Bench) -> None:
    for name in ("viewer", "editor"):
        add_user(bench, name)
        join(bench, name, *MEMBERS[name])
    with pytest.raises(AccessDeniedError, match="this takes editor"):
        bench.start_session(username="viewer")
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []
    bench.start_session(username="editor").complete()


def test_a_viewer_may_look_at_what_a_run_would_do(bench: Bench) -> None:
    add_user(bench, "viewer")
    join(bench, "viewer", *MEMBERS["viewer"])
    request, viewer = RunRequest(chip_id=CHIP, flow="Measure"), bench.qdash.access("viewer")
    assert bench.qdash.get(RUNS).preview(viewer, request).targets == ["0", "1", "2", "3", "4"]
    with pytest.raises(AccessDeniedError, match="this takes editor"):
        bench.qdash.get(RUNS).submissions.submit(viewer, request)


def test_a_lock_is_released_by_owners_of_the_project_of_its_holder(bench: Bench) -> None:
    for name in ("owner", "editor"):
        add_user(bench, name)
        join(bench, name, *MEMBERS[name])
    session = bench.start_session()
    owner, editor = bench.qdash.access("owner"), bench.qdash.access("editor")
    with pytest.raises(AccessDeniedError, match="this takes owner"):
        bench.qdash.get(LOCK_RELEASE).release(editor, CHIP, force=True)
    (released,) = bench.qdash.get(LOCK_RELEASE).release(owner, CHIP, force=True)
    assert released.lock.execution_id == session.execution.execution_id
    assert bench.qdash.get(LOCK_RELEASE).release(owner, CHIP) == []
    with pytest.raises(LockedError):
        session.run_task("Measure", "0")


@pytest.mark.parametrize("name", ["", " ", " alice", "alice\n"])
def test_what_is_no_name_is_refused(bench: Bench, name: str) -> None:
    with pytest.raises(InvalidInputError, match="not a user name"):
        bench.qdash.enroll(name)


def test_an_unknown_project_is_refused_with_those_that_are_known(bench: Bench) -> None:
    add_project(bench, "other")
    for ask, who in ((bench.qdash.access, "admin"), (bench.qdash.enroll, "a")):
        with pytest.raises(NotFoundError, match=r"no project 'x' \(known: default, other\)"):
            ask(who, "x")
    assert bench.repositories.of(UserRepository).find("a") is None


def test_once_somebody_has_a_password_nobody_is_told_of_projects_that_are_not_theirs(bench: Bench) -> None:
    add_project(bench, "other")
    bench.qdash.enroll("alice")
    users = bench.repositories.of(UserRepository)
    users.put(users.require("admin").model_copy(update={"hashed_password": "some hash"}))
    for project_id in ("x", "other"):
        with pytest.raises(NotFoundError, match=rf"no project '{project_id}' \(known: default\)"):
            bench.qdash.access("alice", project_id)
        with pytest.raises(AccessDeniedError, match="no user 'nobody'"):
            bench.qdash.access("nobody", project_id)


@pytest.mark.every_store
def test_many_who_come_at_once_are_made_once(bench: Bench) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: bench.qdash.enroll("alice"), range(16)))
    assert bench.qdash.access("alice").role is ProjectRole.EDITOR
