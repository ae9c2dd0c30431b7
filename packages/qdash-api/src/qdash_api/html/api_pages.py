"""HTML pages of the API documentation, Swagger UI and ReDoc, with the packaged files that they load.

The files of `libraries` come from npm, by `packages/qdash-api/fetch_page_libraries.py`. The content security policy of
a page permits nothing else.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_FOLDER = Path(__file__).parent
_SCRIPT, _STYLE = "text/javascript", "text/css"

# ReDoc inserts two style elements, which the policy permits by their hashes: an empty one, whose rules are added
# by script, and the fixed one of its scroll bar.
_EMPTY_STYLE = f"'sha256-{b64encode(hashlib.sha256(b'').digest()).decode()}'"
_SCROLL_BAR_STYLE = "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"


@dataclass(frozen=True)
class PageFile:
    """Packaged file of a page: its path on the host, below that of the page, and in this package."""

    path: str
    source: str
    media_type: str

    @cached_property
    def content(self) -> bytes:
        """Contents of the file."""
        return (_FOLDER / self.source).read_bytes()

    @cached_property
    def version(self) -> str:
        """Version for the ETag, from the contents."""
        return hashlib.sha256(self.content).hexdigest()[:16]


@dataclass(frozen=True)
class ApiPage:
    """HTML page of the API documentation, which has only links to its files.

    `style_hashes` are those of the style elements that its library inserts.
    """

    title: str
    files: tuple[PageFile, ...]
    style_hashes: tuple[str, ...] = ()

    @cached_property
    def content(self) -> bytes:
        """HTML of the page. Its links are relative: the host may be below the path of a proxy."""
        styles = "".join(
            f'<link rel="stylesheet" href="{one.path[1:]}">' for one in self.files if one.media_type == _STYLE
        )
        scripts = "".join(
            f'<script src="{one.path[1:]}"></script>' for one in self.files if one.media_type == _SCRIPT
        )
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f'<title>{self.title}</title><link rel="icon" href="data:,">{styles}</head>'
            f'<body><div id="page"></div><noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> '
            f"has the same contents for programs.</noscript>{scripts}</body></html>"
        ).encode()

    @cached_property
    def version(self) -> str:
        """Version for the ETag, from the contents."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @property
    def policy(self) -> str:
        """Content security policy of the page: own scripts, styles and requests only, and nothing inline."""
        return "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                " ".join(("style-src 'self'", *self.style_hashes)),
                "connect-src 'self'",
                "img-src data:",
                "worker-src blob:",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
            )
        )


SWAGGER_UI = ApiPage(
    "QDash: routes",
    (
        PageFile("/docs/swagger-ui.css", "libraries/swagger-ui/swagger-ui.css", _STYLE),
        PageFile("/docs/swagger-ui-bundle.js", "libraries/swagger-ui/swagger-ui-bundle.js", _SCRIPT),
        PageFile("/docs/page.js", "scripts/swagger-ui.js", _SCRIPT),
    ),
)
REDOC = ApiPage(
    "QDash: reference of routes",
    (
        PageFile("/redoc/redoc.standalone.js", "libraries/redoc/redoc.standalone.js", _SCRIPT),
        PageFile("/redoc/page.js", "scripts/redoc.js", _SCRIPT),
    ),
    (_EMPTY_STYLE, _SCROLL_BAR_STYLE),
)
