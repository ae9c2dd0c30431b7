"""Questions to the assistant, and passwords: commands at a host do as on its machine."""

from __future__ import annotations

import json
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.people.feature import LOGINS, USERS
from qdash_core.errors import AssistantError
from qdash_core.hooks.assistants import TextPart, UsagePart
from qdash_core.hooks.manager import load_plugins
from qdash_core.settings import Settings

from ..api import sockets
from ..api.conftest import PASSWORD
from ..scripted_assistant import AssistantPlugin, ScriptedAssistant, call_tool
from .commands_at_a_host import Commands, make_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


pytestmark = pytest.mark.slow


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant(
        call_tool("nothing"), TextPart("Qubit 0 "), TextPart("is fine."), UsagePart(1200, 30, 0.5, "USD")
    )


@pytest.fixture
def commands(
    assistant: ScriptedAssistant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Commands]:
    registry = load_plugins(extra={"script": AssistantPlugin(assistant)})
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    home = Settings(home=tmp_path / "host", timezone="UTC", assistant=assistant.name)
    with sockets.run_host(home, registry) as host:
        made = make_commands(host, tmp_path, monkeypatch, capsys)
        monkeypatch.setenv("QDASH_TIMEZONE", "UTC")
        monkeypatch.setenv("QDASH_ASSISTANT", assistant.name)
        made.log_in("admin")
        yield made


def ask_everywhere(commands: Commands, *words: str) -> tuple[int, str, str]:
    """Run a command at the host and at home, which must do the same, and return its status and outputs."""
    there, here = (commands.run("ask", *words, *where) for where in ((), ("--profile", "local")))
    assert _mask(there) == _mask(here)
    return there


def _mask(said: tuple[int, str, str]) -> str:
    return re.sub(r"\b[0-9a-f]{12}\b|\d\.\d s\b", "ID or seconds", str(said))


def mask_document(text: str) -> dict[str, Any]:
    """Return the document of an answer without times and ids."""
    found = json.loads(text)
    times = {"conversation_id", "started_at", "ended_at", "updated_at"}
    return {name: one for name, one in found.items() if name not in times | {"tools"}}


def test_a_question_has_the_same_answer_here_and_at_a_host(
    commands: Commands, assistant: ScriptedAssistant
) -> None:
    status, said, error = ask_everywhere(commands, "How is qubit 0?")
    assert status == 0
    assert said.startswith("Qubit 0 is fine.\n")
    assert error.startswith("[nothing ...]\n[nothing: failed")
    there, here = (
        mask_document(commands.does("ask", "--conversation", "last", "And 1?", "--json", *where))
        for where in ((), ("--profile", "local"))
    )
    assert there == here
    assert there["number"] == 2
    assert "question 2" in commands.does("ask", "show", "last")
    assistant.script = [TextPart("Half"), AssistantError("the endpoint closed the connection")]
    status, said, _ = ask_everywhere(commands, "Why?")
    assert status == 1
    assert said.startswith("Half\n(incomplete: the endpoint closed the connection)")


def test_a_refused_question_begins_no_conversation(commands: Commands, assistant: ScriptedAssistant) -> None:
    assistant.reason = "QDASH_ASSISTANT_MODEL is not set"
    status, _, error = ask_everywhere(commands, "Why?")
    assert (status, error) == (
        2,
        "error: the assistant scripted is off: QDASH_ASSISTANT_MODEL is not set\n",
    )
    assert ask_everywhere(commands, "")[0] == 2
    assert "no conversations" in ask_everywhere(commands, "list")[1]


@pytest.mark.parametrize("where", [(), ("--profile", "local")], ids=["at a host", "here"])
def test_ctrl_c_cancels_an_answer_and_its_text_is_kept(
    where: tuple[str, ...], commands: Commands, assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(_tools: object, cancelled: Callable[[], bool]) -> Iterator[Any]:
        tick = threading.Event()
        while not cancelled():
            tick.wait(0.02)
        yield from ()

    def interrupt(_text: str) -> None:
        raise KeyboardInterrupt

    assistant.script = [TextPart("Half"), wait]
    with monkeypatch.context() as patch:
        patch.setattr("qdash_builtin.conversations.commands.ask.emit", interrupt)
        assert commands.run("ask", "Why?", *where)[0] == 130
    assert assistant.closed.wait(10)
    while "(still being answered)" in (shown := commands.does("ask", "show", "last", *where)):
        threading.Event().wait(0.05)
    assert "Half\n(cancelled" in shown


def test_a_password_is_changed_at_a_host(commands: Commands) -> None:
    host = commands.host.host.qdash
    commands.does("user", "create", "bob")
    host.get(USERS).set_password("admin", PASSWORD, by="admin")
    assert "has a new password" in commands.does("user", "password", "bob", given=f"{PASSWORD}\n")
    assert "wrong" in commands.run("user", "password", "admin", given=f"other words\n{PASSWORD}\n")[2]
    assert "has a new password" in commands.does(
        "user", "password", "admin", given=f"{PASSWORD}\neleven tin rivers\n"
    )
    host.get(LOGINS).log_in("admin", "eleven tin rivers")
    commands.log_in("bob", name="bobs")
    assert "administer" in commands.run("user", "password", "admin", given=f"{PASSWORD}\n")[2]
