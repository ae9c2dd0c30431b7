"""Page of the assistant: questions, answers with citations and marks, proposals, budgets, rights, and the state without an assistant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.conversations.feature import CONVERSATIONS, PROPOSALS
from qdash_builtin.conversations.models.proposal import ProposalState
from qdash_builtin.conversations.pages import assistant
from qdash_builtin.conversations.pages import conversation as conversation_page
from qdash_builtin.conversations.repository import ConversationMessageRepository
from qdash_builtin.people.feature import MEMBERS
from qdash_core.hooks.assistants import TextPart, ToolCallPart, ToolResultPart, UsagePart
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories

from ...api.conftest import Host, run_host
from ...core.bench import LINE
from ...scripted_assistant import AssistantPlugin, ScriptedAssistant, call_tool
from ...ui.conftest import DashboardPages
from ..issues.pages.conftest import SPITEFUL, join_html, join_texts, list_buttons, press

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.testing.v1 import AppTest

    from qdash_builtin.conversations.models.conversation import ConversationModel
    from qdash_core.settings import Settings

pytestmark = pytest.mark.slow
TOKENS = 120
TASK_ID = "0f9e8a4e-57a1-4d0c-9d3e-0a2f6b1c7d55"


def propose(call_id: str, target: str) -> Any:
    return call_tool("propose_exclude", call_id, chip_id="a", targets=[target], reason=SPITEFUL)


@pytest.fixture
def script() -> ScriptedAssistant:
    return ScriptedAssistant(
        call_tool("chip_values", "1", chip_id="a"),
        ToolCallPart("4", "figure_picture", {"task_id": TASK_ID}),
        ToolResultPart("4", "figure_picture", ok=True, summary="a picture", seconds=2.0),
        propose("2", "0"),
        propose("3", "1"),
        TextPart(f"# Qubit 0\n\nT1 is **5 µs** [task:CheckT1], 7 µs [result:none]. {SPITEFUL}"),
        UsagePart(100, TOKENS - 100, 0.5, "USD"),
    )


def limit(settings: Settings, tokens: int) -> Settings:
    return settings.model_copy(
        update={
            "assistant": "scripted",
            "assistant_tokens_per_question": TOKENS,
            "assistant_tokens_per_user_day": tokens,
        }
    )


@pytest.fixture
def host(settings: Settings, script: ScriptedAssistant) -> Iterator[Host]:
    with run_host(limit(settings, TOKENS), load_plugins(extra={"script": AssistantPlugin(script)})) as found:
        found.qdash.get(CHIPS).create(found.qdash.access("owner"), "a", LINE, backend="fake")
        yield found


def list_conversations(host: Host, username: str) -> list[ConversationModel]:
    return [*host.qdash.get(CONVERSATIONS).page(host.qdash.access(username), PageRequest()).items]


def ask(host: Host, question: str = "How is qubit 0?", **address: str) -> AppTest:
    """Ask as the editor, and return the page with the answer."""
    page = DashboardPages(host).page(assistant.render, "editor", chip="a", **address)
    page.text_area[0].input(question)
    return press(page, "Ask")


def test_an_answer_is_shown_with_links_marks_tools_tokens_and_cost_and_texts_as_they_are(host: Host) -> None:
    page = DashboardPages(host).page(assistant.render, "editor", chip="a", target="0")
    assert page.text_area[0].value == "What is the state of qubit 0 of chip a, and what should I do next?"
    assert f"{TOKENS} tokens left for you today" in join_texts(page)
    page.text_area[0].input(SPITEFUL)
    page = press(page, "Ask")

    [conversation] = list_conversations(host, "editor")
    assert (conversation.n_messages, conversation.chip_id, conversation.shared) == (1, "a", False)
    html = join_html(page)
    assert "<strong>5 µs</strong>" in html
    assert 'href="/tasks?' in html
    assert "no such record" in html
    assert "Not backed by the record" in html
    assert "<code>chip_values</code>" in html
    assert re.search(f'href="/result\\?[^"]*{TASK_ID}">open the result', html)
    assert "100 tokens read, 20 written · 0.5000 USD" in html
    for forbidden in ("<img", "<script", 'href="javascript', 'outside.example"'):
        assert forbidden not in html
    assert "Too few tokens are left" in join_texts(page)
    assert "Ask" not in list_buttons(page)


def test_a_refused_question_keeps_its_text_and_leaves_no_conversation(
    host: Host, script: ScriptedAssistant
) -> None:
    page = DashboardPages(host).page(assistant.render, "editor")
    script.reason = "it has just been switched off"
    page.text_area[0].input("How is qubit 0?")
    page = press(page, "Ask")
    assert "it has just been switched off" in join_texts(page)
    assert list_conversations(host, "editor") == []

    off = join_texts(DashboardPages(host).page(assistant.render, "viewer"))
    assert "The assistant is off" in off
    assert "No conversation yet." in off


def test_questions_are_turned_off_by_a_budget_of_0_for_an_assistant_with_a_model(
    settings: Settings, script: ScriptedAssistant
) -> None:
    with run_host(limit(settings, 0), load_plugins(extra={"script": AssistantPlugin(script)})) as host:
        for model, is_off in (("small-model", True), (None, False)):
            script.model = model
            page = DashboardPages(host).page(assistant.render, "editor")
            assert ("turned off questions" in join_texts(page)) is is_off
            assert ("Ask" in list_buttons(page)) is not is_off


def test_older_questions_are_on_pages_of_their_own(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(host)
    [conversation] = list_conversations(host, "editor")
    messages = Repositories(host.qdash.store).of(ConversationMessageRepository)
    [first] = messages.list_by_conversation("default", conversation.conversation_id)
    ended = [one.model_copy(update={"ok": None}) for one in first.tools[:1]]
    messages.put(first.model_copy(update={"number": 2, "question": "And qubit 1?", "tools": ended}))
    monkeypatch.setattr(conversation_page, "_PAGE", 1)
    pages, address = DashboardPages(host), {"conversation": conversation.conversation_id}
    newest = join_html(pages.page(assistant.render, "editor", **address))
    assert "And qubit 1?" in newest
    assert "outcome unknown" in newest
    assert "How is qubit 0?" not in newest
    [cursor] = re.findall(r"after=([^\"&]+)", newest)
    oldest = join_html(pages.page(assistant.render, "editor", **address, after=unquote(cursor)))
    assert "How is qubit 0?" in oldest
    assert "Newest" in oldest
    assert "Older" not in oldest


def test_an_author_shares_renames_and_deletes_a_conversation_which_others_only_read(host: Host) -> None:
    ask(host)
    [conversation] = list_conversations(host, "editor")
    pages, address = DashboardPages(host), {"conversation": conversation.conversation_id}
    assert "There is no conversation" in pages.page(assistant.render, "viewer", **address).warning[0].value
    page = pages.page(assistant.render, "editor", **address)
    page = press(page, "Share with the project")
    page.text_input[0].input("Qubit 0 in November")
    page = press(page, "Save")
    assert page.title[0].value == "Qubit 0 in November"

    read = pages.page(assistant.render, "viewer", **address)
    assert "Proposal 1" in join_html(read)
    assert list_buttons(read) == []
    assert not read.text_area
    host.qdash.get(MEMBERS).change_role(host.qdash.access("owner"), "editor", ProjectRole.VIEWER)
    page = pages.page(assistant.render, "editor", **address)
    assert list_buttons(page) == ["Make private", "Delete …"]
    assert not page.text_area
    page = press(page, "Delete …")
    assert list_buttons(page)[-2:] == ["Delete", "Go back"]
    assert "cannot be restored" in join_texts(page)


def test_a_proposal_is_shown_before_it_is_confirmed_and_after_it_was_decided(host: Host) -> None:
    page = ask(host)
    page = press(page, "Confirm …")
    assert "Exclude qubit 0 of chip a from flows." in join_html(page)
    assert "with your rights" in join_texts(page)
    assert list_buttons(page)[-2:] == ["Confirm", "Go back"]
    assert "<img" not in join_html(page)
    [conversation] = list_conversations(host, "editor")
    place = host.qdash.access("editor"), conversation.conversation_id
    host.qdash.get(PROPOSALS).confirm(*place, 1, "1")
    page = press(page.run(), "Discard")  # of the second one, as the first one is decided
    [message] = host.qdash.get(CONVERSATIONS).show(*place).messages
    assert [one.state for one in message.proposals] == [ProposalState.CONFIRMED, ProposalState.DISCARDED]
    assert "confirmed by editor" in join_html(page)
    assert "open it" in join_html(page)
    assert "Confirm …" not in list_buttons(page)
