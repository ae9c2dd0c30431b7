"""Parts of the paths of proposals."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_core.operations.command import OnCommandLine

MessageNumber = Annotated[
    int,
    Field(ge=1, lt=2**31, description="Number of a message in its conversation."),
    OnCommandLine(metavar="QUESTION"),
]
ProposalId = Annotated[
    str,
    Field(min_length=1, max_length=8, description="Number of a proposal in its message."),
    OnCommandLine(metavar="PROPOSAL"),
]
