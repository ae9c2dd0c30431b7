"""Request bodies for conversations with assistants."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from qdash_builtin.text_pages.user_texts import LONGEST_TEXT, LONGEST_TITLE
from qdash_core.operations.bodies import Body
from qdash_core.operations.command import OnCommandLine

ConversationId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=12,
        description="Id of a conversation, such as 5f0c2a9d1b7e, the beginning of one, or `last`.",
    ),
    OnCommandLine(metavar="CONVERSATION"),
]
ChipOfConversation = Annotated[
    str | None, Field(max_length=128, description="Only conversations about this chip.")
]
_Title = Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]


class ConversationRequest(Body):
    """Request to begin a conversation."""

    title: _Title | None = None
    """Title; absent: that of the first question."""
    chip_id: Annotated[str, Field(max_length=128)] | None = None
    """Chip that it is about."""
    shared: bool = False
    """Share it with every member of the project."""


class ConversationEdit(Body):
    """Changes of a conversation; absent fields are unchanged."""

    title: Annotated[_Title | None, OnCommandLine(metavar="TEXT")] = None
    shared: Annotated[
        bool | None, OnCommandLine(name="share/--private", help="Share it with the project, or not.")
    ] = None

    def get_given_fields(self) -> dict[str, Any]:
        """Return the fields that are present, by name."""
        return {name: value for name, value in self if value is not None}


class QuestionRequest(Body):
    """A question to the assistant."""

    question: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
