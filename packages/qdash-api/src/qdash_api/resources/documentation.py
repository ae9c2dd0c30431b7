"""Routes of the API documentation."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.routes import Routes
from qdash_api.html.docs_page import render_page
from qdash_api.layers.security_headers import PAGE_POLICY
from qdash_api.openapi import described

routes = Routes("documentation")

_MAKING = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Said:
    """API documentation as bytes. It is public and may be requested often, so it is made only once."""

    openapi: bytes
    page: bytes
    version: str


@routes.get("/openapi.json", needs=Needs.OPEN, media_type="application/json", versioned=True)
def openapi_document(call: Call) -> bytes:
    """Return the OpenAPI document, from which clients are generated."""
    said = _said(call.request.app)
    call.version(said.version)
    return said.openapi


@routes.get("/docs", needs=Needs.OPEN, media_type="text/html", versioned=True)
def documentation(call: Call) -> Response:
    """Return an HTML page of all routes."""
    said = _said(call.request.app)
    call.version(said.version)
    return Response(said.page, media_type="text/html", headers={"content-security-policy": PAGE_POLICY})


def _said(app: Any) -> _Said:
    with _MAKING:
        found: _Said | None = getattr(app.state, "said", None)
        if found is None:
            document = described(app)
            text = json.dumps(document, separators=(",", ":")).encode()
            found = _Said(text, render_page(document).encode(), hashlib.sha256(text).hexdigest()[:16])
            app.state.said = found
        return found
