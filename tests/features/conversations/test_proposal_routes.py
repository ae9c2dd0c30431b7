"""Proposals of assistants over HTTP: shown with the answer, confirmed once, refused to users without the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.people.audit import AuditFilter
from qdash_builtin.people.feature import AUDIT_LOG
from qdash_core.hooks.assistants import TextPart
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.pages import PageRequest
from qdash_core.models.token import TokenScope

from ...api.chip_samples import get_refusal, make_chip
from ...api.conftest import Host, run_host
from ...scripted_assistant import AssistantPlugin, ScriptedAssistant, call_tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from qdash_core.settings import Settings


def propose(call_id: str, target: str) -> Any:
    return call_tool("propose_exclude", call_id, chip_id="a", targets=[target], reason="dead line")


@pytest.fixture
def host(settings: Settings) -> Iterator[Host]:
    script = [
        call_tool("chip_values", "1"),
        propose("2", "0"),
        propose("3", "1"),
        TextPart("Exclude Q00 [task:None]. ![x](https://evil.example/x.png)"),
    ]
    with run_host(
        settings, load_plugins(extra={"script": AssistantPlugin(ScriptedAssistant(*script))})
    ) as found:
        yield found


def test_a_proposal_is_confirmed_once_by_a_user_who_may_write(
    host: Host, editor: TestClient, owner: TestClient, viewer: TestClient
) -> None:
    make_chip(editor)
    path = f"/conversations/{editor.post('/conversations', json={'chip_id': 'a', 'shared': True}).json()['conversation_id']}"
    assert editor.post(f"{path}/questions", json={"question": "What is wrong?"}).status_code == 200
    [message] = viewer.get(path).json()["messages"]
    assert [one["ok"] for one in message["tools"]] == [True, True, True]
    assert [(one["text"], one["state"]) for one in message["citations"]] == [("[task:None]", "unresolved")]
    assert [(one["summary"], one["state"]) for one in message["proposals"]] == [
        ("Exclude qubit 0 of chip a from flows.", "drafted"),
        ("Exclude qubit 1 of chip a from flows.", "drafted"),
    ]
    proposals = f"{path}/messages/1/proposals"
    for refused in (viewer, host.connect_as("editor", TokenScope.READ)):
        for action in ("confirm", "discard"):
            assert refused.post(f"{proposals}/1/{action}").status_code == 403
    assert "no proposal '9'" in get_refusal(owner.post(f"{proposals}/9/confirm"), 404)

    confirmed = owner.post(f"{proposals}/1/confirm").json()
    assert (confirmed["state"], confirmed["decided_by"], confirmed["route"]) == (
        "confirmed",
        "owner",
        "/chips/a",
    )
    assert owner.post(f"{proposals}/1/confirm").json() == confirmed
    assert "was confirmed by owner" in get_refusal(editor.post(f"{proposals}/1/confirm"), 409)
    note = editor.get("/chips/a/qubits/0/note").json()["note"]
    assert note["updated_by"] == "owner"
    assert note["content"].startswith(
        "dead line (drafted by assistant scripted with small-model, conversation "
    )
    assert owner.post(f"{proposals}/2/discard").json()["state"] == "discarded"
    assert "was discarded" in get_refusal(owner.post(f"{proposals}/2/confirm"), 409)
    rows = (
        host.qdash.get(AUDIT_LOG)
        .list_by_project(host.qdash.access("owner"), PageRequest(), AuditFilter())
        .items
    )
    [last, *_] = [one for one in rows if one.path == f"{proposals}/1/confirm" and one.status == 200]
    [drafted] = last.changes
    conversation = path.rpartition("/")[2]
    assert (last.username, drafted.field, drafted.after) == (
        "owner",
        "drafted_by",
        f"assistant scripted with small-model, conversation {conversation}, question 1",
    )
