"""Upgrade of an SQLite file: a copy of it, then its migration, while no other process has it open.

Each process that has a file in WAL mode open holds a shared lock on it. So an exclusive lock shows that nobody else
uses the file, and keeps everybody out until the upgrade is done.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

from qdash_core.errors import LockedError, StoreError, StoreUnavailableError
from qdash_core.process.file_modes import ensure_file
from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_core.repositories.store import StoreUpgrade
from qdash_sqlite.connections import connect
from qdash_sqlite.errors import is_busy, is_transient
from qdash_sqlite.versions import migrate_file, read_version

USERS_END_S = 2.0
"""Time in which other processes may close a file before it counts as in use, in seconds."""
_PAUSE_S = 0.02
_ATTEMPT_S = 0.5
_SHOWN_ARGUMENTS = 3


def list_file_users(path: Path) -> list[str]:
    """Return descriptions of the processes that have a file open, this one included; wait for ending ones."""
    connection = _connect_alone(path)
    if connection is None:
        return _describe_users(path)
    connection.close()
    return []


def upgrade_file(path: Path) -> StoreUpgrade:
    """Copy a file with an older schema to its folder, and migrate it.

    Raises
    ------
    LockedError
        If another process has it open.
    StoreError
        If it cannot be copied or migrated. It is unchanged then.
    sqlite3.Error
        If it cannot be read.
    """
    connection = _connect_alone(path)
    if connection is None:
        raise LockedError(
            f"the store {path} has an older schema and is in use by {', '.join(_describe_users(path))}; nothing was changed: stop "
            "that, then repeat the command, which upgrades the store"
        )
    with closing(connection):
        return _upgrade(path, connection)


def _connect_alone(path: Path) -> sqlite3.Connection | None:
    """Return an exclusive connection to a file, or None if others have it open and do not close it in time.

    Another process that upgrades it is waited for.
    """
    deadline = time.monotonic() + USERS_END_S
    while True:
        try:
            return connect(path, busy_timeout_s=0, exclusive=True)
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
        if _is_being_upgraded(path):
            deadline = time.monotonic() + USERS_END_S
        elif time.monotonic() > deadline:
            return None
        time.sleep(_PAUSE_S)


def _is_being_upgraded(path: Path) -> bool:
    """Return whether another process keeps an exclusive lock on a file, longer than for an attempt to get it."""
    try:
        connect(path, busy_timeout_s=_ATTEMPT_S).close()  # reads the file
    except sqlite3.OperationalError as error:
        if is_busy(error):
            return True
        raise
    return False


def _upgrade(path: Path, connection: sqlite3.Connection) -> StoreUpgrade:
    version = read_version(connection)
    if version is None or version == SCHEMA_VERSION:  # another process was faster
        return StoreUpgrade(SCHEMA_VERSION, SCHEMA_VERSION)
    names = (
        f"{path.stem}-schema-{version}{f'-{number}' if number > 1 else ''}{path.suffix}"
        for number in count(1)
    )
    copy = next(one for one in map(path.with_name, names) if not one.exists())
    try:
        _copy(connection, copy)
        migrate_file(connection)
    except (OSError, sqlite3.Error) as error:
        kind = StoreUnavailableError if isinstance(error, OSError) or is_transient(error) else StoreError
        raise kind(
            f"{path} cannot be upgraded from schema {version} to {SCHEMA_VERSION}, and is unchanged: {error}; make room on its disk, "
            "or use the QDash that wrote it"
        ) from error
    return StoreUpgrade(version, SCHEMA_VERSION, str(copy))


def _copy(connection: sqlite3.Connection, copy: Path) -> None:
    """Copy a file durably: after a crash the copy is complete or absent."""
    unfinished = copy.with_name(f".{copy.name}")
    unfinished.unlink(missing_ok=True)
    ensure_file(unfinished)
    try:
        with closing(sqlite3.connect(unfinished)) as target:
            connection.backup(target)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(copy)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    folder = os.open(copy.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _describe_users(path: Path) -> list[str]:
    import psutil

    file, found = str(path.resolve()), []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if any(one.path == file for one in process.open_files()):
                command = " ".join(Path(one).name for one in process.cmdline()[:_SHOWN_ARGUMENTS])
                found.append(f"process {process.pid} ({command})")
    return found or ["another process"]
