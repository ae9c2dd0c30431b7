"""The file of an SQLite store: its URL, and checks before it is opened for writing."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from qdash_core.errors import StoreError
from qdash_core.file_modes import make_folder
from qdash_core.repositories.sqlite_errors import DAMAGED
from qdash_core.repositories.sqlite_header import read_header
from qdash_core.repositories.sqlite_length import find_length_mismatch
from qdash_core.repositories.sqlite_versions import check_origin
from qdash_core.urls import redacted

_HEADER_LENGTH = 100
_NO_DATABASE = "it is not an SQLite database; name another file, or move this one away"
_FORM = "sqlite:////absolute/path/qdash.db or sqlite:///relative/path/qdash.db"


def url_of(path: Path) -> str:
    """Return the URL of a store in this file."""
    return f"sqlite:///{quote(str(path))}"


def path_of(url: str) -> Path:
    """Return the file that a URL names, as an absolute path.

    Raises
    ------
    StoreError
        If the URL names no file, or says more than that.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise StoreError(f"cannot open {redacted(url)!r}: {error}; write {_FORM}") from error
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme != "sqlite" or parts.netloc or not parts.path.startswith("/"):
        raise StoreError(f"cannot open {redacted(url)!r}: write {_FORM}")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise StoreError(
            f"cannot open {redacted(url)!r}: options are not known; write ? as %3F and # as %23 in a file name"
        )
    if not name.strip("/") or "\0" in name or name == ":memory:":
        raise StoreError(f"cannot open {redacted(url)!r}: it names no file; write {_FORM}, or memory://")
    return Path(name).absolute()


def ensure_usable(path: Path) -> None:
    """Refuse a place that cannot hold a store, and make the folder.

    A file that is not for us stays untouched.

    Raises
    ------
    StoreError
        If the place is a folder, cannot be written, or holds something else or a truncated store.
    """
    if path.exists() and not path.is_file():
        raise StoreError("it is not a file; name a file")
    if path.exists():
        _check_file(path)
    make_folder(path.parent)
    for place in (path, path.parent):
        if place.exists() and not os.access(place, os.W_OK):
            raise StoreError(f"{place} cannot be written; change its permissions, or name another place")


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
    # Checked before SQLite opens it for writing, which would fill up missing pages with zeros.
    if header.lacks_pages or header.length != size:
        mismatch = find_length_mismatch(path)
        if mismatch is not None and mismatch.is_truncated:
            raise StoreError(f"{mismatch.message}; {DAMAGED}")
