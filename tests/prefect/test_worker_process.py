"""Prefect's worker as a child process: restarted after a crash, with growing delays if it crashes at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from qdash_prefect import worker_process
from qdash_prefect.settings import PrefectSettings
from qdash_prefect.worker_process import WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Callable


class Process:
    """A started process."""

    stdin = None

    def __init__(self) -> None:
        self.status: int | None = None

    def poll(self) -> int | None:
        return self.status

    def kill(self) -> None:
        self.status = -9

    def wait(self) -> int | None:
        return self.status


@dataclass
class Machine:
    """Starts processes, and provides the clock."""

    now: float = 1000.0
    processes: list[Process] = field(default_factory=list)

    def start(self, *_given: Any, **_named: Any) -> Process:
        self.processes.append(Process())
        return self.processes[-1]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(worker_process.subprocess, "Popen", machine.start)
    monkeypatch.setattr(worker_process.time, "monotonic", lambda: machine.now)
    return machine


def a_worker_process(told: Callable[[str], None] = lambda _line: None) -> WorkerProcess:
    return WorkerProcess(PrefectSettings(), "worker-1", report=told)


def pause_s(machine: Machine, child: WorkerProcess) -> float:
    """Return the delay until a new process is started, checked once a second."""
    machine.processes[-1].status, before, count = 1, machine.now, len(machine.processes)
    while len(machine.processes) == count:
        child.keep_alive("")
        machine.now += 1.0
    return machine.now - 1.0 - before


def test_a_worker_process_that_dies_at_once_is_restarted_with_growing_delays(machine: Machine) -> None:
    lines: list[str] = []
    child = a_worker_process(lines.append)
    child.keep_alive("")
    assert [pause_s(machine, child) for _ in range(8)] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert len(lines) == 8
    assert lines[2] == "Prefect's worker worker-1 exited with status 1: restart in 4 s"


def test_a_worker_process_that_dies_late_is_restarted_soon(machine: Machine) -> None:
    child = a_worker_process()
    child.keep_alive("")
    assert [pause_s(machine, child) for _ in range(3)] == [1.0, 2.0, 4.0]
    machine.now += 3600.0
    child.record_poll()
    assert pause_s(machine, child) == 1.0


def test_a_hanging_worker_process_is_killed_and_restarted(machine: Machine) -> None:
    lines: list[str] = []
    child = a_worker_process(lines.append)
    child.keep_alive("")
    child.record_poll()
    machine.now += 3600.0  # the server was away
    for _ in range(46):
        machine.now += 1.0
        child.keep_alive("")
    assert [one.status for one in machine.processes] == [-9, None]
    assert len(lines) == 1
    assert "did not poll for runs although its server responds, and was killed" in lines[0]


def test_a_worker_process_is_polling_while_its_server_responds(machine: Machine) -> None:
    child = a_worker_process()
    assert not child.is_polling
    child.keep_alive("")
    assert not child.is_polling
    child.record_poll()
    assert child.is_polling
    machine.now += 60.0
    assert not child.is_polling
    child.record_poll()
    machine.processes[-1].status = -9
    assert not child.is_polling
