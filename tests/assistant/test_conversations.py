"""Conversations with the language model: the messages that are stored, with citations and proposals, and without the key."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from qdash_assistant.assistant import LanguageModelAssistant
from qdash_builtin.conversations.feature import ANSWERS, CONVERSATIONS
from qdash_builtin.conversations.models.citation import CitationState
from qdash_builtin.conversations.models.conversation import AnswerState
from qdash_builtin.conversations.tools.answer_tools import AnswerTools
from qdash_cli.main import run
from qdash_core import Parameter
from qdash_core.hooks.manager import Registry

from ..access import ADMIN
from ..core.bench import CHIP, Bench, make_task
from .conftest import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from qdash_assistant.testing.scripted_endpoint import ScriptedEndpoint
    from qdash_builtin.conversations.models.conversation import ConversationMessageModel

    Serve = Callable[..., ScriptedEndpoint]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    task = make_task("T1", {"t1": Parameter(20.0, 0.5, "us")})
    made = Bench.open(tmp_path, f"sqlite:///{tmp_path}/qdash.db", task)
    installed = LanguageModelAssistant()
    monkeypatch.setattr(Registry, "assistants", lambda _: {installed.name: installed})
    yield made
    made.qdash.close()


def ask(bench: Bench, question: str = "What is T1 of qubit 0?") -> ConversationMessageModel:
    qdash = bench.qdash
    answer = qdash.get(ANSWERS).ask(ADMIN, None, question, AnswerTools(qdash), chip_id=CHIP)
    assert answer.wait(60.0)
    return qdash.get(CONVERSATIONS).show(ADMIN, answer.message.conversation_id).messages[-1]


def test_an_answer_is_stored_with_citations_proposals_tokens_and_cost(serve: Serve, bench: Bench) -> None:
    task_id = bench.run("T1").task_id
    drafted = {"title": "T1 is short", "text": "Measure again.", "task_id": task_id, "reason": "asked for"}
    serve(
        {"tool_calls": [{"name": "list_results", "arguments": {"task": "T1"}}]},
        {"tool_calls": [{"name": "propose_issue", "arguments": drafted}]},
        {
            "text": "T1 of qubit 0 is 20 µs [result:<<list_results:items.0.task_id>>]. It was 30 µs [result:12345678]."
        },
        INPUT_PRICE="1",
        OUTPUT_PRICE="5",
    )

    message = ask(bench)

    assert (message.state, message.error) == (AnswerState.COMPLETED, "")
    assert f"[result:{task_id}]" in message.answer
    assert [one.state for one in message.citations] == [CitationState.RESOLVED, CitationState.UNRESOLVED]
    assert [(tool.name, tool.ok) for tool in message.tools] == [
        ("list_results", True),
        ("propose_issue", True),
    ]
    assert [proposal.kind for proposal in message.proposals] == ["issue"]
    assert (message.input_tokens, message.output_tokens, message.currency) == (300, 60, "USD")
    assert message.cost == pytest.approx(0.0006)


def test_only_a_model_that_reads_pictures_is_offered_them(serve: Serve, bench: Bench) -> None:
    for settings in ({}, {"PICTURES": "1"}):
        endpoint = serve({"text": "It is well."}, **settings)
        ask(bench)
        offered = {one["function"]["name"] for one in endpoint.requests[0].body["tools"]}
        assert ("figure_picture" in offered) is bool(settings)
        assert bench.qdash.get(ANSWERS).get_status(ADMIN).assistant.reads_pictures is bool(settings)


@pytest.mark.slow  # a browser draws: its smaller siblings are in test_answers.py and core/assistants/test_pictures.py
def test_a_model_that_reads_pictures_gets_the_figure_of_a_result(serve: Serve, bench: Bench) -> None:
    task_id = bench.run("T1").task_id
    look = {"tool_calls": [{"name": "figure_picture", "arguments": {"task_id": task_id}}]}
    endpoint = serve(look, {"text": "It rises <<figure_picture:cite>>."}, PICTURES="1")

    message = ask(bench)

    assert (message.state, message.error) == (AnswerState.COMPLETED, "")
    [picture] = endpoint.requests[1].pictures
    assert (picture[:8], picture[-8:-4]) == (b"\x89PNG\r\n\x1a\n", b"IEND")
    assert [int.from_bytes(picture[place : place + 4], "big") for place in (16, 20)] == [820, 520]
    assert [one.state for one in message.citations] == [CitationState.RESOLVED]
    [tool] = message.tools
    assert (tool.name, tool.arguments, tool.ok) == ("figure_picture", {"task_id": task_id}, True)
    assert "picture of 820×520 pixels" in tool.summary
    assert len(message.model_dump_json()) < 5_000, "the record has the picture"


def test_an_answer_that_breaks_off_is_incomplete_and_the_budget_counts_it(serve: Serve, bench: Bench) -> None:
    serve({"text": "T1 of qubit 0 is", "cut": True})

    message = ask(bench)

    assert (message.state, message.answer) == (AnswerState.INCOMPLETE, "T1 of qubit 0 is")
    assert "broke off its answer: ask again" in message.error
    assert 0 < message.budget_tokens < message.reserved_tokens


def test_an_answer_that_ends_after_its_calls_counts_the_reported_tokens(serve: Serve, bench: Bench) -> None:
    usage = {"input": 99_000, "output": 500}
    serve({"tool_calls": [{"name": "list_chips"}], "usage": usage}, INPUT_PRICE="1", OUTPUT_PRICE="5")

    message = ask(bench)

    assert "needs more than its 100000 tokens" in message.error
    assert (message.budget_tokens, message.cost) == (99_500, pytest.approx(0.1015))


def test_the_key_is_in_no_record_log_and_output(
    serve: Serve,
    bench: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    serve(
        {"text": ["It is ", KEY[:7], KEY[7:]], "tool_calls": [{"name": KEY, "arguments": {"chip_id": KEY}}]},
        {"status": 400, "body": f'{{"error": {{"message": "{KEY} is wrong"}}}}'},
    )

    message = ask(bench)
    assert run(["plugins", "list", "--json"]) == 0
    run(["doctor", "--json"])
    run(["plugins", "list"])

    assert message.state is AnswerState.INCOMPLETE
    assert "[key] is wrong" in message.error
    output = "".join(capfd.readouterr())
    assert "qdash-assistant" in output
    assert KEY not in output
    assert KEY not in caplog.text
    assert KEY not in repr(message)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(b"[key] is wrong" in path.read_bytes() for path in files)
    assert [path.name for path in files if KEY.encode() in path.read_bytes()] == []
