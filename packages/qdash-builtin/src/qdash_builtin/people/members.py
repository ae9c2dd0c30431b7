"""Members of projects, and invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.people.access_checks import recheck_access
from qdash_builtin.people.ownership import require_other_owner, revoke_membership
from qdash_builtin.people.personal_projects import replace_unused_default
from qdash_core.access.checks import get_acting_user, require_project
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.base import make_later_time, refuse_stale
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectMembershipModel, ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.repositories.identity import ProjectMembershipRepository, UserRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Store


class MemberService:
    """Members of the projects of one store. Every change checks the caller's role again."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def list_by_project(self, access: Access) -> list[ProjectMembershipModel]:
        """Return the current, invited and former members of a project, by name."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(ProjectMembershipRepository).list_by_project(access.project_id)

    def page(
        self, access: Access, request: PageRequest, statuses: Collection[str] = ()
    ) -> Page[ProjectMembershipModel]:
        """Return a page of `list_by_project`, of all members or of those with one of these statuses."""
        found = [one for one in self.list_by_project(access) if not statuses or one.status in statuses]
        return Page.from_all_items(found, request, lambda membership: (membership.username,))

    def show(self, access: Access, username: str) -> ProjectMembershipModel:
        """Return a current or invited member of a project; NotFoundError if the user is neither."""
        with self._store.read() as snapshot:
            return _get_active_membership(Repositories(snapshot), access.project_id, username)

    def invite(
        self, access: Access, username: str, role: ProjectRole = ProjectRole.EDITOR
    ) -> ProjectMembershipModel:
        """Invite a user, who becomes a member by accepting; replace an earlier invitation.

        Raises
        ------
        AccessDeniedError
            If it is not that of an owner, or no longer.
        NotFoundError
            If there is no such user.
        InvalidInputError, ConflictError
            If the user is disabled, or a member already.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            _require_owner(repositories, access)
            user = repositories.of(UserRepository).find(username)
            if user is None:
                raise NotFoundError(
                    f"there is no user {username!r}: an administrator creates users on the page Members and tokens, under Users of this host, "
                    "or with `qdash user create`"
                )
            by = repositories.of(UserRepository).require(access.username)
            if user.disabled:
                raise InvalidInputError(f"user {username!r} is disabled: `qdash user enable {username}`")
            known = repositories.of(ProjectMembershipRepository).find(access.project_id, username)
            if known is not None and known.active:
                raise ConflictError(
                    f"user {username!r} is {known.role} of project {access.project_id!r} already: "
                    "`qdash member role` changes that"
                )
            now = self._clock()
            invited = ProjectMembershipModel(
                project_id=access.project_id,
                user_id=user.user_id,
                username=username,
                role=role,
                invited_by_user_id=by.user_id,
                invited_by=by.username,
                created_at=known.created_at if known else now,
                updated_at=make_later_time(known.changed_at, now) if known else now,
            )
            repositories.of(ProjectMembershipRepository).put(invited)
        return invited

    def accept(self, username: str, project_id: str | None = None) -> ProjectMembershipModel:
        """Accept an invitation; the project becomes the default of a user without one or with an unused personal one.

        Without a named project, it is that of the only invitation.

        Raises
        ------
        AccessDeniedError
            If there is no such user, or the user is disabled.
        NotFoundError, InvalidInputError
            If there is no such invitation, or several and none is named.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            user = get_acting_user(repositories, username)
            membership = _get_invitation(repositories, username, project_id)
            now = self._clock()
            accepted = membership.with_changes(status="active", now=now)
            repositories.of(ProjectMembershipRepository).put(accepted)
            replace_unused_default(transaction, user, accepted.project_id, now=now)
        return accepted

    def change_role(
        self, access: Access, username: str, role: ProjectRole, *, as_of: datetime | None = None
    ) -> ProjectMembershipModel:
        """Give a current or invited member another role.

        Raises
        ------
        StaleError
            If the membership was changed since `as_of`.
        AccessDeniedError
            If the access is not that of an owner, or no longer.
        NotFoundError
            If the user is not a member.
        ConflictError
            If the project would be without its owner.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            _require_owner(repositories, access)
            membership = _get_active_membership(repositories, access.project_id, username)
            refuse_stale(f"the membership of user {username!r}", membership.updated_at, as_of)
            if not role.includes(ProjectRole.OWNER):
                require_other_owner(repositories, membership)
            changed = membership.with_changes(role=role, now=self._clock())
            repositories.of(ProjectMembershipRepository).put(changed)
        return changed

    def revoke(self, access: Access, username: str) -> ProjectMembershipModel:
        """Revoke a membership or an invitation; raise as `change_role`."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            _require_owner(repositories, access)
            membership = _get_active_membership(repositories, access.project_id, username)
            require_other_owner(repositories, membership)
            return revoke_membership(repositories, membership, now=self._clock())

    def leave(self, username: str, project_id: str) -> ProjectMembershipModel:
        """Leave a project, or decline an invitation to it.

        Raises
        ------
        AccessDeniedError
            If there is no such user, or the user is disabled.
        NotFoundError
            If there is no such project, or the user is not a member.
        ConflictError
            If the project would be without its owner.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            get_acting_user(repositories, username)
            require_project(repositories, project_id, username)
            membership = _get_active_membership(repositories, project_id, username)
            require_other_owner(repositories, membership)
            return revoke_membership(repositories, membership, now=self._clock())


def _require_owner(repositories: Repositories, access: Access) -> None:
    recheck_access(repositories, access, ProjectRole.OWNER)


def _get_active_membership(
    repositories: Repositories, project_id: str, username: str
) -> ProjectMembershipModel:
    membership = repositories.of(ProjectMembershipRepository).find(project_id, username)
    if membership is None or membership.status == "revoked":
        raise NotFoundError(f"user {username!r} is not a member of project {project_id!r}")
    return membership


def _get_invitation(
    repositories: Repositories, username: str, project_id: str | None
) -> ProjectMembershipModel:
    mine = repositories.of(ProjectMembershipRepository).list_by_user(username)
    found = [one for one in mine if one.status == "pending" and project_id in (None, one.project_id)]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(one.project_id for one in found)
        raise InvalidInputError(
            f"user {username!r} is invited to several projects ({several}): name one, `--project ID`"
        )
    where = "any project" if project_id is None else f"project {project_id!r}"
    joined = [
        one.project_id for one in mine if one.status == "active" and project_id in (None, one.project_id)
    ]
    already = f", but is a member of {', '.join(joined)}" if joined else ""
    raise NotFoundError(f"user {username!r} is not invited to {where}{already}")
