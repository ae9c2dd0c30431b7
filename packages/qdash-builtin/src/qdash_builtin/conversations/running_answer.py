"""Running answer: an assistant answers in one thread, and another one stores and passes on its parts."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from queue import Empty, Full, Queue, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from qdash_builtin.conversations.answer_draft import AnswerDraft, clean_text
from qdash_builtin.conversations.budgets import settle_tokens
from qdash_builtin.conversations.models.conversation import AnswerState
from qdash_builtin.conversations.repository import ConversationMessageRepository
from qdash_core.errors import QDashError, StoreUnavailableError
from qdash_core.hooks.assistants import AnswerPart, ToolCallPart, ToolResultPart, UsagePart
from qdash_core.process.clock import utc_now
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.retry import StoreRetry
from qdash_core.tasks.failures import get_location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel
    from qdash_core.hooks.assistants import AnswerLimits
    from qdash_core.repositories.store import Store

logger = logging.getLogger(__name__)

STORE_S = 1.0
"""Longest time for which a part that was passed on is not stored, in seconds."""
HEARTBEAT_S = 5.0
"""Time after which a running answer is stored again without a new part, in seconds."""
_QUEUE = 100
_POLL_S = 0.25
_LAST_USAGE_S = 1.0
_NO_THREAD = "the process can start no further thread, and none for this answer: ask again later"
_LAST_STORE_S = 30.0
"""Time for which the end of an answer waits for an unavailable store, in seconds."""


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    """End of an answer, with the message as it is stored."""

    message: ConversationMessageModel


AnswerEvent: TypeAlias = AnswerPart | AnswerEnd


@dataclass(frozen=True, slots=True)
class _AssistantEnd:
    """End of the assistant's iteration, with the reason of an early end."""

    sentence: str | None


class RunningAnswer:
    """Answer in progress. A listener iterates over its events; it is stored also without a listener.

    Parameters
    ----------
    message : ConversationMessageModel
        The message, which is stored as running.
    review : callable
        Returns the message with its citations, when the answer has ended.
    on_recorded : callable
        Called with the whole message when its end is stored.

    Attributes
    ----------
    asked
        The message as it was when the answer began.
    message
        The same, and the whole message when the answer has ended.
    """

    def __init__(
        self,
        message: ConversationMessageModel,
        store: Store,
        *,
        limits: AnswerLimits,
        has_model: bool,
        review: Callable[[ConversationMessageModel], ConversationMessageModel],
        on_recorded: Callable[[ConversationMessageModel], object],
        clock: Callable[[], datetime],
    ) -> None:
        self.asked = self.message = message
        self._store, self._limits, self._clock = store, limits, clock
        self._review, self._on_recorded = review, on_recorded
        self._draft = AnswerDraft(limits, has_model)
        self._parts: Queue[object] = Queue(_QUEUE)
        self._events: SimpleQueue[AnswerEvent] = SimpleQueue()
        self._stopped = threading.Event()
        self._ended = threading.Event()
        self._recorded = threading.Event()
        self._cancellation: str | None = None
        self._has_assistant_ended = self._is_changed = self._is_store_away = False
        self._looked_at = self._stored_at = time.monotonic()

    def start(self, parts: Callable[[], Iterator[object]], *, on_end: Callable[[], object]) -> None:
        """Start the thread that records the answer, which starts the thread of the assistant.

        Without a thread the answer fails.

        Parameters
        ----------
        on_end : callable
            Called once, when the assistant's thread has ended, which may be earlier or later than the end of the record.
        """
        try:
            self._start_thread(self._record, parts, on_end, name="-record")
        except RuntimeError:
            self._end(AnswerState.FAILED, _NO_THREAD)
            on_end()

    def is_stopped(self) -> bool:
        """Return whether the answer is no longer wanted. Safe for threads."""
        return self._stopped.is_set()

    def cancel(self, reason: str) -> None:
        """Cancel the answer, with a reason for the record; what it has is kept."""
        self._cancellation = self._cancellation or reason
        self._stopped.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the end is stored, and return whether it is."""
        return self._recorded.wait(timeout_s)

    def get_event(self, timeout_s: float) -> AnswerEvent | None:
        """Return the next event, or None if there is none within a time. The last one is an `AnswerEnd`."""
        try:
            return self._events.get(timeout=timeout_s)
        except Empty:
            return None

    def __iter__(self) -> Iterator[AnswerEvent]:
        """Yield all events to the end."""
        while True:
            event = self._events.get()
            yield event
            if isinstance(event, AnswerEnd):
                return

    def _start_thread(self, target: Callable[..., object], *arguments: object, name: str = "") -> None:
        """Start a thread; RuntimeError if the process can have no further one."""
        name = f"qdash-answer-{self.asked.conversation_id}-{self.asked.number}{name}"
        threading.Thread(target=target, args=arguments, name=name, daemon=True).start()

    # ------------------------------------------------------------------------------------------ thread of the assistant

    def _produce(self, parts: Callable[[], Iterator[object]], on_end: Callable[[], object]) -> None:
        sentence: str | None = None
        try:
            iterator = parts()
            try:
                for part in iterator:
                    if not self._pass_on(part):
                        break
            finally:
                if hasattr(iterator, "close"):
                    iterator.close()
        except QDashError as error:
            sentence = str(error)
        except (Exception, SystemExit) as error:  # noqa: BLE001  code of a plugin
            # The text of an unknown error may hold a key: neither the record nor the log has it.
            where = get_location(error)
            sentence = f"the assistant {self.asked.assistant} failed unexpectedly ({type(error).__name__}{f' in {where}' if where else ''})"
            logger.error("%s", sentence)  # noqa: TRY400  a traceback has the text of the error
        finally:
            self._pass_on(_AssistantEnd(sentence))
            on_end()

    def _pass_on(self, part: object) -> bool:
        """Give a part to the other thread; return False if the answer has ended."""
        while not self._ended.is_set():
            try:
                self._parts.put(part, timeout=STORE_S)
            except Full:
                continue
            return True
        return False

    # -------------------------------------------------------------------------------------------- thread that records it

    def _record(self, parts: Callable[[], Iterator[object]], on_end: Callable[[], object]) -> None:
        state, sentence = AnswerState.FAILED, "the answer could not be recorded: see the log of the host"
        try:
            self._start_assistant(parts, on_end)
            state, sentence = self._follow()
            self._stopped.set()
            self._take_last_usage()
        except Exception:
            logger.exception("an answer could not be recorded")
        finally:
            self._end(state, sentence)

    def _start_assistant(self, parts: Callable[[], Iterator[object]], on_end: Callable[[], object]) -> None:
        try:
            self._start_thread(self._produce, parts, on_end)
        except RuntimeError:
            self._parts.put(_AssistantEnd(_NO_THREAD))
            on_end()

    def _end(self, state: AnswerState, sentence: str) -> None:
        self._stopped.set()
        self._ended.set()
        try:
            self._finish(state, sentence)
        finally:
            try:
                self._on_recorded(self.message)
            finally:
                self._events.put(AnswerEnd(self.message))
                self._recorded.set()

    def _follow(self) -> tuple[AnswerState, str]:
        """Take parts until the answer ends; return its state and the reason of an early end."""
        until = time.monotonic() + self._limits.max_seconds
        while self._cancellation is None:
            left = until - time.monotonic()
            if left <= 0:
                return self._end_early(
                    f"the answer ended early: it took its {self._limits.max_seconds:g} s; ask a narrower question"
                )
            try:
                part = self._parts.get(timeout=min(left, _POLL_S))
            except Empty:
                self._store_if_due()
                continue
            if isinstance(part, _AssistantEnd):
                self._has_assistant_ended = True
                if part.sentence is not None:
                    return self._end_early(part.sentence)
                if self._cancellation is None:
                    return AnswerState.COMPLETED, ""
                break
            try:
                self._events.put(self._draft.add(part, now=utc_now()))
            except QDashError as error:
                return self._end_early(str(error))
            self._is_changed = True
            self._store_if_due(at_once=isinstance(part, ToolCallPart | ToolResultPart))
        return AnswerState.CANCELLED, self._cancellation or ""

    def _end_early(self, sentence: str) -> tuple[AnswerState, str]:
        return (AnswerState.INCOMPLETE if self._draft.text else AnswerState.FAILED), sentence

    def _take_last_usage(self) -> None:
        """Wait shortly for the end of an assistant that was stopped: it may report tokens of the model.

        Those of an assistant that does not end are unknown, also if its request brought no part of an answer yet.
        """
        until = time.monotonic() + _LAST_USAGE_S
        while self._draft.has_model and not self._has_assistant_ended:
            left = until - time.monotonic()
            try:
                part = self._parts.get(timeout=max(left, 0.001))
            except Empty:
                left = 0.0
            if left <= 0:
                self._draft.is_unsettled = True
                return
            self._has_assistant_ended = isinstance(part, _AssistantEnd)
            if isinstance(part, UsagePart):
                self._events.put(self._draft.add(part, now=utc_now()))

    def _store_if_due(self, *, at_once: bool = False) -> None:
        """Store the answer so far if it is time, and notice a cancellation by another process."""
        now = time.monotonic()
        if now - self._looked_at < STORE_S and not at_once:
            return
        self._looked_at = now
        try:
            if self._is_changed or now - self._stored_at >= HEARTBEAT_S:
                with self._store.transaction(durable=False) as transaction:
                    found = self._look(Repositories(transaction))
                    if found is not None:
                        changed = self._draft.apply_to(found, now=self._clock())
                        Repositories(transaction).of(ConversationMessageRepository).put(changed)
                self._stored_at, self._is_changed = now, False
            else:
                with self._store.read() as snapshot:
                    self._look(Repositories(snapshot))
        except StoreUnavailableError as error:
            if not self._is_store_away:
                logger.warning("an answer cannot be stored now, and is tried again: %s", error)
            self._is_store_away = True
        else:
            self._is_store_away = False

    def _look(self, repositories: Repositories) -> ConversationMessageModel | None:
        """Return the stored message; cancel the answer if a user has cancelled it, or deleted the conversation."""
        found = self._find(repositories)
        if found is None:
            self.cancel("the conversation was deleted")
        elif found.cancelled_by:
            self.cancel(describe_cancellation(found.cancelled_by))
        return found

    def _find(self, repositories: Repositories) -> ConversationMessageModel | None:
        message = self.asked
        return repositories.of(ConversationMessageRepository).find(
            message.project_id, message.conversation_id, message.number
        )

    def _finish(self, state: AnswerState, sentence: str) -> None:
        """Store the end of the answer, and settle its tokens."""
        tokens = self._draft.count_tokens(
            self.asked.reserved_tokens, completed=state is AnswerState.COMPLETED
        )
        now = self._clock()
        ended = self._draft.apply_to(self.asked, now=now).model_copy(
            update={
                "state": state,
                "error": clean_text(sentence),
                "ended_at": utc_now(),
                "budget_tokens": tokens,
            }
        )
        try:
            ended = self._review(ended)
        except Exception:
            logger.exception("the citations of an answer could not be checked")
            ended = _mark_unchecked(ended)

        def store() -> None:
            with self._store.transaction() as transaction:
                repositories = Repositories(transaction)
                settle_tokens(repositories, self.asked, tokens, now=now)
                found = self._find(repositories)
                if found is not None:
                    repositories.of(ConversationMessageRepository).put(
                        ended.model_copy(update={"cancelled_by": found.cancelled_by})
                    )

        self.message = ended
        try:
            StoreRetry(_LAST_STORE_S)(store)
        except QDashError as error:
            logger.error("the end of an answer could not be stored: %s", error)  # noqa: TRY400  the message is complete
            self.message = ended.model_copy(
                update={
                    "state": AnswerState.INTERRUPTED,
                    "error": "the answer could not be stored: it will count as interrupted",
                }
            )


def _mark_unchecked(message: ConversationMessageModel) -> ConversationMessageModel:
    """Return a message without its review, so that its text does not pass as one without doubtful citations."""
    why = "the citations could not be checked, and proposals are lost: ask again"
    if message.state is AnswerState.COMPLETED:
        return message.model_copy(update={"state": AnswerState.INCOMPLETE, "error": why})
    return message.model_copy(update={"error": f"{message.error}; {why}"}) if message.answer else message


def describe_cancellation(username: str) -> str:
    """Return the reason of an answer that a user has cancelled."""
    return f"cancelled by {username}"
