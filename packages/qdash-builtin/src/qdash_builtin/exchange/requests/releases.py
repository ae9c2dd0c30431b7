"""Request bodies for releases."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.values.release import LONGEST_NAME, LONGEST_RELEASE_NOTE
from qdash_core.operations.bodies import Body
from qdash_core.operations.command import OnCommandLine


class ReleaseRequest(Body):
    """Request to create a release."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)] | None = None
    """Name of the release; absent: the date, with a number if it is taken."""
    note: Annotated[str, Field(max_length=LONGEST_RELEASE_NOTE), OnCommandLine(metavar="TEXT")] = ""
