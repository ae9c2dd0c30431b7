"""The server of the Model Context Protocol, asked by the client of its SDK."""

from __future__ import annotations

import asyncio
import json
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from qdash_builtin.cooldowns.feature import CRYOSTATS
from qdash_core.hooks.manager import load_plugins
from qdash_core.operations.local_transport import LocalTransport

from ....access import ADMIN
from ....core.bench import CHIP
from ....cryo_plugin import make_plugin
from .conftest import operation_tool, server

if TYPE_CHECKING:
    from pathlib import Path

    from mcp.types import CallToolResult, Tool

    from qdash_builtin.conversations.tools.operation_tool import OperationTool

    from ....core.conftest import MakeBench


class Assistant:
    """Client of a server of tools, as a user of a home."""

    def __init__(self, tools: dict[str, OperationTool], transport: LocalTransport, *, changes: bool) -> None:
        self._server = server.make_server(tools, lambda _: nullcontext(transport), allows_changes=changes)

    def list_tools(self) -> dict[str, Tool]:
        """Return the listed tools by name."""

        async def ask() -> dict[str, Tool]:
            async with Client(self._server) as client:
                return {one.name: one for one in (await client.list_tools()).tools}

        return asyncio.run(ask())

    def call(self, name: str, **given: Any) -> CallToolResult:
        """Call a tool."""

        async def ask() -> CallToolResult:
            async with Client(self._server) as client:
                return await client.call_tool(name, given)

        return asyncio.run(ask())

    def does(self, name: str, **given: Any) -> Any:
        """Call a tool that must succeed, and return its document."""
        result = self.call(name, **given)
        assert not result.is_error, result
        return json.loads(read(result))

    def fails(self, name: str, **given: Any) -> str:
        """Call a tool that must fail, and return its sentence."""
        result = self.call(name, **given)
        assert result.is_error, result
        return read(result)


def read(result: CallToolResult) -> str:
    """Return the one text of a result."""
    (content,) = result.content
    assert content.type == "text"
    return content.text


@pytest.fixture
def home(make_bench: MakeBench) -> LocalTransport:
    return LocalTransport(make_bench().qdash, "admin", trusted_files=False)


@pytest.fixture
def reader(tools: dict[str, OperationTool], home: LocalTransport) -> Assistant:
    return Assistant(tools, home, changes=False)


@pytest.fixture
def writer(tools: dict[str, OperationTool], home: LocalTransport) -> Assistant:
    return Assistant(tools, home, changes=True)


def test_the_listed_tools_read_unless_changes_are_allowed(reader: Assistant, writer: Assistant) -> None:
    reading, all_tools = reader.list_tools(), writer.list_tools()

    assert "list_chips" in reading
    assert "open_issue" not in reading
    assert all(one.annotations and one.annotations.read_only_hint for one in reading.values())
    opens, notes = all_tools["open_issue"].annotations, all_tools["note_chip"].annotations
    assert opens is not None
    assert notes is not None
    assert (opens.read_only_hint, opens.destructive_hint) == (False, False)
    assert (notes.read_only_hint, notes.destructive_hint) == (False, True)
    assert all_tools["show_issue"].description == "Show an issue with its comments and pictures."
    assert all_tools["show_issue"].input_schema["required"] == ["issue_id"]


def test_a_tool_answers_with_the_document_of_its_operation(reader: Assistant) -> None:
    (chip,) = reader.does("list_chips")["items"]

    assert chip["chip_id"] == CHIP
    assert reader.does("show_chip", chip_id=CHIP)["chip_id"] == CHIP
    assert read(reader.call("show_chip_context_page", chip_id=CHIP)).startswith("# ")


def test_an_acting_tool_is_refused_until_changes_are_allowed(reader: Assistant, writer: Assistant) -> None:
    said = reader.fails("open_issue", body={"title": "no decay"})

    assert said == "open_issue changes something: `qdash mcp --allow-changes` has it"
    assert reader.does("list_issues")["items"] == []
    number = writer.does("open_issue", body={"title": "no decay", "labels": ["readout"]})["issue_id"]
    writer.does("close_issue", issue_id=number, body={"comment": "a loose cable"})
    assert reader.does("show_issue", issue_id=number)["state"] == "closed"


def test_a_repeated_call_with_the_same_key_acts_once(writer: Assistant) -> None:
    issue = {"body": {"title": "no decay"}}

    first, again = (writer.does("open_issue", **issue, idempotency_key="a4") for _ in range(2))
    other = writer.does("open_issue", **issue, idempotency_key="a5")

    assert again["issue_id"] == first["issue_id"] != other["issue_id"]
    assert len(writer.does("list_issues")["items"]) == 2
    assert "another request" in writer.fails("open_issue", body={"title": "other"}, idempotency_key="a4")
    assert writer.fails("open_issue", **issue, idempotency_key="é").startswith("idempotency_key: ")
    assert "idempotency_key" not in writer.list_tools()["close_issue"].input_schema["properties"]


def test_the_role_of_the_user_is_checked(tools: dict[str, OperationTool], home: LocalTransport) -> None:
    stranger = Assistant(tools, LocalTransport(home.qdash, "nobody", "default"), changes=False)

    assert "nobody" in stranger.fails("list_chips")


def test_a_run_of_a_file_of_this_machine_is_refused(writer: Assistant, tmp_path: Path) -> None:
    flow = tmp_path / "own.py"
    flow.write_text("def own():\n    pass\n")

    said = writer.fails("submit_run", body={"flow": f"{flow}:own", "chip_id": CHIP})

    assert "names a file of the host's machine" in said


def test_an_error_of_the_core_is_the_sentence_of_the_result(reader: Assistant) -> None:
    assert reader.fails("show_chip", chip_id="none").startswith("there is no chip 'none'")
    assert reader.fails("show_chip") == "chip_id: it is missing"
    assert "colour: there is no such field (known: " in reader.fails("list_issues", colour="red")


def test_marked_operations_of_plugins_are_tools(home: LocalTransport) -> None:
    registry = load_plugins(extra={"cryo": make_plugin()}, installed_too=False)
    home.qdash.get(CRYOSTATS).create(ADMIN, "K-101")
    reader, writer = (
        Assistant(operation_tool.make_tools(registry.operations()), home, changes=changes)
        for changes in (False, True)
    )

    assert "cryo_show_heater" in reader.list_tools()
    assert "--allow-changes" in reader.fails("cryo_set_heater", cryo_id="K-101", body={"power_mw": 5})
    assert writer.does("cryo_set_heater", cryo_id="K-101", body={"power_mw": 5})["power_mw"] == 5
    assert reader.does("cryo_show_heater", cryo_id="K-101")["power_mw"] == 5
    assert "body.power_mw: " in writer.fails("cryo_set_heater", cryo_id="K-101", body={"power_mw": -1})


def test_a_fault_is_logged_and_told_without_its_text(
    tools: dict[str, OperationTool], caplog: pytest.LogCaptureFixture
) -> None:
    said = Assistant(tools, None, changes=False).fails("list_chips")  # type: ignore[arg-type]

    assert said == "unexpected AttributeError: the log of the server has more"
    assert "tool list_chips failed" in caplog.text


def test_an_unknown_tool_is_an_error_of_the_protocol(writer: Assistant) -> None:
    with pytest.RaisesGroup(
        pytest.RaisesExc(MCPError, match="there is no tool delete_user"), flatten_subgroups=True
    ):
        writer.call("delete_user", username="admin")
