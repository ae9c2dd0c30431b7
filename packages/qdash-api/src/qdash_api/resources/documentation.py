"""What the host says of itself: its OpenAPI document, and a page made from it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.routes import Routes
from qdash_api.html.docs_page import page_of
from qdash_api.openapi import described

if TYPE_CHECKING:
    from fastapi import FastAPI

routes = Routes("documentation")

# No script, no request to anywhere: what is written in the page is all there is.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@routes.get("/openapi.json", needs=Needs.OPEN, media_type="application/json", versioned=True)
def openapi_document(call: Call) -> bytes:
    """The OpenAPI document, from which clients are generated."""
    text = _text_of(call.request.app)
    call.version(hashlib.sha256(text).hexdigest()[:16])
    return text


@routes.get("/docs", needs=Needs.OPEN, media_type="text/html")
def documentation(call: Call) -> Response:
    """Every route on one page, for people."""
    headers = {"content-security-policy": _POLICY, "x-content-type-options": "nosniff"}
    return Response(page_of(described(call.request.app)), media_type="text/html", headers=headers)


def _text_of(app: FastAPI) -> bytes:
    """Return the document as it is sent: one text, however many take it slowly at the same time."""
    if not hasattr(app.state, "openapi_text"):
        app.state.openapi_text = json.dumps(described(app), separators=(",", ":")).encode()
    text: bytes = app.state.openapi_text
    return text
