"""Roots of files: folders that users browse and edit through QDash."""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from qdash_builtin.files.branch_names import check_branch_name
from qdash_builtin.files.git_remotes import check_git_remote
from qdash_core.models.base import Value
from qdash_core.parsing.paths import make_absolute

EXECUTIONS = "executions"
"""Name of the built-in root with the raw data and exports of executions."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class FileRoot(Value):
    """A folder that users browse and edit. A folder with `.git` is a git work tree."""

    path: Annotated[Path, AfterValidator(make_absolute)]
    """The folder."""
    projects: tuple[str, ...] = ()
    """Projects whose viewers read and whose editors write the files; none: administrators only."""
    remote_url: Annotated[str | None, AfterValidator(check_git_remote)] = None
    """Git remote for pull and push, `https://`, `ssh://` or `file://`, without credentials."""
    remote_branch: Annotated[str, AfterValidator(check_branch_name)] = "main"
    """Branch of the git remote."""
    remote_user: str | None = Field(default=None, repr=False)
    """User at the git remote, for HTTPS."""
    remote_token: str | None = Field(default=None, repr=False)
    """Password or access token of this user."""


def check_root_name(name: str) -> str:
    """Return the name of a root; raise ValueError if it is not one."""
    if not _NAME.fullmatch(name) or name == EXECUTIONS:
        raise ValueError(
            f"{name!r} is not the name of a root: up to 64 lower-case letters, digits, '-' and '_', and not {EXECUTIONS!r}"
        )
    return name


def find_danger(name: str, roots: Mapping[str, FileRoot], private: Mapping[str, Path]) -> str | None:
    """Return why a root is not safe on this machine, or None if it is.

    `private` has the files and folders of QDash that no root may contain or be in, by their names in messages.
    """
    folder = Path(os.path.realpath(roots[name].path))
    if folder == Path(folder.anchor):
        return "it is the whole file system"
    for what, path in {**private, "the installation of Python": Path(sys.prefix)}.items():
        real = Path(os.path.realpath(path))
        if _is_in(real, folder):
            return f"it contains {what}"
        if _is_in(folder, real):
            return f"it is in {what}"
    if _is_in(Path(os.path.realpath(Path("~").expanduser())), folder):
        return "it contains the home folder of the user who runs QDash: name a folder in it"
    for other, root in roots.items():
        real = Path(os.path.realpath(root.path))
        if other != name and (_is_in(real, folder) or _is_in(folder, real)):
            return f"it overlaps root {other}"
    return None


def get_identities(paths: Iterable[Path]) -> frozenset[tuple[int, int]]:
    """Return the device and the number of the files and folders that exist: a folder that is mounted at two places has the same."""
    found = set()
    for path in paths:
        with suppress(OSError):
            state = path.stat()
            found.add((state.st_dev, state.st_ino))
    return frozenset(found)


def _is_in(path: Path, folder: Path) -> bool:
    """Return whether a path is a folder or below it, also if the folder is mounted at a second place."""
    return path.is_relative_to(folder) or bool(
        get_identities([folder]) & get_identities([path, *path.parents])
    )
