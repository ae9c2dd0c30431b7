"""Authenticator of the callers of a host, which a feature provides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qdash_core.features.declarations import Service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.errors import LoginError
    from qdash_core.models.authentication import AuthenticationAttempt
    from qdash_core.models.caller import Caller


class Authenticator(Protocol):
    """Authenticator of callers. Safe for threads."""

    def authenticate(
        self, secret: str, project_id: str | None = None, attempt: AuthenticationAttempt | None = None
    ) -> Caller | None:
        """Return the caller, and the access to a project, or None if nobody is recognised.

        The secret of a token may be empty. `project_id` is None for the user's default project. `attempt` is the
        request, for plugins that recognise callers without a valid token, or None to ask none.
        """
        ...

    def make_refusal(self) -> LoginError:
        """Return the error for a caller who is not recognised, which says what to do."""
        ...

    def record_use(self, caller: Caller) -> None:
        """Note that a caller uses the host now; it waits for nothing."""
        ...

    def list_first_steps(self, url: str, dashboard_url: str | None) -> Sequence[str]:
        """Return the lines that a host with this address prints when it starts, such as how the first user sets a password."""
        ...

    def close(self) -> None:
        """Write what is noted."""
        ...


AUTHENTICATOR: Service[Authenticator] = Service(ended_by="close", name="authenticator")
"""Key of the authenticator. Without one, a host refuses all requests but those of open operations."""
