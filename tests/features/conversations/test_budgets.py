"""Budgets of tokens: reserved before an answer, settled after it, and not exceeded by simultaneous questions."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_core.errors import AssistantError, StoreUnavailableError, TooManyError
from qdash_core.hooks.assistants import TextPart, UsagePart

from ...scripted_assistant import ScriptedAssistant, wait_for_cancel
from .conftest import ALICE, BOB, finish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.repositories.store import Store

    from .conftest import Office


def count_used(office: Office) -> tuple[int, int]:
    """Return the tokens that alice has used today, and all users."""
    state = office.answers.get_status(ALICE).budgets
    return state.used_by_user, state.used


@pytest.mark.every_store
def test_simultaneous_questions_share_the_budget_of_the_day(office: Office) -> None:
    office.open(TextPart("Well"), wait_for_cancel, per_day=20_000, most_answers=8, most_answers_per_user=8)

    def ask(number: int) -> bool:
        try:
            answer = office.start(access=ALICE if number % 2 else BOB)
        except TooManyError:
            return False
        running.append(answer)
        return True

    running: list = []
    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(ask, range(6))) == 2
    assert count_used(office)[1] == 20_000
    with pytest.raises(
        TooManyError, match=r"the budget of the project .* is used up: 20,000 of 20,000 tokens"
    ):
        office.ask()
    office.answers.stop(wait_s=2.0)


def test_a_user_learns_when_the_budget_is_renewed_in_the_zone_of_the_home(office: Office) -> None:
    office.open(TextPart("Yes."), UsagePart(900, 100), per_user_day=2_000, zone=ZoneInfo("Asia/Tokyo"))
    office.ask()
    assert office.assistant.asked[-1]["limits"].max_tokens == 2_000
    office.ask()
    assert office.assistant.asked[-1]["limits"].max_tokens == 1_000
    with pytest.raises(
        TooManyError, match=r"your budget .* 2,000 of 2,000 tokens on .* it is renewed at .* 00:00"
    ) as refused:
        office.ask()
    assert office.ask(access=BOB).state == "completed"
    office.clock.forward(seconds=refused.value.retry_after_s)
    assert count_used(office) == (0, 0)
    assert office.ask().state == "completed"


@pytest.mark.parametrize(("budget", "name"), [("per_user_day", "USER_DAY"), ("per_day", "DAY")])
def test_a_budget_of_zero_turns_questions_off(office: Office, budget: str, name: str) -> None:
    office.open(TextPart("Yes."), **{budget: 0})
    with pytest.raises(AssistantError, match=rf"turned off .*QDASH_ASSISTANT_TOKENS_PER_{name}=0"):
        office.ask()


@pytest.mark.parametrize(
    ("script", "counted"),
    [
        ((TextPart("Yes."), UsagePart(100, 20)), 120),
        ((UsagePart(100, 20), UsagePart(300, 40)), 460),
        ((AssistantError("refused"),), 0),
        ((TextPart("Yes."), UsagePart(100, 20), AssistantError("broken between two requests")), 120),
        ((TextPart("Half"), AssistantError("broken")), 10_000),
        ((UsagePart(100, 20), TextPart("Half"), AssistantError("broken")), 10_000),
        ((TextPart("An endpoint that reports no tokens."),), 10_000),
    ],
)
def test_tokens_that_the_model_did_not_report_count_as_reserved(
    office: Office, script: tuple[object, ...], counted: int
) -> None:
    office.open(*script)
    assert office.ask().budget_tokens == counted
    assert count_used(office) == (counted, counted)


@pytest.mark.parametrize(("reported", "counted"), [(UsagePart(700, 0), 700), (None, 10_000)])
def test_a_question_that_is_cancelled_before_the_first_word_counts(
    office: Office, reported: UsagePart | None, counted: int
) -> None:
    never = threading.Event()

    def think(_tools: object, cancelled: Callable[[], bool]) -> Iterator[UsagePart]:
        while not cancelled():
            never.wait(0.01)
        if reported is None:
            never.wait(5.0)
        else:
            yield reported

    office.open(think)
    answer = office.start()
    answer.cancel("changed my mind")
    assert finish(answer).budget_tokens == counted
    assert count_used(office) == (counted, counted)
    never.set()


def test_an_assistant_without_a_model_needs_no_budget(office: Office) -> None:
    office.open(per_user_day=0)
    with pytest.raises(AssistantError):
        office.ask()
    office.assistant = ScriptedAssistant(TextPart("The record says yes."), model=None)
    message = office.ask()
    assert (message.state, message.budget_tokens, message.input_tokens) == ("completed", 0, None)


def test_tokens_are_settled_once_if_the_store_loses_its_answer_to_the_commit(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.open(TextPart("Yes."), UsagePart(100, 20))
    transaction, losses = type(office.store).transaction, [StoreUnavailableError("the connection was lost")]

    @contextmanager
    def lose_the_answer(store: Store, **options: Any) -> Iterator[Any]:
        with transaction(store, **options) as opened:
            yield opened
        if threading.current_thread().name.endswith("-record") and options.get("durable", True) and losses:
            raise losses.pop()

    monkeypatch.setattr(type(office.store), "transaction", lose_the_answer)
    assert office.ask().state == "completed"
    assert losses == []
    assert count_used(office) == (120, 120)


def test_tokens_still_count_when_their_conversation_is_deleted(office: Office) -> None:
    office.open(TextPart("Yes."), UsagePart(100, 20))
    office.conversations.delete(ALICE, office.ask().conversation_id)
    assert count_used(office) == (120, 120)
