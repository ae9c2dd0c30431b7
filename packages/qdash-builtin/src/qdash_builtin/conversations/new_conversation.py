"""A new conversation, begun with or without a question."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from qdash_builtin.conversations.models.conversation import EVERY_MEMBER, ConversationModel
from qdash_builtin.text_pages.user_texts import check_title
from qdash_core.repositories.chips import ChipRepository

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.repositories.repositories import Repositories


def make_conversation(
    repositories: Repositories,
    access: Access,
    *,
    title: str = "",
    chip_id: str | None,
    shared: bool,
    now: datetime,
) -> ConversationModel:
    """Return a new conversation, which is not stored yet.

    Raises
    ------
    InvalidInputError, NotFoundError
        If the title is not valid, or there is no such chip.
    """
    if chip_id is not None:
        repositories.of(ChipRepository).require(access.project_id, chip_id)
    return ConversationModel(
        project_id=access.project_id,
        conversation_id=secrets.token_hex(6),
        username=access.username,
        title=check_title(title) if title.strip() else "",
        chip_id=chip_id or "",
        reader=EVERY_MEMBER if shared else access.username,
        created_at=now,
        updated_at=now,
    )
