"""Calls of the function of a user's own flow; tests/prefect/test_original_flows.py has Prefect's engine."""

from __future__ import annotations

import os

import pytest

from qdash_prefect.flow_invocation import call_flow

FLOW_RUN = "5f0c2f6a-0000-4000-8000-000000000000"


class Flow:
    """Stand-in for Prefect's flow object of a function."""

    def __init__(self) -> None:
        self.called: list[tuple[int, str]] = []

    def fn(self, depth: int) -> int:
        self.called.append((depth, os.environ["PREFECT__FLOW_RUN_ID"]))
        return depth

    def __call__(self, depth: int) -> int:
        raise AssertionError(f"{depth}: this would start a server")


Flow.__module__ = "prefect.flows"


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unavailable server."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    monkeypatch.delenv("PREFECT__FLOW_RUN_ID", raising=False)


def test_a_plain_function_is_called(caplog: pytest.LogCaptureFixture) -> None:
    assert call_flow(lambda depth: depth + 1, {"depth": 2}, FLOW_RUN) == 3
    assert not caplog.records, "nobody is asked"


def test_without_a_server_a_prefect_flow_is_called_as_a_plain_function(
    caplog: pytest.LogCaptureFixture,
) -> None:
    flow = Flow()
    assert call_flow(flow, {"depth": 2}, FLOW_RUN) == 2
    assert flow.called == [(2, FLOW_RUN)]
    assert "the flow runs without Prefect's engine: Prefect does not respond" in caplog.text


def test_the_flow_run_in_the_environment_takes_precedence(monkeypatch: pytest.MonkeyPatch) -> None:
    told = FLOW_RUN.replace("5f", "6f")
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", told)
    flow = Flow()
    call_flow(flow, {"depth": 2}, FLOW_RUN)
    assert flow.called == [(2, told)]
    assert os.environ["PREFECT__FLOW_RUN_ID"] == told


def test_without_a_server_the_flows_and_tasks_that_a_flow_calls_are_plain_functions() -> None:
    from prefect import Task, flow, task, unmapped
    from prefect.futures import wait

    @task(retries=3)
    def add(one: int, other: int = 1) -> int:
        return one + other

    @task
    def say_nothing() -> None: ...

    @task
    def fail() -> None:
        raise ValueError("no signal")

    @flow
    def inner(depth: int) -> int:
        return add(depth)

    @flow
    def outer(depth: int) -> list[object]:
        first = add.submit(depth)
        second = add.submit(first, other=10)
        failing = fail.submit()
        wait([first, second, failing])
        with pytest.raises(ValueError, match="no signal"):
            failing.result()
        with pytest.raises(ValueError, match="no signal"):
            fail()
        mapped = add.map([1, 2], other=unmapped(5)).result()
        return [
            inner(depth),
            second.result(),
            mapped,
            say_nothing.submit().result(),
            fail.submit().state.name,
        ]

    before = Task.__call__, Task.submit
    assert call_flow(outer, {"depth": 2}, FLOW_RUN) == [3, 13, [6, 7], None, "Failed"]
    assert (Task.__call__, Task.submit) == before
