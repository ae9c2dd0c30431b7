"""Service for the answers of assistants: ask, cancel, the budgets, and the end of the process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.conversations.answer_context import make_context, make_history, make_title
from qdash_builtin.conversations.budgets import read_budget_state, reserve_tokens
from qdash_builtin.conversations.conversation_access import require_readable
from qdash_builtin.conversations.conversation_view import read_conversation
from qdash_builtin.conversations.interrupted_answers import mark_interrupted
from qdash_builtin.conversations.models.conversation import AnswerState, ConversationMessageModel
from qdash_builtin.conversations.new_conversation import make_conversation
from qdash_builtin.conversations.repository import ConversationMessageRepository, ConversationRepository
from qdash_builtin.conversations.running_answer import RunningAnswer, describe_cancellation
from qdash_builtin.conversations.tool_observer import ToolObserver
from qdash_builtin.text_pages.user_texts import check_text, check_title
from qdash_core.access.checks import read_access
from qdash_core.errors import AccessDeniedError, ConflictError, InvalidInputError
from qdash_core.hooks.assistants import AnswerLimits
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import machine_now, utc_now
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.conversations.answer_review import AnswerReview
    from qdash_builtin.conversations.answer_slots import AnswerSlots
    from qdash_builtin.conversations.budgets import BudgetState, TokenBudgets
    from qdash_builtin.conversations.conversation_view import ConversationView
    from qdash_builtin.conversations.models.conversation import ConversationModel
    from qdash_builtin.conversations.running_answers import RunningAnswers
    from qdash_builtin.conversations.selection import AssistantSelection
    from qdash_core.hooks.assistants import Assistant, AssistantState
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

MOST_MESSAGES = 200
"""Maximum number of questions of a conversation."""


@dataclass(frozen=True, slots=True)
class AssistantStatus:
    """State of the assistant in use, and the budgets of a user in a project."""

    assistant: AssistantState
    budgets: BudgetState

    @property
    def can_ask(self) -> bool:
        """True if the assistant can answer, and has tokens left if it needs any."""
        return self.assistant.ready and not (self.assistant.model and self.budgets.are_used_up)


@dataclass(frozen=True, slots=True)
class _Question:
    """Recorded question of a user, with its conversation and the messages before it."""

    access: Access
    conversation: ConversationModel
    message: ConversationMessageModel
    earlier: Sequence[ConversationMessageModel]
    review: AnswerReview


class AnswerService:
    """Answers of the assistant in use to questions in conversations.

    Parameters
    ----------
    longest_s : float
        Longest duration of an answer, in seconds.
    clock : callable
        Returns the time of the machine, for heartbeats and budgets.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        assistants: AssistantSelection,
        *,
        budgets: TokenBudgets,
        slots: AnswerSlots,
        running: RunningAnswers,
        most_tool_calls: int,
        longest_s: float,
        clock: Callable[[], datetime] = machine_now,
    ) -> None:
        self._store, self._zone, self._assistants, self._clock = store, zone, assistants, clock
        self._budgets, self._slots, self._running = budgets, slots, running
        self._most_tool_calls, self._longest_s = most_tool_calls, longest_s

    def get_status(self, access: Access) -> AssistantStatus:
        """Return the state of the assistant in use, and the user's budgets."""
        with self._store.read() as snapshot:
            budgets = self._read_budgets(Repositories(snapshot), access)
        return AssistantStatus(self._assistants.get_state(), budgets)

    def ask(
        self,
        access: Access,
        conversation_id: str | None,
        question: str,
        review: AnswerReview,
        *,
        chip_id: str | None = None,
        shared: bool = False,
        on_recorded: Callable[[ConversationMessageModel], object] | None = None,
    ) -> RunningAnswer:
        """Ask a question; the answer runs in threads of its own and is stored while it grows.

        Parameters
        ----------
        access : Access
            Access of an editor.
        conversation_id : str or None
            Conversation, or None for a new one.
        chip_id, shared
            As in `ConversationService.create`, for a new conversation.
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
        self._slots.take(access.username)
        try:
            with self._store.transaction() as transaction:
                repositories = Repositories(transaction)
                if conversation_id is None:
                    conversation = make_conversation(
                        repositories, access, chip_id=chip_id, shared=shared, now=utc_now()
                    )
                else:
                    conversation = require_readable(repositories, access, conversation_id)
                earlier = self._list_earlier(repositories, conversation)
                message = self._add_question(repositories, access, conversation, earlier, text, state)
            asked = _Question(access, conversation, message, earlier, review)
            return self._start(asked, assistant, state, on_recorded or (lambda _: None))
        except BaseException:
            self._slots.release(access.username)
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
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            conversation = require_readable(repositories, access, conversation_id)
            newest = repositories.of(ConversationMessageRepository).find(
                access.project_id, conversation_id, conversation.n_messages
            )
        if newest is not None and newest.state is AnswerState.RUNNING:
            if newest.username != access.username and not access.role.includes(ProjectRole.OWNER):
                raise AccessDeniedError(
                    f"{newest.username} asked this question: only they and owners of the project can cancel its answer"
                )
            self._cancel(newest, access.username)
        with self._store.read() as snapshot:
            return read_conversation(
                Repositories(snapshot),
                access,
                conversation_id,
                PageRequest(),
                now=self._clock(),
                running=self._running,
            )

    def count_running(self) -> int:
        """Return the number of answers that assistants of this process are writing."""
        return self._slots.count()

    def stop(self, *, wait_s: float = 2.0) -> None:
        """Cancel the answers of this process, and wait for their ends to be stored, at most for a time in seconds."""
        running = self._running.list_answers()
        for answer in running:
            answer.cancel("the process of the answer was ended")
        until = time.monotonic() + wait_s
        for answer in running:
            answer.wait(max(0.0, until - time.monotonic()))

    def _cancel(self, message: ConversationMessageModel, username: str) -> None:
        """Cancel an answer of this process, also while the store is away, or ask the process that writes it to end."""
        here = self._running.find(message)
        if here is not None:
            here.cancel(describe_cancellation(username))
            return
        with self._store.transaction() as transaction:
            messages = Repositories(transaction).of(ConversationMessageRepository)
            found = messages.find(message.project_id, message.conversation_id, message.number)
            if found is not None and found.state is AnswerState.RUNNING and not found.cancelled_by:
                # Its time of change stays: by this its process shows that it is alive.
                messages.put(found.model_copy(update={"cancelled_by": username}))

    def _list_earlier(
        self, repositories: Repositories, conversation: ConversationModel
    ) -> list[ConversationMessageModel]:
        """Return the messages of a conversation, if another question can be asked in it; record an interrupted answer."""
        messages = repositories.of(ConversationMessageRepository)
        earlier = messages.list_by_conversation(conversation.project_id, conversation.conversation_id)
        if len(earlier) >= MOST_MESSAGES:
            raise InvalidInputError(
                f"the conversation has {len(earlier)} questions, and no more are possible: begin a new one"
            )
        if earlier:  # a question follows only when the answer to the one before it has ended
            newest = mark_interrupted(earlier[-1], now=self._clock(), running=self._running)
            if newest.state is AnswerState.RUNNING:
                raise ConflictError(
                    f"the question of {newest.username} is still being answered: wait for the answer, or cancel it"
                )
            if newest is not earlier[-1]:
                messages.put(newest)
            earlier[-1] = newest
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
        now = utc_now()
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
            updated_at=self._clock(),  # the first heartbeat
        )
        reserve_tokens(repositories, message)
        repositories.of(ConversationMessageRepository).put(message)
        title = conversation.title or check_title(make_title(question))
        repositories.of(ConversationRepository).put(
            conversation.with_changes(now=now, title=title, n_messages=message.number)
        )
        return message

    def _start(
        self,
        asked: _Question,
        assistant: Assistant,
        state: AssistantState,
        on_recorded: Callable[[ConversationMessageModel], object],
    ) -> RunningAnswer:
        access, message = asked.access, asked.message
        limits = AnswerLimits(
            message.reserved_tokens or self._budgets.per_question, self._most_tool_calls, self._longest_s
        )

        def make_parts() -> Iterator[object]:
            tools = asked.review.make_tools(access, asked.conversation, reads_pictures=state.reads_pictures)
            return assistant.answer(
                message.question,
                history=make_history(asked.earlier),
                context=make_context(asked.conversation, now=utc_now(), zone=self._zone),
                tools=observer.observe(tools),
                limits=limits,
                cancelled=answer.is_stopped,
            )

        def review(ended: ConversationMessageModel) -> ConversationMessageModel:
            return asked.review.review(access, ended, earlier=asked.earlier, results=observer.results)

        def end_record(ended: ConversationMessageModel) -> None:
            self._running.remove(ended)
            on_recorded(ended)

        answer = RunningAnswer(
            message,
            self._store,
            limits=limits,
            has_model=bool(state.model),
            review=review,
            on_recorded=end_record,
            clock=self._clock,
        )
        observer = ToolObserver(
            most_calls=limits.max_tool_calls,
            is_stopped=answer.is_stopped,
            check_access=lambda: self._check_access(access),
        )
        self._running.add(answer)
        answer.start(make_parts, on_end=lambda: self._slots.release(access.username))
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
