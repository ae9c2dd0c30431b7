"""Request bodies for tags."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.tags.service import MOST_REPLACED
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body
from qdash_core.operations.command import OnCommandLine

_TagName = Annotated[str, Field(min_length=1, max_length=64)]


class TagRequest(Body):
    """Request to add a tag."""

    name: Annotated[_TagName, Field(title="New tag"), OnCommandLine(metavar="TAG", is_argument=True)]


class TagReplacementRequest(Body):
    """Request to replace tags by another one, or to remove them."""

    names: Annotated[list[Annotated[_TagName, ENTRY]], Field(min_length=1, max_length=MOST_REPLACED)]
    to: _TagName | None = None
    """New name; absent to remove the tags."""
