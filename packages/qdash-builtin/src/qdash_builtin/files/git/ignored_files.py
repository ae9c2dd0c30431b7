"""Files that `.gitignore` names, read within limits: users write its patterns, and git's are matched as regular expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dulwich.ignore import IgnoreFilterManager

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from dulwich.repo import Repo

    from qdash_builtin.files.confined_folder import ConfinedFolder, Parts

_NAME = ".gitignore"
_LARGEST = 2**18
"""Largest file of patterns, in bytes."""
_MOST_WILDCARDS = 4
"""A name of 255 characters is then matched in at most a quarter of a second; each further wildcard takes fifty times as long."""
_STARS = re.compile(rb"\*+")


class IgnoredFiles:
    """Files of a work tree that git ignores."""

    def __init__(self, repo: Repo, files: ConfinedFolder) -> None:
        self._manager = IgnoreFilterManager.from_repo(repo)
        self._files = files
        self._checked: set[Parts] = set()

    def has(self, parts: Parts) -> bool:
        """Return whether a file is ignored; InvalidInputError if a pattern would take too long, or `.gitignore` is no file."""
        for depth in range(len(parts)):
            self._check(parts[:depth])
        return bool(self._manager.is_ignored("/".join(parts)))

    def _check(self, folder: Parts) -> None:
        """Check the patterns in a folder."""
        if folder in self._checked:
            return
        place = (*folder, _NAME)
        if self._files.find(place) is not None:
            for number, line in enumerate(self._files.read(place, most=_LARGEST).split(b"\n"), start=1):
                if _count_wildcards(line) > _MOST_WILDCARDS:
                    raise InvalidInputError(
                        f"{self._files.name}:{'/'.join(place)}, line {number}: the pattern has too many wildcards to be matched: divide it"
                    )
        self._checked.add(folder)


def _count_wildcards(pattern: bytes) -> int:
    """Return the number of wildcards whose match is ambiguous: `**`, and each `*` of a name but the last."""
    if pattern.startswith(b"#"):
        return 0
    return sum(
        1 if name == b"**" else max(len(_STARS.findall(name)) - 1, 0) for name in pattern.strip().split(b"/")
    )
