"""From a store URL to the file behind it, and what can be said about that file before SQLite touches it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from qdash_core.errors import StoreError
from qdash_core.repositories.sqlite_versions import check_origin
from qdash_core.urls import redacted

_MAGIC = b"SQLite format 3\0"
_VERSION_AT, _APPLICATION_AT, _HEADER_LENGTH = 60, 68, 100
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

    The header of a file is looked at here, so that a file that is not for us stays untouched.

    Raises
    ------
    StoreError
        If the place is a folder, cannot be written, or holds something else.
    """
    if path.exists() and not path.is_file():
        raise StoreError("it is not a file; name a file")
    if path.exists():
        _check_header(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for place in (path, path.parent):
        if place.exists() and not os.access(place, os.W_OK):
            raise StoreError(f"{place} cannot be written; change its permissions, or name another place")


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(_HEADER_LENGTH)
    if not header:
        return
    if len(header) < _HEADER_LENGTH or not header.startswith(_MAGIC):
        raise StoreError("it is not an SQLite database; name another file, or move this one away")
    version, application_id = (
        int.from_bytes(header[at : at + 4], "big") for at in (_VERSION_AT, _APPLICATION_AT)
    )
    if application_id:
        check_origin(application_id, version)
