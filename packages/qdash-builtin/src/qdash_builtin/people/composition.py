"""Services of people."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.people.settings import PeopleSettings
from qdash_core.process.clock import machine_now

if TYPE_CHECKING:
    from qdash_builtin.people.audit import AuditService
    from qdash_builtin.people.authentication import HostAuthenticator
    from qdash_builtin.people.logins import LoginService
    from qdash_builtin.people.members import MemberService
    from qdash_builtin.people.projects import ProjectService
    from qdash_builtin.people.request_audit import RequestAuditService
    from qdash_builtin.people.tokens import TokenService
    from qdash_builtin.people.users import UserService
    from qdash_core.runtime.application import QDash
    from qdash_core.runtime.runtime import Runtime


def open_tokens(qdash: QDash) -> TokenService:
    """Open the service for access tokens."""
    from qdash_builtin.people.tokens import TokenService

    return TokenService(qdash.store)


def open_users(qdash: QDash) -> UserService:
    """Open the service for users."""
    from qdash_builtin.people.ended_runs import end_runs_of_user
    from qdash_builtin.people.users import UserService

    return UserService(qdash.store, end_runs=partial(end_runs_of_user, qdash))


def open_logins(qdash: QDash) -> LoginService:
    """Open the service for set-up links, logins and passwords."""
    from qdash_builtin.people.logins import LoginService

    return LoginService(
        qdash.store,
        session_life=timedelta(hours=qdash.settings.of(PeopleSettings).session_h),
        identify=qdash.participants.authenticate,
    )


def open_authenticator(qdash: QDash) -> HostAuthenticator:
    """Open the authentication of callers by tokens."""
    from qdash_builtin.people.authentication import HostAuthenticator
    from qdash_builtin.people.feature import LOGINS, TOKENS
    from qdash_builtin.people.use_recorder import UseRecorder
    from qdash_core.access.enrolment import record_access

    uses = UseRecorder(qdash.get(TOKENS), partial(record_access, qdash.store))
    return HostAuthenticator(qdash.store, qdash.get(LOGINS), uses, identify=qdash.participants.authenticate)


def open_projects(qdash: QDash) -> ProjectService:
    """Open the service for projects."""
    from qdash_builtin.people.projects import ProjectService

    return ProjectService(qdash.store)


def open_members(qdash: QDash) -> MemberService:
    """Open the service for members of projects."""
    from qdash_builtin.people.members import MemberService

    return MemberService(qdash.store)


def open_audit(qdash: QDash) -> AuditService:
    """Open the service for the audit log of the host."""
    from qdash_builtin.people.audit import AuditService

    return AuditService(qdash.store)


def open_request_audit(qdash: QDash) -> RequestAuditService:
    """Open the audit of the requests to a host."""
    from qdash_builtin.people.feature import AUDIT_LOG
    from qdash_builtin.people.request_audit import RequestAuditService

    return RequestAuditService(qdash.get(AUDIT_LOG))


def prune_audit_log(runtime: Runtime) -> None:
    """Remove old rows of the audit log."""
    from qdash_builtin.people.repositories.audit import AuditRepository

    oldest = machine_now() - timedelta(days=runtime.settings.of(PeopleSettings).audit_days)
    runtime.repositories.of(AuditRepository).prune(None, oldest)
