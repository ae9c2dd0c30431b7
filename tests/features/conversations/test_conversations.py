"""Conversations: private or shared, asked in, cancelled, deleted; answers that end early keep their texts."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.conversations import answers, interrupted_answers, running_answer
from qdash_builtin.conversations.models.conversation import EVERY_MEMBER, AnswerState
from qdash_builtin.conversations.repository import (
    AssistantUsageRepository,
    ConversationMessageRepository,
    ConversationRepository,
)
from qdash_builtin.conversations.selection import AssistantSelection
from qdash_core.errors import (
    AccessDeniedError,
    AssistantError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StoreUnavailableError,
    TooManyError,
)
from qdash_core.hooks.assistants import TextPart, ToolCallPart, ToolResultPart, UsagePart
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole

from ...access import ADMIN, access_of
from ...core.bench import make_raising
from ...scripted_assistant import ScriptedAssistant, call_tool, wait_for_cancel
from .conftest import ALICE, BOB, VERA, finish

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel
    from qdash_core.models.access import Access

    from .conftest import Office


def list_ids(office: Office, access: Access, **conditions: Any) -> list[str]:
    return [
        one.conversation_id for one in office.conversations.page(access, PageRequest(), **conditions).items
    ]


def ask_when_possible(office: Office) -> ConversationMessageModel:
    """Ask a question as bob, once the thread of a cancelled answer has ended."""
    tick = threading.Event()
    for _ in range(500):
        try:
            return office.ask(access=BOB)
        except TooManyError:
            tick.wait(0.01)
    pytest.fail("the place of a cancelled answer is not free again")


@pytest.mark.every_store
def test_a_question_gets_an_answer_part_by_part_which_is_kept_with_its_tools_tokens_and_times(
    office: Office,
) -> None:
    office.open(
        TextPart("Qubit 0 "),
        UsagePart(100, 10, 0.25, "USD"),
        call_tool("whoami", chip="chip"),
        TextPart("is dead [result:r0]."),
        UsagePart(200, 20, 0.5, "USD"),
    )
    answer = office.start("  Why is qubit 0\ndead? ", chip_id="chip")
    events = list(answer)
    assert [type(one).__name__ for one in events] == [
        "TextPart", "UsagePart", "ToolCallPart", "ToolResultPart", "TextPart", "UsagePart", "AnswerEnd",
    ]  # fmt: skip
    view = office.conversations.show(ALICE, answer.message.conversation_id)
    assert (view.conversation.title, view.conversation.chip_id, view.conversation.shared) == (
        "Why is qubit 0 dead?",
        "chip",
        False,
    )
    [message] = view.messages
    assert message == events[-1].message
    assert (message.question, message.answer) == ("Why is qubit 0\ndead?", "Qubit 0 is dead [result:r0].")
    assert (message.state, message.error, message.assistant, message.model) == (
        "completed",
        "",
        "scripted",
        "small-model",
    )
    assert (message.input_tokens, message.output_tokens, message.cost, message.currency) == (
        300,
        30,
        0.75,
        "USD",
    )
    assert message.ended_at is not None
    [tool] = message.tools
    assert (tool.name, tool.arguments, tool.ok, tool.position, tool.seconds) == (
        "whoami",
        {"chip": "chip"},
        True,
        8,
        0.1,
    )
    assert tool.summary == "{'user': 'alice', 'chip': 'chip'}"
    [asked] = office.assistant.asked
    assert asked["context"]["chip_id"] == "chip"
    assert office.review.reviewed[-1]["results"] == [{"user": "alice", "chip": "chip"}]
    usage = office.repositories.of(AssistantUsageRepository).list_by_day(
        "default", office.clock.now.date().isoformat()
    )
    assert [(one.username, one.tokens, one.reserved, one.questions) for one in usage] == [
        ("alice", 330, {}, 1)
    ]


@pytest.mark.every_store
def test_conversations_are_private_until_they_are_shared_and_deleted_by_their_author_or_an_owner(
    office: Office,
) -> None:
    office.open(TextPart("Yes."))
    first = office.ask("One?", chip_id="chip").conversation_id
    office.clock.forward(minutes=1)
    second = office.ask("Two?", shared=True).conversation_id
    conversations = office.conversations
    assert list_ids(office, ALICE) == [second, first]
    assert list_ids(office, ALICE, chip_id="chip") == [first]
    assert list_ids(office, BOB) == list_ids(office, VERA) == [second]
    for unread in (BOB, VERA, ADMIN):
        with pytest.raises(NotFoundError, match="no conversation"):
            conversations.show(unread, first)
    with pytest.raises(NotFoundError):
        office.start("May I?", BOB, first)
    with pytest.raises(AccessDeniedError, match="only the author can change it"):
        conversations.edit(BOB, second, title="Mine")
    conversations.edit(ALICE, first, title="Now shared", shared=True)
    assert conversations.show(VERA, first).conversation.title == "Now shared"
    assert office.ask("Three?", BOB, first).number == 2
    assert [turn.text for turn in office.assistant.asked[-1]["history"]] == ["One?", "Yes."]
    newest = conversations.show(ALICE, first, PageRequest(1))
    oldest = conversations.show(ALICE, first, PageRequest(1, newest.next))
    assert [one.number for one in (*newest.messages, *oldest.messages)] == [2, 1]
    assert (oldest.next, [one.number for one in conversations.show(ALICE, first).messages]) == (None, [1, 2])
    conversations.edit(ALICE, first, shared=False)
    assert first not in list_ids(office, BOB)
    with pytest.raises(AccessDeniedError):
        conversations.delete(BOB, second)
    conversations.delete(ADMIN, first)
    as_viewer = access_of("alice", role=ProjectRole.VIEWER)
    for change in ({"title": "Mine"}, {"shared": True}, {"shared": False, "title": "Mine"}):
        with pytest.raises(AccessDeniedError, match="this takes editor"):
            conversations.edit(as_viewer, second, **change)
    assert conversations.edit(as_viewer, second, shared=False).reader == "alice"
    conversations.delete(as_viewer, second)
    assert list_ids(office, ALICE) == []
    with office.store.read() as snapshot:
        assert snapshot.count("conversation_message", {}) == 0
    with pytest.raises(NotFoundError):
        conversations.delete(ADMIN, first)


@pytest.mark.every_store
def test_the_beginning_of_an_id_names_one_conversation_that_the_user_may_read(office: Office) -> None:
    made, conversations = office.conversations.create(BOB), office.repositories.of(ConversationRepository)
    conversations.remove("default", made.conversation_id)
    for number in range(30):
        private = {"conversation_id": f"a{number:02d}bcdef0123", "reader": "alice"}
        conversations.put(made.model_copy(update=private))
    shared = made.model_copy(update={"conversation_id": "a00000000000", "reader": EVERY_MEMBER})
    conversations.put(shared)
    resolve = office.conversations.resolve_id
    assert resolve(BOB, "a") == resolve(BOB, "last") == shared.conversation_id
    with pytest.raises(
        InvalidInputError, match=r"'a0' begins several conversations: a09bcdef0123, .* and more"
    ):
        resolve(ALICE, "a0")
    with pytest.raises(InvalidInputError, match="the id of the conversation is empty"):
        resolve(BOB, "")
    with pytest.raises(NotFoundError):
        resolve(BOB, "a29")


@pytest.mark.parametrize(
    ("script", "state", "error"),
    [
        ((TextPart("Half"), AssistantError("the endpoint closed the connection")), "incomplete", "the endpoint closed the connection"),
        ((AssistantError("the endpoint refused the key"),), "failed", "the endpoint refused the key"),
        ((RuntimeError("key sk-123"),), "failed", "the assistant scripted failed unexpectedly (RuntimeError in scripted_assistant.py"),
        ((TextPart("Half"), "text"), "incomplete", "str, which is no valid part of an answer"),
        ((ToolResultPart("1", "x", ok=True, summary="", seconds=0.0),), "failed", "which it had not called"),
        ((TextPart("x" * 60_000),), "incomplete", "longer than 50,000 characters"),
        ((TextPart("a"), UsagePart(9_000, 2_000), TextPart("b")), "incomplete", "it used 11,000 of 10,000 tokens"),
        ((ToolCallPart("1", "x", {}),) * 3, "failed", "it used its 2 tool calls"),
        ((UsagePart(-1, 0),), "failed", "impossible number of tokens"),
    ],
)  # fmt: skip
def test_an_answer_that_ends_early_says_why_and_keeps_its_text(
    office: Office, script: tuple[Any, ...], state: str, error: str
) -> None:
    office.open(*script, most_tool_calls=2)
    message = office.ask()
    assert message.state == state
    assert error in message.error
    assert "sk-123" not in message.model_dump_json()
    assert office.conversations.show(ALICE, message.conversation_id).messages == [message]
    assert (
        message.answer
        == "".join(one.text for one in script if isinstance(one, TextPart) and one.text != "b")[:50_000]
    )


def test_an_answer_whose_citations_cannot_be_checked_is_incomplete(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailableError("the store is away")

    monkeypatch.setattr(office.review, "review", fail)
    office.open(TextPart("T1 of Q3 is 34 µs."))
    message = office.ask()
    assert (message.state, message.answer) == ("incomplete", "T1 of Q3 is 34 µs.")
    assert "citations could not be checked" in message.error


def test_an_outage_of_the_store_during_an_answer_is_logged_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(running_answer, "STORE_S", 0.0)
    tried_again, n_tries, working = threading.Event(), 0, office.store.transaction

    def fail(**_: object) -> None:
        nonlocal n_tries
        n_tries += 1
        if n_tries == 4:
            tried_again.set()
        raise StoreUnavailableError("the disk is full")

    def fill_disk(*_: object) -> list[Any]:
        monkeypatch.setattr(office.store, "transaction", fail)
        return []

    def empty_disk(*_: object) -> list[Any]:
        assert tried_again.wait(10)
        monkeypatch.setattr(office.store, "transaction", working)
        return []

    office.open(fill_disk, *[TextPart("a")] * 4, empty_disk)
    assert office.ask().answer == "aaaa"
    assert [one.message for one in caplog.records] == [
        "an answer cannot be stored now, and is tried again: the disk is full"
    ]


def test_an_answer_takes_no_longer_than_its_limit_and_its_tools_then_read_nothing(office: Office) -> None:
    office.open(TextPart("Well"), wait_for_cancel, call_tool("whoami"), longest_s=0.2)
    message = office.ask()
    assert message.state == "incomplete"
    assert "it took its 0.2 s" in message.error
    assert office.assistant.closed.wait(5)
    assert office.review.reviewed[-1]["results"] == []


def test_a_tool_fails_without_the_text_of_an_unexpected_error_and_after_the_loss_of_access(
    office: Office,
) -> None:
    def remove_alice(*_: object) -> list[Any]:
        office.members.revoke(ADMIN, "alice")
        return []

    office.open(call_tool("whoami", "1", **{"break": True}), remove_alice, call_tool("whoami", "2"))
    message = office.ask()
    assert [tool.ok for tool in message.tools] == [False, False]
    assert message.tools[0].summary == "the tool whoami failed unexpectedly (RuntimeError)"
    assert "not a member" in message.tools[1].summary
    assert office.review.reviewed[-1]["results"] == []


@pytest.mark.every_store
def test_an_answer_is_cancelled_by_its_user_or_an_owner_also_from_another_process(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_answer, "STORE_S", 0.05)

    def cancel_here(conversation_id: str) -> None:
        mine.cancel(ALICE, conversation_id)

    def cancel_elsewhere(conversation_id: str) -> None:
        office.open().cancel(ADMIN, conversation_id)

    def delete_elsewhere(conversation_id: str) -> None:
        office.conversations.delete(ALICE, conversation_id)

    ways: dict[Callable[[str], None], str] = {
        cancel_here: "cancelled by alice",
        cancel_elsewhere: "cancelled by admin",
        delete_elsewhere: "the conversation was deleted",
        lambda _: mine.stop(wait_s=2.0): "the process of the answer was ended",
    }
    for cancel, reason in ways.items():
        mine = office.open(TextPart("Well"), wait_for_cancel)
        answer = office.start(shared=True)
        events = iter(answer)
        next(events)
        conversation_id = answer.message.conversation_id
        with pytest.raises(ConflictError, match="still being answered"):
            office.start("Me too?", BOB, conversation_id)
        with pytest.raises(AccessDeniedError, match="alice asked this question"):
            mine.cancel(BOB, conversation_id)
        cancel(conversation_id)
        message = finish(answer)
        assert (message.state, message.error) == ("cancelled", reason)
        assert message.answer.startswith("Well")
    with office.store.read() as snapshot:
        assert snapshot.count("conversation_message", {}) == 3


def test_another_user_cancels_neither_a_silent_answer_nor_the_one_before_their_question(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_answer, "STORE_S", 60.0)
    here = office.open(TextPart("Well"), wait_for_cancel)
    answer = office.start(shared=True)
    next(iter(answer))
    conversation_id = answer.asked.conversation_id
    office.clock.forward(seconds=31)
    with pytest.raises(AccessDeniedError, match="alice asked this question"):
        here.cancel(BOB, conversation_id)
    elsewhere = office.open(wait_for_cancel)
    later = office.start("And now?", BOB, conversation_id)
    here.cancel(BOB, conversation_id)
    assert not answer.is_stopped()
    elsewhere.cancel(BOB, conversation_id)
    assert finish(later).error == "cancelled by bob"
    answer.cancel("enough")
    assert finish(answer).answer.startswith("Well")


def test_the_end_of_the_process_waits_for_an_answer_whose_text_is_still_reviewed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_reviewed, may_end, tick = threading.Event(), threading.Event(), threading.Event()

    def review_slowly(_access: object, message: ConversationMessageModel, **_: object) -> Any:
        is_reviewed.set()
        assert may_end.wait(10)
        return message

    monkeypatch.setattr(office.review, "review", review_slowly)
    office.open(TextPart("Yes."), UsagePart(100, 20))
    answer = office.start()
    assert is_reviewed.wait(10)
    while office.answers.count_running():
        tick.wait(0.01)
    wait = answer.wait

    def end_and_wait(timeout_s: float) -> bool:
        may_end.set()
        return wait(timeout_s)

    monkeypatch.setattr(answer, "wait", end_and_wait)
    office.answers.stop(wait_s=10.0)
    view = office.conversations.show(ALICE, answer.asked.conversation_id)
    assert [one.state for one in view.messages] == ["completed"]


@pytest.mark.parametrize("name", ["1", "1-record"])
def test_an_answer_without_a_thread_fails_and_takes_no_place_and_no_tokens(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("qdash-answer-") and thread.name.endswith(f"-{name}"):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    office.open(TextPart("Yes."))
    message = office.ask()
    assert (message.state, "no further thread" in message.error) == ("failed", True)
    assert office.answers.count_running() == office.answers.get_status(ALICE).budgets.used == 0
    assert office.conversations.show(ALICE, message.conversation_id).messages == [message]


def test_an_answer_of_this_process_is_never_interrupted_and_can_be_cancelled_while_the_store_is_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_answer, "STORE_S", 60.0)
    office.open(TextPart("Well"), wait_for_cancel)
    answer = office.start(shared=True)
    next(iter(answer))
    conversation_id = answer.asked.conversation_id
    office.clock.forward(minutes=1)
    with pytest.raises(ConflictError, match="still being answered"):
        office.start("Me too?", BOB, conversation_id)
    assert office.conversations.show(BOB, conversation_id).messages[0].state == "running"
    with monkeypatch.context() as away:
        away.setattr(office.store, "transaction", make_raising(StoreUnavailableError("the disk is full")))
        assert office.answers.cancel(ALICE, conversation_id).messages[0].state == "running"
        assert answer.is_stopped()
    assert finish(answer).error == "cancelled by alice"


def test_cancelling_an_answer_whose_process_died_ends_it_sooner_and_never_later(office: Office) -> None:
    office.open(TextPart("Yes."))
    message = office.ask()
    died = message.model_copy(update={"state": AnswerState.RUNNING, "updated_at": office.clock.now})
    office.repositories.of(ConversationMessageRepository).put(died)
    states = []
    for _ in range(4):
        office.clock.forward(seconds=4)
        states.append(office.answers.cancel(ALICE, message.conversation_id).messages[0].state)
    assert states == ["running", "running", "running", "interrupted"]
    assert office.ask(conversation_id=message.conversation_id).number == 2


@pytest.mark.parametrize("later", [interrupted_answers.SILENCE, timedelta(hours=-1)])
def test_an_answer_whose_process_died_counts_as_interrupted_and_its_reserved_tokens_stay_counted(
    office: Office, later: timedelta
) -> None:
    office.open(TextPart("Yes."))
    message = office.ask()
    died = message.model_copy(
        update={
            "state": AnswerState.RUNNING,
            "ended_at": None,
            "updated_at": office.clock.now,
            "budget_tokens": 10_000,
        }
    )
    office.repositories.of(ConversationMessageRepository).put(died)
    with pytest.raises(ConflictError):
        office.ask(conversation_id=message.conversation_id)
    office.clock.forward(seconds=later.total_seconds())
    [shown] = office.conversations.show(ALICE, message.conversation_id).messages
    assert (shown.state, shown.answer) == ("interrupted", "Yes.")
    office.ask(conversation_id=message.conversation_id)
    stored = office.repositories.of(ConversationMessageRepository).find("default", message.conversation_id, 1)
    assert stored is not None
    assert stored.state == "interrupted"
    assert stored.budget_tokens == 10_000


def test_a_question_is_refused_before_anything_is_stored(office: Office) -> None:
    office.open(TextPart("Yes."), most_answers=1)
    with pytest.raises(InvalidInputError, match="the question is empty"):
        office.ask(" \n ")
    with pytest.raises(NotFoundError, match="chip"):
        office.ask(chip_id="nowhere")
    with pytest.raises(AccessDeniedError, match="this takes editor"):
        office.ask(access=VERA)
    office.assistant.reason = "QDASH_ASSISTANT_MODEL is not set"
    with pytest.raises(
        AssistantError, match="the assistant scripted is off: QDASH_ASSISTANT_MODEL is not set"
    ):
        office.ask()
    assert list_ids(office, ALICE) == []
    office.open(TextPart("Yes."), wait_for_cancel, most_answers=2, most_answers_per_user=1)
    running = [office.start()]
    with pytest.raises(TooManyError, match=r"your limit of running answers is reached \(1\): wait for one"):
        office.ask()
    running.append(office.start(access=BOB))
    assert office.answers.count_running() == 2
    with pytest.raises(TooManyError, match=r"running answers of this process is reached \(2\): try again"):
        office.ask(access=ADMIN)
    for one in running:
        one.cancel("enough")
        finish(one)
    office.assistant = ScriptedAssistant(TextPart("Yes."))
    assert ask_when_possible(office).state == "completed"


def test_a_conversation_has_a_limited_number_of_questions(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST_MESSAGES", 1)
    office.open(TextPart("Yes."))
    first = office.ask().conversation_id
    with pytest.raises(InvalidInputError, match="begin a new one"):
        office.ask(conversation_id=first)


def test_the_first_configured_assistant_answers_unless_a_setting_names_another() -> None:
    off, ready = ScriptedAssistant(), ScriptedAssistant()
    off.name, off.reason = "off", "X is not set"

    def select(name: str | None = None, *installed: ScriptedAssistant) -> AssistantSelection:
        return AssistantSelection(lambda: {one.name: one for one in installed}, name)

    assert select(None, off, ready).require_ready()[0] is ready
    assert select(None, off).get_state().reason == "X is not set"
    assert select("off", ready, off).get_state().name == "off"
    with pytest.raises(
        AssistantError, match=r"no assistant 'other' \(installed are off\): change QDASH_ASSISTANT"
    ):
        select("other", off).require_ready()
    with pytest.raises(AssistantError, match="no assistant is installed: `pip install"):
        select().require_ready()
