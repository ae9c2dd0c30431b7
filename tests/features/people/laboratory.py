"""Users of a laboratory: one of each role in project `lab`, and current or former outsiders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from qdash_builtin.people.authentication import TokenAuthenticator
from qdash_builtin.people.logins import LoginService
from qdash_builtin.people.members import MemberService
from qdash_builtin.people.projects import ProjectService
from qdash_builtin.people.tokens import TokenService
from qdash_builtin.people.users import UserService
from qdash_core.access.checks import get_access
from qdash_core.access.enrolment import ensure_default_project
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.repositories.identity import ProjectMembershipRepository, UserRepository
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.repositories import Repositories

from ...core.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.project import ProjectMembershipModel
    from qdash_core.repositories.store import Document, Store

LAB = "lab"
MEMBERS = {
    "olga": ProjectRole.OWNER,
    "ed": ProjectRole.EDITOR,
    "vera": ProjectRole.VIEWER,
}
OTHERS = ("admin", "ivan", "fred", "nina")
"""The administrator, who is no member; an invited user, a former member, and an unrelated user."""
UNABLE = ("dora", "zoe")
"""A disabled editor, and an unknown name."""
KEPT = ("user", "project", "project_membership", "access_token", "setup_link", "login_attempt")


@dataclass
class Laboratory:
    """The services on one store, with these users; actions are tried on the user `tom`."""

    store: Store
    clock: Callable[[], datetime] = utc_now

    def __post_init__(self) -> None:
        self.users = UserService(self.store, clock=self.clock)
        self.projects = ProjectService(self.store, clock=self.clock)
        self.members = MemberService(self.store, clock=self.clock)
        self.tokens = TokenService(self.store, clock=self.clock)
        self.authenticator = TokenAuthenticator(self.store, clock=self.clock)
        self.logins = LoginService(self.store, clock=self.clock)

    def move_in(self) -> Laboratory:
        """Create all users, and the project of olga."""
        with self.store.transaction() as transaction:
            for kind in KEPT:
                transaction.delete(kind, {})
            for kind, document in _make_documents():
                transaction.put(kind, document)
        return self

    def join(self, name: str, role: ProjectRole, project_id: str = LAB, *, owner: str = "olga") -> None:
        """Invite a user, who accepts."""
        self.members.invite(self.get_access(owner, project_id), name, role)
        self.members.accept(name, project_id)

    def with_password(self) -> Laboratory:
        """End the embedded mode with a fast password hash."""
        users = Repositories(self.store).of(UserRepository)
        users.put(users.require("admin").model_copy(update={"hashed_password": "some hash"}))
        return self

    def get_access(self, name: str, project_id: str = LAB, role: ProjectRole = ProjectRole.VIEWER) -> Access:
        """Return the access of a user, by default to `lab`."""
        return get_access(self.store, name, project_id, role)

    def get_member(self, name: str, project_id: str = LAB) -> ProjectMembershipModel:
        """Return a membership from the store."""
        found = Repositories(self.store).of(ProjectMembershipRepository).find(project_id, name)
        assert found is not None
        return found

    def list_documents(self) -> list[Document]:
        """Return all documents of users and projects."""
        with self.store.read() as snapshot:
            return [document for kind in KEPT for document in snapshot.find(kind, {})]


@cache
def _make_documents() -> list[tuple[str, Document]]:
    """Return the documents that services create for these users, cached for all tests."""
    store = MemoryStore.open("memory://people")
    lab = Laboratory(store, Clock())
    ensure_default_project(lab.store, clock=lab.clock)
    for name in (*MEMBERS, "ivan", "fred", "nina", "dora", "tom"):
        lab.users.create(name, by="admin")
    lab.projects.create(LAB, username="olga", description="Where it is cold")
    for name in ("ed", "vera", "fred", "dora"):
        lab.join(name, MEMBERS.get(name, ProjectRole.EDITOR))
    lab.members.invite(lab.get_access("olga"), "ivan")
    lab.members.revoke(lab.get_access("olga"), "fred")
    lab.users.edit("dora", by="admin", disabled=True)
    with store.read() as snapshot:
        return [(kind, document) for kind in KEPT for document in snapshot.find(kind, {})]
