"""Check of the permissions of a home, its store and its raw data."""

from __future__ import annotations

import os
import shlex
import stat
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from qdash_core.errors import NotFoundError
from qdash_core.models.health_findings import HealthFinding, count_with_examples
from qdash_core.parsing.urls import find_folder
from qdash_core.process.file_modes import is_shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.hooks.manager import Registry
    from qdash_core.settings import Settings

_NAMED = 3
"""Number of files and folders that a finding names."""


def check_permissions(settings: Settings, registry: Registry, *, within_s: float | None) -> HealthFinding:
    """Check that home, store and raw data are private to the owner, or, in a shared home, to owner and group.

    `within_s` is a time limit in seconds, or None to check everything.
    """
    if not settings.home.is_dir():
        return HealthFinding("permissions", "ok", "there is no home")
    deadline = None if within_s is None else time.monotonic() + within_s
    locations = [_examine(root, files, deadline) for root, files in _list_roots(settings, registry)]
    summaries = [location.describe_problem() for location in locations if location.is_wrong]
    if summaries:
        advice = "; ".join(location.describe_repair() for location in locations if location.is_wrong)
        return HealthFinding("permissions", "warning", "; ".join(summaries), advice)
    number = sum(location.number for location in locations)
    ended = "" if all(location.is_complete for location in locations) else f"; stopped after {within_s:g} s"
    who = "owner and group" if is_shared(settings.home) else "their owner"
    are = "file or folder is" if number == 1 else "files and folders are"
    return HealthFinding("permissions", "ok", f"{number} {are} for {who} only{ended}")


def format_mode(place: Path) -> str:
    """Return the permissions of a file as an octal number, `0750`."""
    return _format_mode(place.stat().st_mode)


def make_share_command(home: Path) -> str:
    """Return the command that shares a home with its group."""
    quoted = shlex.quote(str(home))
    return f"chmod -R g+rwX,o-rwx {quoted} && {_make_setgid_command(quoted)}"


def _make_setgid_command(quoted: str) -> str:
    """Return the command that makes new files inherit the group of their folder."""
    return f"find {quoted} -type d -exec chmod g+s {{}} +"


@dataclass
class _Location:
    """Result of the check of one folder and all below it, or of single files in it.

    Attributes
    ----------
    shared : bool
        Whether its group may use it.
    number : int
        Number of files and folders.
    is_complete : bool
        Whether there was time to check all of them.
    open_to_others : list of str
        Those that others may read or write, with their modes.
    without_setgid : int
        Number of folders of a shared home whose new files do not get the group of the folder.
    """

    root: Path
    files: tuple[Path, ...]
    shared: bool
    number: int = 0
    is_complete: bool = True
    open_to_others: list[str] = field(default_factory=list)
    without_setgid: int = 0

    @property
    def is_wrong(self) -> bool:
        return bool(self.open_to_others or self.without_setgid)

    def describe_problem(self) -> str:
        known = "" if self.is_complete else " at least"
        parts = []
        if self.open_to_others:
            others = "others than owner and group" if self.shared else "others than their owner"
            found = count_with_examples(len(self.open_to_others), self.open_to_others[:_NAMED], "path")
            parts.append(f"open to {others}{known}: {found}")
        if self.without_setgid:
            folders = (
                "folder does not pass on its" if self.without_setgid == 1 else "folders do not pass on their"
            )
            parts.append(f"{known.lstrip()} {self.without_setgid} {folders} group to new files".lstrip())
        return f"{self.root}: {'; '.join(parts)}"

    def describe_repair(self) -> str:
        closing = f"chmod {'-R ' if not self.files else ''}{'o-rwx' if self.shared else 'go-rwx'}"
        places = " ".join(shlex.quote(str(place)) for place in self.files or (self.root,))
        commands = [f"{closing} {places}"] if self.open_to_others else []
        commands += [_make_setgid_command(places)] if self.without_setgid else []
        return " && ".join(commands)


def _list_roots(settings: Settings, registry: Registry) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    """Yield the folders to check; with files, only those are checked."""
    home = settings.home.resolve()
    yield home, ()
    raw_data = find_folder(settings.artifacts_url)
    if raw_data is not None and raw_data.is_dir() and not raw_data.resolve().is_relative_to(home):
        yield raw_data.resolve(), ()
    with suppress(NotFoundError):  # no plugin opens the store
        store = registry.store_class(urlsplit(settings.store_url).scheme)
        files = tuple(store.list_files(settings.store_url))
        if files and not files[0].is_relative_to(home):
            yield files[0].parent, files


def _examine(root: Path, files: tuple[Path, ...], deadline: float | None) -> _Location:
    found = _Location(root, files, is_shared(root))
    forbidden = stat.S_IRWXO if found.shared else stat.S_IRWXO | stat.S_IRWXG
    for path, mode in ((file, file.stat().st_mode) for file in files) if files else _walk(root):
        if found.number and deadline is not None and time.monotonic() > deadline:
            found.is_complete = False
            break
        found.number += 1
        if mode & forbidden:
            name = path.relative_to(root).as_posix()
            found.open_to_others.append(
                f"{'the folder itself' if name == '.' else name} {_format_mode(mode)}"
            )
        if found.shared and stat.S_ISDIR(mode) and not mode & stat.S_ISGID:
            found.without_setgid += 1
    return found


def _walk(root: Path) -> Iterator[tuple[Path, int]]:
    """Yield a folder and everything below it with its mode, breadth first, without links and files that disappear."""
    yield root, root.stat().st_mode
    folders = [root]
    while folders:
        deeper = []
        for folder in folders:
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError:
                continue  # it has disappeared, or belongs to another user, who must change it
            for entry in entries:
                try:
                    mode = entry.stat(follow_symlinks=False).st_mode
                except FileNotFoundError:
                    continue
                if stat.S_ISLNK(mode):
                    continue
                yield Path(entry.path), mode
                if stat.S_ISDIR(mode):
                    deeper.append(Path(entry.path))
        folders = deeper


def _format_mode(mode: int) -> str:
    return f"{stat.S_IMODE(mode):04o}"
