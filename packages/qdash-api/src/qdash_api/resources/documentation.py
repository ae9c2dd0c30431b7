"""Operations of the API documentation."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from qdash_api.html.api_pages import REDOC, SWAGGER_UI
from qdash_api.openapi import describe_app
from qdash_api.routing.call import require_host_call
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_api.html.api_pages import ApiPage, PageFile

operations = Operations("documentation", place=40)

_LOCK = threading.Lock()


@operations.get("/openapi.json", needs=RequiredRole.OPEN, media_type="application/json", versioned=True)
def openapi_document(call: Call) -> bytes:
    """Return the OpenAPI document, from which clients are generated."""
    content, version = _load_document(require_host_call(call).request.app)
    call.set_version(version)
    return content


@operations.get("/docs", needs=RequiredRole.OPEN, media_type="text/html", versioned=True)
def documentation(call: Call) -> Response:
    """Return the API documentation as a Swagger UI page, which can also send requests."""
    return _respond_with_page(call, SWAGGER_UI)


@operations.get("/redoc", needs=RequiredRole.OPEN, media_type="text/html", versioned=True)
def reference(call: Call) -> Response:
    """Return the API reference as a ReDoc page."""
    return _respond_with_page(call, REDOC)


def _make_reader(file: PageFile) -> Callable[[Call], Response]:
    def read_page_file(call: Call) -> Response:
        """Return a packaged file of a page."""
        call.set_version(file.version)
        return Response(file.content, media_type=file.media_type)

    return read_page_file


for _file in (*SWAGGER_UI.files, *REDOC.files):
    operations.get(
        _file.path, needs=RequiredRole.OPEN, media_type=_file.media_type, versioned=True, documented=False
    )(_make_reader(_file))


def _respond_with_page(call: Call, page: ApiPage) -> Response:
    call.set_version(page.version)
    return Response(page.content, media_type="text/html", headers={"content-security-policy": page.policy})


def _load_document(app: Any) -> tuple[bytes, str]:
    """Return the OpenAPI document as bytes, and its version. It is public and often requested, so it is made once."""
    with _LOCK:
        found: tuple[bytes, str] | None = getattr(app.state, "document", None)
        if found is None:
            content = json.dumps(describe_app(app), separators=(",", ":")).encode()
            app.state.document = found = content, hashlib.sha256(content).hexdigest()[:16]
        return found
