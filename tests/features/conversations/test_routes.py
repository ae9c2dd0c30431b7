"""Conversations over HTTP: streamed answers, refusals, disconnected clients."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.conversations import ask_host
from qdash_builtin.people.audit import AuditFilter
from qdash_builtin.people.feature import AUDIT_LOG
from qdash_core.errors import AssistantError, TooManyError
from qdash_core.hooks.assistants import TextPart, UsagePart
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.pages import PageRequest
from qdash_core.models.token import TokenScope
from qdash_core.settings import Settings

from ...api.chip_samples import get_refusal, make_chip
from ...api.conftest import Host, run_host
from ...api.sockets import run_host as run_host_on_sockets
from ...client.test_connection import connect_as
from ...scripted_assistant import AssistantPlugin, ScriptedAssistant, call_tool, wait_for_cancel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant(TextPart("Qubit 0\nis "), TextPart("fine."), UsagePart(100, 20, 0.5, "USD"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", assistant="scripted")


@pytest.fixture
def host(settings: Settings, assistant: ScriptedAssistant) -> Iterator[Host]:
    with run_host(settings, load_plugins(extra={"script": AssistantPlugin(assistant)})) as found:
        yield found


def check(answer: Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def read_events(answer: Response) -> list[tuple[str, Any]]:
    """Return the names and documents of the events of a stream."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for message in answer.text.replace("\r\n", "\n").strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in message.split("\n"))
        found.append((fields["event"], json.loads(fields["data"])))
    return found


def begin(client: TestClient, **fields: Any) -> str:
    return check(client.post("/conversations", json=fields), 201)["conversation_id"]


def test_a_conversation_is_asked_in_shared_renamed_and_deleted(
    host: Host, editor: TestClient, owner: TestClient, viewer: TestClient
) -> None:
    make_chip(editor)
    path = f"/conversations/{begin(editor, chip_id='a')}"
    events = read_events(editor.post(f"{path}/questions", json={"question": "How is qubit 0?"}))
    assert [name for name, _ in events] == ["start", "text", "text", "usage", "done"]
    assert [document["text"] for name, document in events if name == "text"] == ["Qubit 0\nis ", "fine."]
    (_, started), (_, ended) = events[0], events[-1]
    assert (started["number"], started["state"]) == (1, "running")
    assert (ended["state"], ended["answer"], ended["cost"]) == ("completed", "Qubit 0\nis fine.", 0.5)
    shown = check(editor.get(path))
    assert shown["messages"] == [{name: one for name, one in ended.items() if name != "conversation_id"}]
    assert (shown["title"], shown["chip_id"], shown["shared"]) == ("How is qubit 0?", "a", False)
    assert "no conversation" in get_refusal(viewer.get(path), 404)
    assert "no conversation" in get_refusal(owner.patch(path, json={"shared": True}), 404)
    check(editor.patch(path, json={"title": "Qubit 0", "shared": True}))
    assert [
        one["title"] for one in check(viewer.get("/conversations", params={"chip_id": "a"}))["items"]
    ] == ["Qubit 0"]
    assert check(viewer.get("/conversations", params={"chip_id": "b"}))["items"] == []
    for refused in (
        viewer.post(f"{path}/questions", json={"question": "Me?"}),
        viewer.post("/conversations", json={}),
        viewer.delete(path),
        host.connect_as("editor", TokenScope.READ).delete(path),
        owner.patch(path, json={"shared": False}),
    ):
        assert refused.status_code == 403, refused.text
    assert check(editor.post(f"{path}/cancel"))["messages"] == shown["messages"]
    assert owner.delete(path).status_code == 204
    assert "no conversation" in get_refusal(editor.get(path), 404)


def test_the_assistant_shows_the_budgets_and_refusals_say_which_is_used_up(
    host: Host, editor: TestClient, assistant: ScriptedAssistant
) -> None:
    owner = host.connect_as("owner", TokenScope.WRITE)
    state = check(owner.get("/assistant"))
    assert (state["name"], state["can_ask"], state["model"]) == ("scripted", True, "small-model")
    assert state["tokens_left"] == state["user"]["budget"] == 500_000
    conversation = begin(owner)
    assistant.script = [UsagePart(499_000, 900)]
    read_events(owner.post(f"/conversations/{conversation}/questions", json={"question": "Why?"}))
    state = check(owner.get("/assistant"))
    assert (state["user"]["used"], state["tokens_left"], state["can_ask"]) == (499_900, 100, False)
    assert 'qdash_answer_tokens_total{direction="written"} 900.0' in owner.get("/prometheus").text
    client = connect_as(host, "owner")
    with pytest.raises(
        TooManyError, match="your budget for the assistant is used up: 499,900 of 500,000 tokens"
    ):
        next(iter(ask_host(client, conversation, "Why?")))
    assistant.reason = "QDASH_ASSISTANT_MODEL is not set"
    assert check(owner.get("/assistant"))["reason"] == "QDASH_ASSISTANT_MODEL is not set"
    with pytest.raises(
        AssistantError, match="the assistant scripted is off: QDASH_ASSISTANT_MODEL is not set"
    ):
        next(iter(ask_host(client, conversation, "Why?")))


def test_a_reading_token_asks_nothing_and_the_audit_log_has_questions_without_their_texts(
    host: Host, editor: TestClient
) -> None:
    path = f"/conversations/{begin(editor)}/questions"
    reading = host.connect_as("editor", TokenScope.READ)
    assert reading.post(path, json={"question": "Why?"}).status_code == 403
    read_events(editor.post(path, json={"question": "A secret?"}))
    rows = (
        host.qdash.get(AUDIT_LOG)
        .list_by_project(host.qdash.access("owner"), PageRequest(), AuditFilter())
        .items
    )
    [asked] = [row for row in rows if row.operation == "ask_question"]
    assert (asked.username, asked.path, asked.status) == ("editor", path, 200)
    assert not any("secret" in row.model_dump_json() for row in rows)


def test_the_client_receives_an_answer_that_ends_early_with_its_text(
    host: Host, editor: TestClient, assistant: ScriptedAssistant
) -> None:
    assistant.script = [
        call_tool("missing"),
        TextPart("Half"),
        AssistantError("the endpoint closed the connection"),
    ]
    events = list(ask_host(connect_as(host, "owner"), begin(editor, shared=True), "Why?"))
    assert [type(one).__name__ for one in events] == [
        "AskedDocument", "ToolCallDocument", "ToolResultDocument", "AnswerTextDocument", "AskedDocument",
    ]  # fmt: skip
    metrics = editor.get("/prometheus").text
    assert 'qdash_answers_total{state="incomplete"} 1.0' in metrics
    assert "qdash_answers_running" in metrics
    assert (events[-1].state, events[-1].error, events[-1].answer) == (  # type: ignore[union-attr]
        "incomplete",
        "the endpoint closed the connection",
        "Half",
    )


def test_a_client_that_disconnects_cancels_the_answer_and_its_text_is_kept(
    settings: Settings, assistant: ScriptedAssistant
) -> None:
    assistant.script = [TextPart("Half"), wait_for_cancel]
    plugin = AssistantPlugin(assistant)
    with run_host_on_sockets(settings, load_plugins(extra={"script": plugin})) as sockets:
        conversation = json.loads(sockets.send_request("POST", "/conversations", {}).body)["conversation_id"]
        body = json.dumps({"question": "Why?"}).encode()
        connection = sockets.send("POST", f"/conversations/{conversation}/questions", body)
        received = b""
        while b"event: text" not in received:
            part = connection.recv(65536)
            assert part, received
            received += part
        # Other requests are answered meanwhile.
        shown = json.loads(sockets.send_request("GET", f"/conversations/{conversation}").body)
        assert shown["messages"][0]["state"] == "running"
        connection.close()
        assert assistant.closed.wait(10)
        tick = threading.Event()
        while (
            message := json.loads(sockets.send_request("GET", f"/conversations/{conversation}").body)[
                "messages"
            ][0]
        )["state"] == "running":
            tick.wait(0.02)
        assert (message["state"], message["error"]) == ("cancelled", "the connection of the user ended")
        assert message["answer"].startswith("Half")
