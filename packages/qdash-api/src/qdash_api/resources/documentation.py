"""Routes of the API documentation."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from qdash_api.html.docs_page import render_page
from qdash_api.middleware.security_headers import PAGE_POLICY
from qdash_api.openapi import describe_app
from qdash_api.routing.call import Call
from qdash_api.routing.needs import Needs
from qdash_api.routing.routes import Routes

routes = Routes("documentation")

_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Documentation:
    """API documentation as bytes. It is public and may be requested often, so it is made only once."""

    openapi: bytes
    page: bytes
    version: str


@routes.get("/openapi.json", needs=Needs.OPEN, media_type="application/json", versioned=True)
def openapi_document(call: Call) -> bytes:
    """Return the OpenAPI document, from which clients are generated."""
    documents = _load_documentation(call.request.app)
    call.set_version(documents.version)
    return documents.openapi


@routes.get("/docs", needs=Needs.OPEN, media_type="text/html", versioned=True)
def documentation(call: Call) -> Response:
    """Return an HTML page of all routes."""
    documents = _load_documentation(call.request.app)
    call.set_version(documents.version)
    return Response(documents.page, media_type="text/html", headers={"content-security-policy": PAGE_POLICY})


def _load_documentation(app: Any) -> _Documentation:
    with _LOCK:
        found: _Documentation | None = getattr(app.state, "documents", None)
        if found is None:
            document = describe_app(app)
            text = json.dumps(document, separators=(",", ":")).encode()
            found = _Documentation(
                text, render_page(document).encode(), hashlib.sha256(text).hexdigest()[:16]
            )
            app.state.documents = found
        return found
