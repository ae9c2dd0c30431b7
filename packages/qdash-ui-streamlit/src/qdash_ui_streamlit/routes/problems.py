"""Problem documents (RFC 9457) of the dashboard's own routes."""

from __future__ import annotations

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


def make_problem(status: int, kind: str, detail: str) -> JSONResponse:
    """Return a response with a problem document; `kind` is the last part of its type."""
    fields = {
        "type": f"/problems/{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
    }
    return JSONResponse(fields, status, {"cache-control": "no-store"}, media_type=MEDIA_TYPE)


def make_login_problem() -> JSONResponse:
    """Return the response to a request without a cookie."""
    return make_problem(401, "unauthorised", "not logged in: log in and try again")
