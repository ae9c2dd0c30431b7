"""Problem documents (RFC 9457) for errors, and the mapping of errors to problems."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict
from starlette.responses import Response

from qdash_core import errors
from qdash_core.documents.base import Document
from qdash_core.parsing.text_error import TextError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Complaint(Document):
    """Validation error of one part of a request."""

    place: str
    message: str


class Problem(Document):
    """Error response: `type` and `status` for programs, `detail` for users."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/not-found",
                    "title": "Not found",
                    "status": 404,
                    "detail": "there is no chip 'Q64' (known: twin)",
                    "instance": "6f1c0d8e5b1f4b0f",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    """Id of the request, as in the logs of the host."""
    errors: list[Complaint] | None = None
    """Invalid parts of the request, the first twenty."""
    retry_after_s: float | None = None


STATUSES: dict[type[errors.QDashError], tuple[int, str]] = {
    errors.InvalidInputError: (422, "invalid-input"),
    errors.UnconfirmedError: (409, "unconfirmed"),
    errors.NotFoundError: (404, "not-found"),
    errors.NotOfferedError: (404, "not-offered"),
    errors.AccessDeniedError: (403, "access-denied"),
    errors.LoginError: (401, "unauthorised"),
    errors.MissingInputError: (424, "missing-input"),
    errors.PluginError: (500, "plugin"),
    errors.PluginFailedError: (500, "plugin-failed"),
    errors.BackendError: (502, "backend"),
    errors.AssistantError: (502, "assistant"),
    errors.AnalysisError: (422, "analysis"),
    errors.NoSignalError: (422, "no-signal"),
    errors.TaskTimeoutError: (504, "task-timeout"),
    errors.TaskStuckError: (504, "task-stuck"),
    errors.CancelledError: (409, "cancelled"),
    errors.FlowError: (500, "flow"),
    errors.StoreError: (500, "store"),
    errors.StoreUnavailableError: (503, "store-unavailable"),
    errors.ConflictError: (409, "conflict"),
    errors.StaleError: (412, "stale"),
    errors.TooManyError: (429, "too-many"),
    errors.NothingToDoError: (409, "nothing-to-do"),
    errors.LockedError: (423, "locked"),
    errors.IllegalTransitionError: (409, "illegal-transition"),
    errors.QDashError: (500, "internal"),
}
"""Status and last part of `type` of each error; other errors have those of their nearest base class."""
_KINDS_BY_STATUS = {
    400: "bad-request",
    401: "unauthorised",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    431: "too-large",
}
_FOLDERS = re.compile(r"(?<![\w/:.])/(?:[^\s/:]+/)+")
"""Folders in the path of a file of the host, removed from messages: only the log tells where the store is."""
_RETRY_AFTER_S = 5.0


def map_error_to_problem(error: errors.QDashError) -> Problem:
    """Return the problem document of an error."""
    status, kind = next(STATUSES[one] for one in type(error).__mro__ if one in STATUSES)
    retry = (
        error.retry_after_s
        if isinstance(error, errors.TooManyError)
        else (_RETRY_AFTER_S if status == 503 else None)
    )
    detail = _FOLDERS.sub("", str(error)) if isinstance(error, errors.StoreError) else str(error)
    complaints = []
    if isinstance(error, TextError) and error.line is not None:
        column = "" if error.column is None else f", column {error.column}"
        complaints.append(Complaint(place=f"line {error.line}{column}", message=str(error)))
    return make_problem(status, detail, kind=kind, complaints=complaints, retry_after_s=retry)


def make_problem(
    status: int,
    detail: str,
    *,
    kind: str | None = None,
    complaints: Iterable[Complaint] = (),
    retry_after_s: float | None = None,
) -> Problem:
    """Return a problem document with a status; `kind` is the last part of its type."""
    kind = kind or _KINDS_BY_STATUS.get(status, "internal" if status >= 500 else "refused")
    return Problem(
        type=f"/problems/{kind}",
        title=kind.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        errors=list(complaints) or None,
        retry_after_s=retry_after_s,
    )


def respond_to(error: errors.QDashError, request_id: str) -> Response:
    """Return an error as a response; errors of the host, not of the caller, are also logged."""
    problem = map_error_to_problem(error)
    if problem.status == 503:  # the message is complete, and there may be many in a second
        logger.warning("request %s: %s", request_id, error)
    elif problem.status >= 500:
        logger.error("request %s: %s", request_id, error, exc_info=error)
    return respond(problem, request_id)


def respond(problem: Problem, request_id: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem document as a response."""
    identified = problem.model_copy(update={"instance": request_id or None})
    extra_headers: dict[str, Any] = dict(headers or {})
    if problem.retry_after_s is not None:
        extra_headers["retry-after"] = str(max(1, round(problem.retry_after_s)))
    if problem.status == 401:
        extra_headers["www-authenticate"] = "Bearer"
    body = identified.model_dump_json(exclude_none=True).encode()
    return Response(body, problem.status, extra_headers, media_type=MEDIA_TYPE)
