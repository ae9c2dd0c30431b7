"""`qdash mcp`: an assistant starts it, and speaks to it by standard input and output."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from .command_line import PATIENCE_S, QDASH, CommandLine, wait_for_end
from .hosts import run_host

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mcp.types import CallToolResult

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
BEGUN = {"jsonrpc": "2.0", "method": "notifications/initialized"}
CALL = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "tools/call",
    "params": {"name": "show_task", "arguments": {"name": "CheckT1"}},
}


def ask(
    qdash: CommandLine, calls: Iterable[tuple[str, dict[str, Any]]], *options: str
) -> tuple[set[str], list[CallToolResult]]:
    """Start the command as a client does; return the names of its tools, and the results of calls."""
    command = StdioServerParameters(command=str(QDASH), args=["mcp", *options], env=qdash.environment)

    async def talk() -> tuple[set[str], list[CallToolResult]]:
        async with Client(command, read_timeout_seconds=PATIENCE_S) as client:
            tools = (await client.list_tools()).tools
            return {one.name for one in tools}, [await client.call_tool(name, given) for name, given in calls]

    return asyncio.run(talk())


async def ask_by_http(url: str, token: str, *calls: tuple[str, dict[str, Any]]) -> list[CallToolResult]:
    """Return the results of calls with a token."""
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}) as connection,
        Client(streamable_http_client(url, http_client=connection)) as client,
    ):
        return [await client.call_tool(name, given) for name, given in calls]


def read(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


def add_noisy_plugin(folder: Path) -> Path:
    """Make a plugin that prints when it is imported, and return the folder for `PYTHONPATH`."""
    described = folder / "noisy-1.0.dist-info"
    described.mkdir(parents=True)
    (folder / "noisy.py").write_text("import os\nprint('good morning')\nos.system('echo from a child')\n")
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: noisy\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[qdash]\nnoisy = noisy\n")
    return folder


def test_options_that_do_not_belong_together_are_refused(qdash: CommandLine) -> None:
    assert "write [HOST:]PORT" in qdash.run_refused("mcp", "--http", "host:port")
    assert "exclude each other" in qdash.run_refused("mcp", "--http", "0", "--user", "admin")
    assert "--name belongs to --http" in qdash.run_refused("mcp", "--name", "lab.example")


def test_a_user_without_access_is_told_before_the_client_lists_tools(qdash: CommandLine) -> None:
    qdash.does("init")
    away = qdash.with_settings(QDASH_API_URL="http://127.0.0.1:9", QDASH_TOKEN="any")

    assert away.run_refused("mcp") == away.run_refused("chip", "list")
    assert qdash.run_refused("mcp", "--user", "nobody") == qdash.run_refused(
        "chip", "list", "--user", "nobody"
    )


@pytest.mark.slow
def test_a_login_that_has_ended_is_told_before_the_client_lists_tools(qdash: CommandLine) -> None:
    with run_host(qdash) as host:
        host.set_up()
        ended = qdash.with_settings(QDASH_API_URL=host.url, QDASH_TOKEN="former")

        assert ended.run_refused("mcp") == ended.run_refused("chip", "list")


@pytest.mark.slow
def test_an_assistant_reads_a_home_and_changes_nothing(bench: CommandLine) -> None:
    before = bench.read_everything()
    tools, (chips, values, attention, refused, wrong) = ask(
        bench,
        [
            ("list_chips", {}),
            ("chip_values", {"chip_id": "bench"}),
            ("chip_attention", {"chip_id": "bench"}),
            ("open_issue", {"body": {"title": "no decay"}}),
            ("chip_values", {"chip_id": "bench", "metrics": "t1"}),
        ],
    )

    assert {"list_chips", "explain_target", "preview_run"} <= tools
    assert not {"open_issue", "submit_run"} & tools
    assert [one["chip_id"] for one in json.loads(read(chips))["items"]] == ["bench"]
    assert {*json.loads(read(values))["qubits"]} == {"0", "1"}
    assert not attention.is_error
    assert refused.is_error
    assert "--allow-changes" in read(refused)
    assert wrong.is_error
    assert bench.read_everything() == before


@pytest.mark.slow
def test_an_assistant_that_may_change_acts_as_the_user_of_the_command(bench: CommandLine) -> None:
    flow = bench.folder / "own.py"
    flow.write_text("def own():\n    pass\n")
    tools, (opened, noted, file, large) = ask(
        bench,
        [
            ("open_issue", {"body": {"title": "no decay", "chip_id": "bench", "targets": ["0"]}}),
            ("note_chip", {"chip": "bench", "body": {"content": "warmed up on Monday"}}),
            ("submit_run", {"body": {"flow": f"{flow}:own", "chip_id": "bench"}}),
            ("list_results", {"chip_id": "bench", "limit": 200}),
        ],
        "--allow-changes",
        "--user",
        "admin",
    )

    assert {"open_issue", "submit_run", "cancel_execution"} <= tools
    shown = bench.read_json("issue", "show", json.loads(read(opened))["issue_id"])
    assert (shown["title"], shown["username"]) == ("no decay", "admin")
    assert "warmed up on Monday" in read(noted)
    assert file.is_error
    assert "names a file of the host's machine" in read(file)
    assert len(read(large)) <= 16_000
    assert 0 < len(json.loads(read(large))["items"]) < 30
    assert json.loads(read(large))["next"]


@pytest.mark.slow
def test_a_server_beside_a_host_acts_with_the_tokens_of_its_clients(qdash: CommandLine) -> None:
    with run_host(qdash) as host:
        token = host.set_up().token
        beside = qdash.with_home(qdash.folder / "other").with_settings(QDASH_API_URL=host.url)
        with beside.start("mcp", "--http", "0", "--allow-changes", fresh=True) as process:
            assert process.stderr is not None
            (url,) = re.findall(
                r"served at (http://127\.0\.0\.1:\d+/mcp)$", process.stderr.readline().strip()
            )
            (opened,) = asyncio.run(ask_by_http(url, token, ("open_issue", {"body": {"title": "no decay"}})))
            process.send_signal(signal.SIGTERM)
            ended = wait_for_end(process)

    assert json.loads(read(opened))["username"] == "admin"
    assert (ended.status, ended.out) == (0, "")
    assert qdash.read_json("issue", "list")[0]["title"] == "no decay"


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, marks=pytest.mark.release),
    ],
)
def test_only_the_protocol_is_written_and_a_signal_ends_the_command(
    qdash: CommandLine, number: signal.Signals
) -> None:
    qdash.does("init")
    plugins = add_noisy_plugin(qdash.folder / "plugins")
    noisy = qdash.with_settings(PYTHONPATH=str(plugins), PYTHONIOENCODING="ascii")
    with noisy.start("mcp", fresh=True, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers = []
        for message in (HELLO, BEGUN, CALL):
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            if "id" in message:
                answers.append(json.loads(process.stdout.readline()))
        process.send_signal(number)
        ended = wait_for_end(process)

    assert answers[0]["result"]["serverInfo"]["name"] == "qdash"
    assert "π" in answers[1]["result"]["content"][0]["text"]
    assert (ended.status, ended.out) == (0, "")
    assert "good morning" in ended.err
    assert "from a child" in ended.err
