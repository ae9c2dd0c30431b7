"""Index of a git work tree, which tells which files are unchanged, so that they need not be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dulwich.index import IndexEntry, index_entry_from_stat
from dulwich.objects import Blob

if TYPE_CHECKING:
    from dulwich.objects import ObjectID
    from dulwich.repo import Repo

    from qdash_builtin.files.confined_folder import Entry

LOCK_FILE = "qdash.lock"
"""File in the control folder of a repository that processes lock."""
_EMPTY = Blob.from_string(b"").id


class WorkTreeIndex:
    """Index of a git work tree.

    A file that is changed within one tick of its file system keeps its time, and may keep its size. So an entry that is not older than
    the index tells nothing, and loses its size in an index that is written later; git does the same.
    """

    def __init__(self, repo: Repo) -> None:
        try:
            written_ns = Path(repo.index_path()).stat().st_mtime_ns  # first: another program may replace it
        except FileNotFoundError:
            written_ns = 0
        self._index = repo.open_index()
        self._ambiguous = {
            name
            for name, entry in self._index.items()
            if isinstance(entry, IndexEntry) and _get_time_ns(entry) >= written_ns
        }

    def is_unchanged(self, path: str, present: Entry, sha: ObjectID | None) -> bool:
        """Return whether a file certainly has the contents with a name; if not, they have to be compared."""
        name = path.encode()
        if name not in self._index or name in self._ambiguous:
            return False
        known = self._index[name]
        return (
            isinstance(known, IndexEntry)
            and known.sha == sha
            and known.size == present.size
            and (known.size > 0 or sha == _EMPTY)
            and _get_time_ns(known) == present.changed_ns
        )

    def set(self, path: str, state: os.stat_result, sha: ObjectID, *, since_ns: int | None = None) -> None:
        """Set the entry of a file.

        Parameters
        ----------
        state : os.stat_result
            Its state before its contents were read, or when they were written.
        since_ns : int or None
            Time of its file system before the contents were read, see `read_time_ns`: a file that is not older may have been changed
            since. None: the contents were written.
        """
        name = path.encode()
        entry = index_entry_from_stat(state, sha)
        if since_ns is not None and state.st_mtime_ns >= since_ns:
            entry.size = 0
        self._index[name] = entry
        self._ambiguous.discard(name)

    def remove(self, path: str) -> None:
        """Remove the entry of a file, if there is one."""
        name = path.encode()
        if name in self._index:
            del self._index[name]
            self._ambiguous.discard(name)

    def write(self) -> None:
        """Write the index."""
        for name in self._ambiguous:
            entry = self._index[name]
            assert isinstance(entry, IndexEntry)
            entry.size = 0
        self._index.write()


def read_time_ns(repo: Repo) -> int:
    """Return the present time of the file system of a locked repository, in ns since the epoch."""
    file = Path(repo.controldir()) / LOCK_FILE
    os.utime(file)
    return file.stat().st_mtime_ns


def _get_time_ns(entry: IndexEntry) -> int:
    seconds, ns = entry.mtime if isinstance(entry.mtime, tuple) else divmod(int(entry.mtime * 10**9), 10**9)
    return seconds * 10**9 + ns
