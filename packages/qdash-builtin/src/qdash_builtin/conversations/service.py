"""Service for conversations with assistants: list, read, create, edit and delete them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qdash_builtin.conversations.conversation_access import (
    make_absence,
    require_author,
    require_readable,
)
from qdash_builtin.conversations.conversation_view import read_conversation
from qdash_builtin.conversations.models.conversation import EVERY_MEMBER, ConversationModel
from qdash_builtin.conversations.new_conversation import make_conversation
from qdash_builtin.conversations.repository import ConversationRepository
from qdash_builtin.record_lookup.given_ids import LAST, match_id, require_id_text
from qdash_builtin.text_pages.user_texts import check_title
from qdash_core.errors import NotFoundError
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import machine_now, utc_now
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_builtin.conversations.conversation_view import ConversationView
    from qdash_builtin.conversations.running_answers import RunningAnswers
    from qdash_core.models.access import Access
    from qdash_core.models.pages import Page
    from qdash_core.repositories.store import Store

_WHOLE_ID = re.compile("[0-9a-f]{12}")


class ConversationService:
    """Conversations with assistants of one store."""

    def __init__(
        self, store: Store, *, running: RunningAnswers, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._store, self._running, self._clock = store, running, clock

    def page(
        self, access: Access, request: PageRequest, *, chip_id: str | None = None
    ) -> Page[ConversationModel]:
        """Return a page of the user's own and shared conversations, newest activity first, of one chip or of all."""
        with self._store.read() as snapshot:
            conversations = Repositories(snapshot).of(ConversationRepository)
            return conversations.page_readable(access.project_id, access.username, request, chip_id=chip_id)

    def show(
        self, access: Access, conversation_id: str, request: PageRequest | None = None
    ) -> ConversationView:
        """Return a conversation with its newest messages, or with the page before `request.after`.

        Raises
        ------
        NotFoundError
            If there is none that the user may read.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            return read_conversation(
                repositories,
                access,
                conversation_id,
                request or PageRequest(),
                now=machine_now(),
                running=self._running,
            )

    def resolve_id(self, access: Access, text: str) -> str:
        """Return the id of a conversation by the beginning of its id, or of the newest one for `last`.

        A whole id is returned as it is: an owner may delete a conversation that they may not read.

        Raises
        ------
        NotFoundError
            If no conversation that the user may read begins so.
        InvalidInputError
            If the text is empty, or several do; the message names some.
        """
        require_id_text(text, what="conversation")
        if _WHOLE_ID.fullmatch(text):
            return text
        with self._store.read() as snapshot:
            conversations = Repositories(snapshot).of(ConversationRepository)
            if text == LAST:
                newest = conversations.page_readable(access.project_id, access.username, PageRequest(1)).items
                if not newest:
                    raise NotFoundError("there is no conversation yet: `qdash ask QUESTION` begins one")
                return newest[0].conversation_id
            found = conversations.list_readable_ids(access.project_id, access.username, text)
        if not found:
            raise make_absence(access, text)
        return match_id(text, found, what="conversations")

    def create(
        self, access: Access, *, title: str = "", chip_id: str | None = None, shared: bool = False
    ) -> ConversationModel:
        """Create a conversation without a question.

        Parameters
        ----------
        access : Access
            Access of an editor.
        title : str
            Title in one line; if empty, that of the first question.
        shared : bool
            Whether every member of the project may read it and ask in it.

        Raises
        ------
        InvalidInputError
            If the title is not valid.
        NotFoundError
            If there is no such chip.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            made = make_conversation(
                repositories, access, title=title, chip_id=chip_id, shared=shared, now=self._clock()
            )
            repositories.of(ConversationRepository).put(made)
        return made

    def edit(
        self, access: Access, conversation_id: str, *, title: str | None = None, shared: bool | None = None
    ) -> ConversationModel:
        """Change the title of a conversation, share it, or make it private again, as its author.

        Making it private needs no editor: an author who became a viewer can still withdraw their texts.

        Raises
        ------
        InvalidInputError
            If the title is not valid.
        NotFoundError, AccessDeniedError
            If there is no such conversation that the user may read, or another user is its author.
        """
        if title is not None or shared is not False:
            access.require(ProjectRole.EDITOR)
        changes: dict[str, Any] = {}
        if title is not None:
            changes["title"] = check_title(title)
        if shared is not None:
            changes["reader"] = EVERY_MEMBER if shared else access.username
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            conversation = require_readable(repositories, access, conversation_id)
            require_author(access, conversation)
            changed = conversation.with_changes(now=self._clock(), **changes)
            repositories.of(ConversationRepository).put(changed)
        return changed

    def delete(self, access: Access, conversation_id: str) -> None:
        """Delete a conversation with its messages, as its author or an owner of the project; the tokens that it used still count.

        An owner may delete also a private conversation of another user, without reading it. An author needs no role but that of a member. A
        running answer ends when it notices that its conversation was deleted, which is within seconds.

        Raises
        ------
        NotFoundError, AccessDeniedError
            If there is no such conversation that the user may read, or another user is its author.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if access.role.includes(ProjectRole.OWNER):
                conversation = repositories.of(ConversationRepository).find(
                    access.project_id, conversation_id
                )
                if conversation is None:
                    raise make_absence(access, conversation_id)
            else:
                conversation = require_readable(repositories, access, conversation_id)
                require_author(access, conversation)
            repositories.of(ConversationRepository).remove(access.project_id, conversation.conversation_id)
