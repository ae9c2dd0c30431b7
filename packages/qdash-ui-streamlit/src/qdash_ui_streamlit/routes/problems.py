"""What the browser is told when a route of ours cannot do what it is asked for (RFC 9457), as the host tells it."""

from __future__ import annotations

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


def problem(status: int, kind: str, detail: str) -> JSONResponse:
    """Return a problem as an answer; `kind` is the last part of its type."""
    said = {
        "type": f"/problems/{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
    }
    return JSONResponse(said, status, {"cache-control": "no-store"}, media_type=MEDIA_TYPE)


def nobody() -> JSONResponse:
    """Return what is said where the request has no cookie."""
    return problem(401, "unauthorised", "nobody is logged in here: log in, and ask again")
