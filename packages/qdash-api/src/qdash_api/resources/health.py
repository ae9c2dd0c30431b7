"""Operations for liveness and readiness of the host."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict
from starlette.responses import Response

from qdash_api.problems import make_problem, respond
from qdash_api.routing.call import require_host_call
from qdash_core.documents.base import Document
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.process.build import read_build

operations = Operations("health", place=10)


class HealthDocument(Document):
    """Liveness of this process."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "alive",
                    "version": "0.3.0",
                    "revision": "5a4f3e60f0a2f0d0a4a3b1f2c9e5c8d7b6a59483",
                    "date": "2026-11-27",
                }
            ]
        }
    )

    status: Literal["alive"] = "alive"
    version: str
    """Version of QDash."""
    revision: str | None = None
    """Commit that it was built from, if that is known."""
    date: str | None = None
    """Day of that commit; absent in a checkout."""


class ReadyDocument(Document):
    """Readiness of this process."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ready"}]})

    status: Literal["ready"] = "ready"


@operations.get("/health", needs=RequiredRole.OPEN)
async def health(_call: Call) -> HealthDocument:
    """Return that this process responds, and which build of QDash it runs."""
    build = read_build()
    return HealthDocument(version=build.version, revision=build.revision, date=build.date)


@operations.get("/ready", needs=RequiredRole.OPEN)
async def ready(call: Call) -> ReadyDocument | Response:
    """Return whether this process is ready: its home is readable within 2 s and no shutdown began. Else 503."""
    call = require_host_call(call)
    state = call.request.app.state
    if state.hub.closed:
        return respond(make_problem(503, "this host is shutting down", kind="ending"), call.request_id)
    if not await state.readiness.home_answers():
        detail = "the store of the home, or its simulated clock, does not respond: see `qdash doctor`"
        return respond(make_problem(503, detail, kind="store-unavailable"), call.request_id)
    return ReadyDocument()
