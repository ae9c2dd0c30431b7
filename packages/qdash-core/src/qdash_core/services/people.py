"""Services of people."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_core.projects.settings import PeopleSettings

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.projects.audit import AuditService
    from qdash_core.projects.authentication import TokenAuthenticator
    from qdash_core.projects.logins import LoginService
    from qdash_core.projects.tokens import TokenService
    from qdash_core.projects.users import UserService


def open_tokens(qdash: QDash) -> TokenService:
    """Open the service for access tokens."""
    from qdash_core.projects.tokens import TokenService

    return TokenService(qdash.store)


def open_users(qdash: QDash) -> UserService:
    """Open the service for users."""
    from qdash_core.projects.users import UserService
    from qdash_core.runs.cancellation import end_runs_of_user

    return UserService(qdash.store, end_runs=partial(end_runs_of_user, qdash))


def open_logins(qdash: QDash) -> LoginService:
    """Open the service for set-up links, logins and passwords."""
    from datetime import timedelta

    from qdash_core.projects.logins import LoginService

    return LoginService(
        qdash.store,
        session_life=timedelta(hours=qdash.settings.of(PeopleSettings).session_h),
        identify=qdash.participants.authenticate,
    )


def open_authenticator(qdash: QDash) -> TokenAuthenticator:
    """Open the authentication of callers by tokens."""
    from qdash_core.projects.authentication import TokenAuthenticator

    return TokenAuthenticator(qdash.store, identify=qdash.participants.authenticate)


def open_audit(qdash: QDash) -> AuditService:
    """Open the service for the audit log of the host."""
    from qdash_core.projects.audit import AuditService

    return AuditService(qdash.store)
