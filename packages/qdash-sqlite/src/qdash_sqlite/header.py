"""Header of an SQLite file, read without disturbing other connections.

It is read through SQLite. If this process opened and closed the file itself, POSIX would release the locks of all its
connections to it (https://www.sqlite.org/howtocorrupt.html, 2.2), and another process could remove the log that they write.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Header:
    """Header of a file, without changes that are only in its log.

    `application_id` is that of the program that created it. `length`, in bytes, is the end of its last page, of a
    truncated file of the last page that is there.
    """

    application_id: int
    version: int
    length: int
    lacks_pages: bool


def read_header(path: Path) -> Header:
    """Return the header of a file that is not empty.

    Raises sqlite3.Error if it cannot be read or is no database.
    """
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        lacks = has_missing_pages(connection)
        # Continue although pages are missing or the schema is damaged.
        connection.execute("PRAGMA writable_schema = ON")
        application_id, version, page_size, pages = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("application_id", "user_version", "page_size", "page_count")
        )
    return Header(application_id, version, pages * page_size, lacks)


def has_missing_pages(connection: sqlite3.Connection) -> bool:
    """Return whether pages are missing at the end of the file, with its log taken into account.

    SQLite reads nothing of such a file; of any other it reads at least the application id.
    """
    try:
        connection.execute("PRAGMA application_id")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_CORRUPT:
            return True
        raise
    return False
