"""File of an SQLite store: its URL, and checks before writing."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from qdash_core.errors import StoreError
from qdash_core.parsing.urls import redact_password
from qdash_core.process.file_modes import make_folder
from qdash_sqlite.errors import DAMAGED
from qdash_sqlite.header import read_header
from qdash_sqlite.length import find_length_mismatch
from qdash_sqlite.read_only import make_read_only_error
from qdash_sqlite.versions import check_origin

_HEADER_LENGTH = 100
_NO_DATABASE = "it is not an SQLite database; name another file, or move this one away"
_FORM = "sqlite:////absolute/path/qdash.db or sqlite:///relative/path/qdash.db"


def make_url(path: Path) -> str:
    """Return the URL of the store in a file."""
    return f"sqlite:///{quote(str(path))}"


def parse_path(url: str) -> Path:
    """Return the absolute path of the file in a URL.

    Raises StoreError if the URL names no file, or has other parts.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise StoreError(f"cannot open {redact_password(url)!r}: {error}; write {_FORM}") from error
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme != "sqlite" or parts.netloc or not parts.path.startswith("/"):
        raise StoreError(f"cannot open {redact_password(url)!r}: write {_FORM}")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise StoreError(
            f"cannot open {redact_password(url)!r}: options are not known; write ? as %3F and # as %23 in a file name"
        )
    if not name.strip("/") or "\0" in name or name == ":memory:":
        raise StoreError(
            f"cannot open {redact_password(url)!r}: it names no file; write {_FORM}, or memory://"
        )
    return Path(name).absolute()


def ensure_usable(path: Path) -> None:
    """Raise an error if a path cannot hold a store; create its folder. An existing file need not be writable.

    Files of other programs stay untouched. Raises StoreError if the path is a folder, the file is not a store or is
    truncated, or a new one cannot be created.
    """
    if path.exists() and not path.is_file():
        raise StoreError("it is not a file; name a file")
    if path.exists():
        _check_file(path)
    make_folder(path.parent)
    if not path.exists() and not os.access(path.parent, os.W_OK):
        raise make_read_only_error(path)


def _check_file(path: Path) -> None:
    size = path.stat().st_size
    if not size:
        return
    try:
        header = read_header(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise StoreError(_NO_DATABASE) from error
    if size < _HEADER_LENGTH:
        raise StoreError(_NO_DATABASE)
    if header.application_id:
        check_origin(header.application_id, header.version)
    # Check before SQLite opens it for writing, which would fill missing pages with zeros.
    if header.lacks_pages or header.length != size:
        mismatch = find_length_mismatch(path)
        if mismatch is not None and mismatch.is_truncated:
            raise StoreError(f"{mismatch.message}; {DAMAGED}")
