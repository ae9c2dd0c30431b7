"""`qdash ask`: an answer on the terminal, conversations, and the state of the assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_cli.main import run
from qdash_core.errors import AssistantError
from qdash_core.hooks.assistants import TextPart, ToolCallPart, UsagePart
from qdash_core.hooks.manager import load_plugins

from ...scripted_assistant import AssistantPlugin, ScriptedAssistant, call_tool

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


@pytest.fixture
def assistant(monkeypatch: pytest.MonkeyPatch, no_settings: None) -> ScriptedAssistant:
    """The installed assistant."""
    made = ScriptedAssistant(
        call_tool("nothing"),
        TextPart("Qubit 0 "),
        TextPart("is \x1b[31mfine."),
        UsagePart(1200, 30, 0.5, "USD"),
    )
    registry = load_plugins(extra={"script": AssistantPlugin(made)})
    monkeypatch.setenv("QDASH_ASSISTANT", made.name)
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    return made


def test_a_question_is_answered_on_the_terminal_and_its_conversation_is_shown_shared_and_deleted(
    command: InProcess, assistant: ScriptedAssistant
) -> None:
    assert "no conversations: `qdash ask" in command.does("ask", "list")
    said = command.does("ask", "How is qubit 0?")
    assert said.startswith(
        "Qubit 0 is \N{REPLACEMENT CHARACTER}[31mfine.\n! without a citation: Qubit 0 is \N{REPLACEMENT CHARACTER}[31mfine.\n(small-model; 1,200 tokens read, 30 written; 0.5000 USD; 1 tool call; "
    )
    [listed] = command.read_json("ask", "list")
    assert (listed["title"], listed["shared"]) == ("How is qubit 0?", False)
    message = command.read_json("ask", "--conversation", "last", "And qubit 1?")
    assert (message["conversation_id"], message["number"]) == (listed["conversation_id"], 2)
    shown = command.does("ask", "show", listed["conversation_id"][:5])
    assert "question 2 (admin, " in shown
    assert "[nothing: failed: 'nothing', 0.1 s]" in shown
    assert "is shared with the project: Qubit 0" in command.does(
        "ask", "edit", "last", "--share", "--title", "Qubit 0"
    )
    assert "would be deleted permanently: use --yes" in command.run_refused("ask", "delete", "last")
    assert "was deleted" in command.does("ask", "delete", "last", "--yes")
    assert "no conversation yet" in command.run_refused("ask", "show", "last")
    assert "used by you" in command.does("ask", "status")


def test_an_answer_that_ends_early_fails_and_an_absent_assistant_names_what_to_do(
    command: InProcess, assistant: ScriptedAssistant
) -> None:
    called = ToolCallPart("1", "nothing", {})
    assistant.script = [
        TextPart("Ha\u200blf\U000e0041"),
        called,
        AssistantError("the endpoint closed the connection"),
    ]
    assert run(["ask", "Why?"]) == 1
    said = command.capture.readouterr()
    shown = "Ha\N{REPLACEMENT CHARACTER}lf\N{REPLACEMENT CHARACTER}"
    assert f"{shown}\n(incomplete: the endpoint closed the connection)" in said.out
    assert "[nothing: outcome unknown]" in command.does("ask", "show", "last")
    assistant.reason = "QDASH_ASSISTANT_MODEL is not set"
    assert "the assistant scripted is off: QDASH_ASSISTANT_MODEL is not set" in command.run_refused(
        "ask", "Why?"
    )
    assert command.read_json("ask", "status")["ready"] is False


def test_marks_and_proposals_are_shown_and_a_proposal_is_confirmed_once(
    command: InProcess, assistant: ScriptedAssistant
) -> None:
    command.does("chip", "create", "a", "--topology", "linear-16")
    issue = {"title": "Dead line", "text": "Q0", "chip_id": "a", "targets": ["0"], "reason": "to repair it"}
    assistant.script = [
        call_tool("propose_issue", "1", **issue),
        call_tool("propose_exclude", "2", chip_id="a", targets=["0"], reason="dead"),
        TextPart("Q0 failed. See [result:0123456789] and ![x](https://x.example/a.png)."),
    ]
    said = command.does("ask", "--chip", "a", "What is wrong?")
    assert (
        "! unresolved (no such record, or the user who asked may not see it): [result:0123456789]\n! without a citation: Q0 failed.\n"
        in said
    )
    assert (
        "proposal 1 (drafted): Open an issue: Dead line.\n  title: Dead line\n  text: Q0\n  chip_id: a\n  targets: 0\n"
        "  reason of the assistant: to repair it\n" in said
    )
    assert "x (https://x.example/a.png)" in command.does("ask", "show", "last")
    for _ in range(2):
        assert "(confirmed): Open an issue" in command.does("ask", "confirm", "last", "1", "1")
    assert "drafted by assistant scripted with small-model" in command.does("issue", "show", "1")
    assert "(discarded)" in command.does("ask", "discard", "last", "1", "2")
    assert "was discarded by admin" in command.run_refused("ask", "confirm", "last", "1", "2")
