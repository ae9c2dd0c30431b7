"""Prefect's worker beside that of QDash, as a simulated process."""

from __future__ import annotations

import io
import json
import subprocess
from typing import Any

import pytest

from qdash_prefect import worker_process
from qdash_prefect.relay import REPORT_SERVER
from qdash_prefect.settings import PrefectSettings
from qdash_prefect.worker_process import WorkerProcess


class Process:
    """A process whose end is set by the test."""

    def __init__(self, command: list[str], **given: Any) -> None:
        self.command, self.environment = command, given["env"]
        self.stdin = io.BytesIO()
        self.status: int | None = None
        self.heeds, self.killed = True, False

    def poll(self) -> int | None:
        return self.status

    def wait(self, timeout: float | None = None) -> int:
        if not self.heeds and not self.killed:
            raise subprocess.TimeoutExpired(self.command, timeout or 0.0)
        return 0

    def kill(self) -> None:
        self.killed = True


class Scene:
    """A worker of Prefect, its processes, and its reports."""

    def __init__(self) -> None:
        self.started: list[Process] = []
        self.told: list[str] = []
        self.child = WorkerProcess(PrefectSettings(), "worker-1", report=self.told.append)

    def start(self, *given: Any, **named: Any) -> Process:
        self.started.append(Process(*given, **named))
        return self.started[-1]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A worker of Prefect before its start."""
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    scene = Scene()
    monkeypatch.setattr(worker_process.subprocess, "Popen", scene.start)
    return scene


def test_a_live_worker_process_is_left_alone(scene: Scene) -> None:
    for _ in range(3):
        scene.child.keep_alive("post")
    assert len(scene.started) == 1
    assert scene.told == []


def test_a_worker_process_gets_its_arguments_and_the_users_environment(scene: Scene) -> None:
    scene.child.keep_alive(json.dumps({"key": "00"}))
    [process] = scene.started
    assert process.command[-3:] == ["qdash_prefect.pool_worker", PrefectSettings().pool, "worker-1"]
    assert process.environment[REPORT_SERVER] == '{"key": "00"}'
    assert process.environment["PREFECT_API_URL"] == PrefectSettings().api_url
    assert process.environment["PREFECT_WORKER_ENABLE_CANCELLATION"] == "true"
    assert process.environment["PREFECT_LOGGING_LEVEL"] == "DEBUG"


def test_a_worker_process_is_polling_if_it_is_alive_and_has_polled_recently(scene: Scene) -> None:
    assert not scene.child.is_polling
    scene.child.keep_alive("post")
    assert not scene.child.is_polling
    scene.child.record_poll()
    assert scene.child.is_polling
    scene.started[0].status = 1
    assert not scene.child.is_polling


def test_a_worker_process_ends_when_its_standard_input_closes(scene: Scene) -> None:
    scene.child.keep_alive("post")
    scene.child.end()
    scene.child.end()
    assert scene.started[0].stdin.closed
    assert not scene.started[0].killed
    assert not scene.child.is_polling


def test_a_worker_process_that_does_not_end_is_killed(scene: Scene) -> None:
    scene.child.keep_alive("post")
    scene.started[0].heeds = False
    scene.child.end()
    assert scene.started[0].killed
