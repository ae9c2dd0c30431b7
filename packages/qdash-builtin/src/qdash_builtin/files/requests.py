"""Request parameters and bodies for files below roots."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from qdash_builtin.files.confined_folder import LONGEST_PATH
from qdash_builtin.files.service import LONGEST_REASON
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body
from qdash_core.operations.command import OnCommandLine

Root = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9_-]+$", description="Name of a root.")
]
Folder = Annotated[
    str,
    Field(
        max_length=LONGEST_PATH,
        description="Path of a folder below the root, with `/`; absent: the root itself.",
    ),
    AfterValidator(lambda path: path.strip("/")),
    OnCommandLine(metavar="FOLDER", joined_to="root"),
]
FilePath = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_PATH, description="Path of the file below the root, with `/`."),
    OnCommandLine(joined_to="root"),
]
Version = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        description="Version of the file: its number, or at least 7 characters of a commit.",
    ),
]
ComparedVersion = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        description="Version of the file: its number, at least 7 characters of a commit, or `present`.",
    ),
    OnCommandLine(metavar="VERSION", is_argument=True),
]
_REASON = OnCommandLine(short="m", metavar="TEXT")
Reason = Annotated[str, Field(max_length=LONGEST_REASON, description="Reason of the change."), _REASON]


class RestoreRequest(Body):
    """Request to restore a version of a file."""

    path: FilePath
    version: Annotated[Version, OnCommandLine(is_argument=True)]
    reason: Reason = ""


class CommitRequest(Body):
    """Request to commit changed files."""

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON), _REASON]
    """Message of the commit."""
    paths: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=LONGEST_PATH), ENTRY]],
        Field(max_length=1000),
        OnCommandLine(is_argument=True),
    ] = []
    """The files; empty or absent: every changed file."""
