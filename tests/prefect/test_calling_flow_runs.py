"""Flow runs of Prefect in which a program runs, by Prefect's contexts and environment."""

from __future__ import annotations

import sys
from contextvars import Token
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from qdash_prefect.runner import PrefectRunner


def make_context(flow_run_id: str, outer: Any = Token.MISSING, *, detached: bool = False) -> Any:
    """Return Prefect's context of a running flow."""
    token = SimpleNamespace(old_value=outer)
    return SimpleNamespace(flow_run=SimpleNamespace(id=flow_run_id), detached=detached, _token=token)


@pytest.mark.parametrize(
    ("innermost", "environment", "expected"),
    [
        (None, None, []),
        (None, "served", ["served"]),
        (make_context("called", make_context("calling")), None, ["called", "calling"]),
        (make_context("called"), "served", ["called", "served"]),
        (make_context("served"), "served", ["served"]),
        (make_context("remote", make_context("elsewhere"), detached=True), None, ["remote"]),
    ],
)
def test_a_program_runs_in_the_flow_runs_of_its_contexts_and_of_its_environment(
    monkeypatch: pytest.MonkeyPatch, innermost: Any, environment: str | None, expected: list[str]
) -> None:
    monkeypatch.delenv("PREFECT__FLOW_RUN_ID", raising=False)
    if environment is not None:
        monkeypatch.setenv("PREFECT__FLOW_RUN_ID", environment)
    module = ModuleType("prefect.context")
    module.FlowRunContext = SimpleNamespace(get=lambda: innermost)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "prefect.context", module)
    assert PrefectRunner().list_flow_run_ids() == expected


def test_a_program_outside_of_prefect_is_not_watched() -> None:
    assert PrefectRunner().watch(lambda: None, lambda: None) is None
