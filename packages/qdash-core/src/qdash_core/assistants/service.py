"""Service for conversations with assistants."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.assistants.answer_context import make_context, make_history, make_title
from qdash_core.assistants.answer_places import AnswerPlaces
from qdash_core.assistants.answer_review import NoReview
from qdash_core.assistants.budgets import read_budget_state, reserve_tokens
from qdash_core.assistants.conversation_access import (
    is_readable,
    make_absence,
    require_author,
    require_readable,
)
from qdash_core.assistants.interrupted_answers import mark_interrupted
from qdash_core.assistants.running_answer import RunningAnswer, describe_cancellation
from qdash_core.assistants.tool_observer import ToolObserver
from qdash_core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from qdash_core.hooks.assistants import AnswerLimits
from qdash_core.issues.texts import check_text, check_title
from qdash_core.models.base import utc_now
from qdash_core.models.conversation import (
    EVERY_MEMBER,
    AnswerState,
    ConversationMessageModel,
    ConversationModel,
)
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.projects.access import read_access
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.assistants.answer_review import AnswerReview
    from qdash_core.assistants.budgets import BudgetState, TokenBudgets
    from qdash_core.assistants.selection import AssistantSelection
    from qdash_core.hooks.assistants import Assistant, AssistantState
    from qdash_core.models.access import Access
    from qdash_core.models.pages import Page
    from qdash_core.repositories.store import Store

MOST_MESSAGES = 200
"""Maximum number of questions of a conversation."""
LAST = "last"
_WHOLE_ID = re.compile("[0-9a-f]{12}")
_MOST_ALIKE = 20


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation with a page of its messages, oldest first.

    Parameters
    ----------
    conversation : ConversationModel
        The conversation.
    messages : list of ConversationMessageModel
        The newest messages, or those before a page.
    next : str or None
        Value of `PageRequest.after` for the messages before these, or None if these are the first.
    """

    conversation: ConversationModel
    messages: list[ConversationMessageModel]
    next: str | None


@dataclass(frozen=True, slots=True)
class AssistantStatus:
    """State of the assistant in use, and the budgets of a user in a project."""

    assistant: AssistantState
    budgets: BudgetState


class ConversationService:
    """Conversations with assistants of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    zone : ZoneInfo
        Time zone of days.
    assistants : AssistantSelection
        The assistant in use.
    budgets : TokenBudgets
        Budgets of tokens.
    most_tool_calls : int
        Maximum number of tool calls in an answer.
    longest_s : float
        Longest duration of an answer, in seconds.
    most_answers, most_answers_of_user : int
        Maximum number of answers of this process at the same time, and of those to one user.
    review : AnswerReview
        Tools of answers, and review of their texts.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        assistants: AssistantSelection,
        *,
        budgets: TokenBudgets,
        most_tool_calls: int = 20,
        longest_s: float = 180.0,
        most_answers: int = 4,
        most_answers_of_user: int = 2,
        review: AnswerReview | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store, self._zone, self._assistants, self._clock = store, zone, assistants, clock
        self._budgets, self._most_tool_calls, self._longest_s = budgets, most_tool_calls, longest_s
        self._review: AnswerReview = review or NoReview()
        self._places = AnswerPlaces(most_answers, most_answers_of_user)
        self._running: dict[tuple[str, str], RunningAnswer] = {}

    # -------------------------------------------------------------------------------------------------------- reading

    def get_status(self, access: Access) -> AssistantStatus:
        """Return the state of the assistant in use, and the user's budgets."""
        with self._store.read() as snapshot:
            budgets = self._read_budgets(Repositories(snapshot), access)
        return AssistantStatus(self._assistants.get_state(), budgets)

    def page(
        self, access: Access, request: PageRequest, *, chip_id: str | None = None
    ) -> Page[ConversationModel]:
        """Return a page of the user's own and shared conversations, newest activity first, of one chip or of all."""
        with self._store.read() as snapshot:
            conversations = Repositories(snapshot).conversations
            return conversations.page_readable(access.project_id, access.username, request, chip_id=chip_id)

    def show(
        self, access: Access, conversation_id: str, request: PageRequest | None = None
    ) -> ConversationView:
        """Return a conversation with its newest messages, or with those before a page.

        Raises
        ------
        NotFoundError
            If there is none that the user may read.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            conversation = require_readable(repositories, access, conversation_id)
            page = repositories.conversation_messages.page_by_conversation(
                access.project_id, conversation.conversation_id, request or PageRequest()
            )
        messages = [mark_interrupted(one, now=self._clock()) for one in reversed(page.items)]
        return ConversationView(conversation, messages, page.next)

    def resolve_id(self, access: Access, text: str) -> str:
        """Return the id of a conversation by the beginning of its id, or of the newest one for `last`.

        A whole id is returned as it is: an owner may delete a conversation that they may not read.

        Raises
        ------
        NotFoundError
            If no conversation that the user may read begins so, or several do.
        """
        if _WHOLE_ID.fullmatch(text):
            return text
        with self._store.read() as snapshot:
            conversations = Repositories(snapshot).conversations
            if text == LAST:
                newest = conversations.page_readable(access.project_id, access.username, PageRequest(1)).items
                if not newest:
                    raise NotFoundError("there is no conversation yet: `qdash ask QUESTION` begins one")
                return newest[0].conversation_id
            found = [
                one
                for one in conversations.list_ids_by_prefix(access.project_id, text, limit=_MOST_ALIKE)
                if is_readable(conversations.find(access.project_id, one), access)
            ]
        if len(found) != 1:
            raise (
                NotFoundError(f"{text!r} is the beginning of several conversations: {', '.join(found)}")
                if found
                else make_absence(access, text)
            )
        return found[0]

    # ------------------------------------------------------------------------------------------------------- changing

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
        chip_id : str or None
            Chip that it is about.
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
            made = self._make_conversation(repositories, access, title=title, chip_id=chip_id, shared=shared)
            repositories.conversations.put(made)
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
            repositories.conversations.put(changed)
        return changed

    def delete(self, access: Access, conversation_id: str) -> None:
        """Delete a conversation with its messages, as its author or an owner of the project; the tokens that it used still count.

        An owner may delete also a private conversation of another user, without reading it. An author needs no role but that of a member.

        Raises
        ------
        NotFoundError, AccessDeniedError
            If there is no such conversation that the user may read, or another user is its author.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if access.role.includes(ProjectRole.OWNER):
                conversation = repositories.conversations.find(access.project_id, conversation_id)
                if conversation is None:
                    raise make_absence(access, conversation_id)
            else:
                conversation = require_readable(repositories, access, conversation_id)
                require_author(access, conversation)
            repositories.conversations.remove(access.project_id, conversation.conversation_id)
        self._cancel_here(access.project_id, conversation_id, "the conversation was deleted")

    def ask(
        self,
        access: Access,
        conversation_id: str | None,
        question: str,
        *,
        chip_id: str | None = None,
        shared: bool = False,
        review: AnswerReview | None = None,
        on_recorded: Callable[[ConversationMessageModel], object] | None = None,
    ) -> RunningAnswer:
        """Ask a question; the answer runs in threads of its own and is stored while it grows.

        Parameters
        ----------
        access : Access
            Access of an editor.
        conversation_id : str or None
            Conversation, or None for a new one.
        question : str
            The question.
        chip_id, shared
            As in `create`, for a new conversation.
        review : AnswerReview or None
            Tools of the answer, and review of its text; None for those of the service.
        on_recorded : callable or None
            Called with the whole message, in another thread, when its end is stored.

        Raises
        ------
        AssistantError
            If no assistant is installed or configured.
        InvalidInputError
            If the question is empty or too long, or the conversation is full.
        NotFoundError
            If there is no such conversation that the user may read, or no such chip.
        ConflictError
            If another answer of the conversation is running.
        TooManyError
            If a budget is used up, or too many answers are running, in total or of the user.
        """
        access.require(ProjectRole.EDITOR)
        assistant, state = self._assistants.require_ready()
        text = check_text(question, "question")
        if not text:
            raise InvalidInputError("the question is empty: write a question")
        self._places.take(access.username)
        try:
            with self._store.transaction() as transaction:
                repositories = Repositories(transaction)
                if conversation_id is None:
                    conversation = self._make_conversation(
                        repositories, access, title="", chip_id=chip_id, shared=shared
                    )
                else:
                    conversation = require_readable(repositories, access, conversation_id)
                earlier = self._list_earlier(repositories, conversation)
                message = self._add_question(repositories, access, conversation, earlier, text, state)
            return self._start(
                access,
                conversation,
                message,
                earlier,
                assistant,
                reads_pictures=state.reads_pictures,
                review=review or self._review,
                on_recorded=on_recorded or (lambda _: None),
                has_model=bool(state.model),
            )
        except BaseException:
            self._places.release(access.username)
            raise

    def cancel(self, access: Access, conversation_id: str) -> ConversationView:
        """Cancel the running answer of a conversation, as the user who asked or an owner of the project; what it has is kept.

        Without a running answer this changes nothing.

        Raises
        ------
        NotFoundError, AccessDeniedError
            If there is no such conversation that the user may read, or another user asked.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            conversation = require_readable(repositories, access, conversation_id)
            messages = repositories.conversation_messages
            for one in messages.list_by_conversation(access.project_id, conversation.conversation_id):
                if mark_interrupted(one, now=self._clock()).state is AnswerState.RUNNING:
                    if one.username != access.username and not access.role.includes(ProjectRole.OWNER):
                        raise AccessDeniedError(
                            f"{one.username} asked this question: only they and owners of the project can cancel its answer"
                        )
                    messages.put(one.with_changes(now=self._clock(), cancelled_by=access.username))
        self._cancel_here(access.project_id, conversation_id, describe_cancellation(access.username))
        return self.show(access, conversation_id)

    def count_running(self) -> int:
        """Return the number of running answers of this process."""
        return self._places.count()

    def stop(self, *, wait_s: float) -> None:
        """Cancel the answers of this process, and wait for their ends to be stored, at most for a time in seconds."""
        running = [*self._running.values()]
        for answer in running:
            answer.cancel("the process of the answer was ended")
        until = time.monotonic() + wait_s
        for answer in running:
            answer.wait(max(0.0, until - time.monotonic()))

    # ---------------------------------------------------------------------------------------------------------- parts

    def _make_conversation(
        self,
        repositories: Repositories,
        access: Access,
        *,
        title: str,
        chip_id: str | None,
        shared: bool,
    ) -> ConversationModel:
        if chip_id is not None:
            repositories.chips.require(access.project_id, chip_id)
        now = self._clock()
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

    def _list_earlier(
        self, repositories: Repositories, conversation: ConversationModel
    ) -> list[ConversationMessageModel]:
        """Return the messages of a conversation, if another question can be asked in it; record interrupted answers."""
        messages = repositories.conversation_messages
        earlier = []
        for one in messages.list_by_conversation(conversation.project_id, conversation.conversation_id):
            marked = mark_interrupted(one, now=self._clock())
            if marked.state is AnswerState.RUNNING:
                raise ConflictError(
                    f"the question of {one.username} is still being answered: wait for the answer, or cancel it"
                )
            if marked is not one:
                messages.put(marked)
            earlier.append(marked)
        if len(earlier) >= MOST_MESSAGES:
            raise InvalidInputError(
                f"the conversation has {len(earlier)} questions, and no more are possible: begin a new one"
            )
        return earlier

    def _add_question(
        self,
        repositories: Repositories,
        access: Access,
        conversation: ConversationModel,
        earlier: Sequence[ConversationMessageModel],
        question: str,
        state: AssistantState,
    ) -> ConversationMessageModel:
        """Add a message to a conversation, and reserve its tokens."""
        now = self._clock()
        budgets = self._read_budgets(repositories, access)
        reserved = budgets.get_reservation(self._zone) if state.model else 0
        message = ConversationMessageModel(
            project_id=conversation.project_id,
            conversation_id=conversation.conversation_id,
            number=len(earlier) + 1,
            username=access.username,
            question=question,
            assistant=state.name,
            model=state.model or "",
            reserved_tokens=reserved,
            budget_tokens=reserved,
            budget_day=budgets.day,
            started_at=now,
            created_at=now,
            updated_at=now,
        )
        reserve_tokens(repositories, message)
        repositories.conversation_messages.put(message)
        title = conversation.title or check_title(make_title(question))
        repositories.conversations.put(
            conversation.with_changes(now=now, title=title, n_messages=message.number)
        )
        return message

    def _start(
        self,
        access: Access,
        conversation: ConversationModel,
        message: ConversationMessageModel,
        earlier: Sequence[ConversationMessageModel],
        assistant: Assistant,
        *,
        reads_pictures: bool,
        review: AnswerReview,
        on_recorded: Callable[[ConversationMessageModel], object],
        has_model: bool,
    ) -> RunningAnswer:
        limits = AnswerLimits(
            message.reserved_tokens or self._budgets.per_question, self._most_tool_calls, self._longest_s
        )
        key = message.project_id, message.conversation_id

        def review_message(ended: ConversationMessageModel) -> ConversationMessageModel:
            return review.review(access, conversation, ended, earlier=earlier, results=observer.results)

        answer = RunningAnswer(
            message,
            self._store,
            limits=limits,
            has_model=has_model,
            review=review_message,
            on_recorded=on_recorded,
            clock=self._clock,
        )
        observer = ToolObserver(
            most_calls=limits.max_tool_calls,
            is_stopped=answer.is_stopped,
            check_access=lambda: self._check_access(access),
        )

        def answer_question() -> Iterator[object]:
            return assistant.answer(
                message.question,
                history=make_history(earlier),
                context=make_context(conversation, now=self._clock(), zone=self._zone),
                tools=observer.observe(
                    review.make_tools(access, conversation, reads_pictures=reads_pictures)
                ),
                limits=limits,
                cancelled=answer.is_stopped,
            )

        def end() -> None:
            self._places.release(access.username)
            if self._running.get(key) is answer:
                del self._running[key]

        self._running[key] = answer
        answer.start(answer_question, on_end=end)
        return answer

    def _check_access(self, access: Access) -> None:
        """Raise QDashError if the user has lost the access with which the question was asked."""
        with self._store.read() as snapshot:
            read_access(Repositories(snapshot), access.username, access.project_id, access.role)

    def _read_budgets(self, repositories: Repositories, access: Access) -> BudgetState:
        return read_budget_state(
            repositories,
            self._budgets,
            access.project_id,
            access.username,
            now=self._clock(),
            zone=self._zone,
        )

    def _cancel_here(self, project_id: str, conversation_id: str, reason: str) -> None:
        """Cancel an answer of this process at once; that of another one notices the record."""
        answer = self._running.get((project_id, conversation_id))
        if answer is not None:
            answer.cancel(reason)
