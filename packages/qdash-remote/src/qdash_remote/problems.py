"""Problem documents of a host as errors of the core, so that callers handle both interfaces alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core import errors
from qdash_core.operations.transport import ConnectionLostError

if TYPE_CHECKING:
    import httpx


class HostError(errors.QDashError):
    """An unexpected response of the host: look at its logs. The status is None if the host was not reached."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class HostUnreachableError(HostError, ConnectionLostError):
    """The host cannot be reached now, or its proxy does not reach it: wait, and try again."""


_UNREACHABLE = (502, 503, 504)
"""Statuses by which a proxy answers in place of a host."""
ERRORS: dict[str, type[errors.QDashError]] = {
    "invalid-input": errors.InvalidInputError,
    "unconfirmed": errors.UnconfirmedError,
    "not-found": errors.NotFoundError,
    "not-offered": errors.NotOfferedError,
    "access-denied": errors.AccessDeniedError,
    "unauthorised": errors.LoginError,
    "set-up-needed": errors.LoginError,
    "missing-input": errors.MissingInputError,
    "plugin": errors.PluginError,
    "plugin-failed": errors.PluginFailedError,
    "backend": errors.BackendError,
    "assistant": errors.AssistantError,
    "analysis": errors.AnalysisError,
    "no-signal": errors.NoSignalError,
    "task-timeout": errors.TaskTimeoutError,
    "task-stuck": errors.TaskStuckError,
    "cancelled": errors.CancelledError,
    "flow": errors.FlowError,
    "store": errors.StoreError,
    "store-unavailable": errors.StoreUnavailableError,
    "conflict": errors.ConflictError,
    "stale": errors.StaleError,
    "too-many": errors.TooManyError,
    "nothing-to-do": errors.NothingToDoError,
    "locked": errors.LockedError,
    "illegal-transition": errors.IllegalTransitionError,
}
"""Error of each problem by the last part of its type; `HostError` for any other."""


def make_error(response: httpx.Response) -> errors.QDashError:
    """Return the error that a response reports, with the request id as a note. Its body has been read."""
    problem = _read_problem(response)
    kind = ERRORS.get(str(problem.get("type", "")).rpartition("/")[2])
    detail = str(
        problem.get("detail") or f"{response.request.method} {response.request.url}: {response.status_code}"
    )
    error: errors.QDashError
    if kind is None:
        unreachable = response.status_code in _UNREACHABLE
        error = (HostUnreachableError if unreachable else HostError)(detail, status=response.status_code)
    elif kind is errors.TooManyError:
        error = errors.TooManyError(detail, retry_after_s=float(problem.get("retry_after_s", 1.0)))
    else:
        error = kind(detail)
    if problem.get("instance"):
        error.add_note(f"request {problem['instance']}")
    return error


def _read_problem(response: httpx.Response) -> dict[str, Any]:
    """Return the problem document of a response; empty if it has none, as from a proxy."""
    try:
        problem = response.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
