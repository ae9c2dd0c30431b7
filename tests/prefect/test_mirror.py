"""Runs on Prefect's page: each log line exactly once, and optionally the tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.errors import StoreUnavailableError
from qdash_core.models.execution import LogModel
from qdash_core.models.progress import SilentProgress
from qdash_core.repositories.queue import LogRepository
from qdash_prefect import mirror as mirrors
from qdash_prefect.mirror import RunMirror
from qdash_prefect.run_log import RunLog, make_log_document

from ..core.runs.crew import wait_until
from .rest import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = "2026-11-21T06:14:25+00:00 WARNING qdash: the fridge is warm"


@dataclass
class FakeLogs:
    """Log lines of runs, and their store."""

    parts: list[LogModel] = field(default_factory=list)
    away_for: str = ""
    """The run whose lines cannot be read."""

    def say(self, text: str, execution_id: str = "a") -> None:
        self.parts.append(
            LogModel(seq=len(self.parts) + 1, project_id="p", execution_id=execution_id, text=text)
        )

    def list_by_execution(self, project_id: str, execution_id: str, *, seq: int) -> Iterator[LogModel]:
        for part in self.parts:
            if (part.project_id, part.execution_id) == (project_id, execution_id) and part.seq > seq:
                yield part
        if execution_id == self.away_for:
            raise StoreUnavailableError("the disk is full")

    @property
    def runtime(self) -> Any:
        return SimpleNamespace(repositories=SimpleNamespace(of={LogRepository: self}.__getitem__))


def flow_run(execution_id: str = "a") -> Any:
    number = {"a": 1, "b": 2}[execution_id]
    return SimpleNamespace(where=("p", execution_id), flow_run_id=f"7f2f1c9e-53a2-4a43-8d4f-{number:012}")


def messages(lines: list[dict[str, Any]]) -> list[str]:
    return [line["message"] for line in lines]


def posted(server: FakeServer) -> list[str]:
    """Return the posted lines."""
    return [line for lines in server.bodies("/logs/") for line in messages(lines)]


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polling without delay."""
    monkeypatch.setattr(mirrors, "_INTERVAL_S", 0.001)


def test_a_line_has_its_own_time_and_level() -> None:
    assert make_log_document("f", LINE) == {
        "name": "qdash",
        "level": 30,
        "message": "WARNING qdash: the fridge is warm",
        "timestamp": "2026-11-21T06:14:25+00:00",
        "flow_run_id": "f",
    }


def test_printed_output_is_a_log_line() -> None:
    shown = make_log_document("f", "hello from a flow")
    assert (shown["message"], shown["level"]) == ("hello from a flow", 20)


def test_each_new_log_line_is_returned_once() -> None:
    logs = FakeLogs()
    logs.say("long ago\n")
    log = RunLog(logs.runtime, flow_run())
    logs.say("one\ntwo\n\n")
    logs.say("of another run\n", "b")
    assert messages(log.read_new()) == ["one", "two"]
    assert log.read_new() == []


def test_an_incomplete_line_is_returned_once_it_is_complete() -> None:
    logs = FakeLogs()
    log = RunLog(logs.runtime, flow_run())
    logs.say("half a")
    assert log.read_new() == []
    logs.say(" line\nand")
    assert messages(log.read_new()) == ["half a line"]
    assert messages(log.read_new(last=True)) == ["and"]
    assert log.read_new(last=True) == []


def test_lines_that_could_not_be_read_are_returned_later() -> None:
    logs = FakeLogs()
    log = RunLog(logs.runtime, flow_run())
    logs.say("one\ntwo")
    logs.away_for = "a"
    with pytest.raises(StoreUnavailableError):
        log.read_new()
    logs.away_for = ""
    assert messages(log.read_new(last=True)) == ["one", "two"]


def test_all_log_lines_are_shown_at_the_end_of_the_mirror() -> None:
    server, logs = FakeServer(), FakeLogs()
    with server.client() as client, RunMirror(client, logs.runtime, tasks=False) as mirror:
        mirror.begin(flow_run(), SilentProgress())
        logs.say("one\n")
        mirror.end(flow_run())
        logs.say("the last word")
    assert posted(server) == ["one", "the last word"]
    assert {line["flow_run_id"] for lines in server.bodies("/logs/") for line in lines} == {
        flow_run().flow_run_id
    }


@pytest.mark.usefixtures("often")
def test_the_last_line_of_an_ended_run_is_shown_while_others_continue() -> None:
    server, logs = FakeServer(), FakeLogs()
    with server.client() as client, RunMirror(client, logs.runtime, tasks=False) as mirror:
        mirror.begin(flow_run("a"), SilentProgress())
        mirror.begin(flow_run("b"), SilentProgress())
        logs.say("the last word", "a")
        logs.say("to be continued", "b")
        mirror.end(flow_run("a"))
        wait_until(lambda: posted(server), what="the run that has ended is shown")
        assert posted(server) == ["the last word"]


@pytest.mark.usefixtures("often")
def test_an_unreadable_run_does_not_affect_others_and_is_shown_later() -> None:
    server, logs = FakeServer(), FakeLogs()
    with server.client() as client, RunMirror(client, logs.runtime, tasks=False) as mirror:
        for name in ("a", "b"):
            mirror.begin(flow_run(name), SilentProgress())
        logs.away_for = "b"
        logs.say("of b\n", "b")
        logs.say("of a\n", "a")
        wait_until(lambda: posted(server) == ["of a"], what="the one that can be read is shown")
        mirror.end(flow_run("b"))
        logs.say("more of a\n", "a")
        wait_until(lambda: len(posted(server)) == 2, what="it was looked at again")
        logs.away_for = ""
    assert posted(server) == ["of a", "more of a", "of b"]


@pytest.mark.usefixtures("often")
def test_a_refusal_for_one_run_does_not_affect_others(caplog: pytest.LogCaptureFixture) -> None:
    server, logs = FakeServer(), FakeLogs()
    refused = flow_run("a").flow_run_id
    server.answers["POST", "/logs/"] = lambda lines: (
        422 if lines[0]["flow_run_id"] == refused else 201,
        None,
    )
    with server.client() as client, RunMirror(client, logs.runtime, tasks=False) as mirror:
        for name in ("a", "b"):
            mirror.begin(flow_run(name), SilentProgress())
            logs.say(f"of {name}\n", name)
        wait_until(lambda: "of b" in posted(server), what="the other one is shown")
    assert "cannot show the logs and tasks" in caplog.text


def test_many_lines_are_few_requests() -> None:
    server, logs = FakeServer(), FakeLogs()
    with server.client() as client, RunMirror(client, logs.runtime, tasks=False) as mirror:
        mirror.begin(flow_run(), SilentProgress())
        logs.say("word\n" * 450)
    assert [len(lines) for lines in server.bodies("/logs/")] == [200, 200, 50]


@pytest.mark.parametrize("tasks", [True, False])
def test_tasks_are_shown_if_the_setting_is_on(tasks: bool) -> None:
    server, logs = FakeServer(), FakeLogs()
    with server.client() as client, RunMirror(client, logs.runtime, tasks=tasks) as mirror:
        progress: Any = mirror.begin(flow_run(), SilentProgress())
        if tasks:
            progress.started("CheckT1", "0")
    events = [event["event"] for sent in server.bodies("/events") for event in sent]
    assert events == (["prefect.task-run.Running"] if tasks else [])
