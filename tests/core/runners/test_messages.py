"""Messages from the process of a flow to its parent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import qdash_core.errors
from qdash_core.errors import BackendError, FlowError, QDashError
from qdash_core.models.progress import SilentProgress
from qdash_core.runs.messages import MessageSender, relay_message, restore_error

from ..bench import make_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..conftest import MakeBench

ERRORS = [
    kind
    for kind in vars(qdash_core.errors).values()
    if isinstance(kind, type) and issubclass(kind, QDashError)
]


class LaboratoryError(BackendError):
    """An error known only to its plugin."""


def send_error(error: BaseException) -> BaseException:
    """Return an error after its transfer to another process."""
    lines: list[str] = []
    MessageSender(lines.append).send_error(error)
    return restore_error(json.loads(lines[0]))


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_stays_what_it_was(kind: type[QDashError]) -> None:
    other = send_error(kind("what was asked for, in two\nlines"))
    assert (type(other), str(other)) == (kind, "what was asked for, in two\nlines")


def test_an_error_of_a_plugin_becomes_the_nearest_one_that_is_known() -> None:
    other = send_error(LaboratoryError("no answer"))
    assert (type(other), str(other)) == (BackendError, "no answer")


@pytest.mark.parametrize("error", [ValueError("odd"), SystemExit(3), RecursionError()])
def test_what_is_no_error_of_ours_is_a_flow_that_broke_off(error: BaseException) -> None:
    other = send_error(error)
    assert type(other) is FlowError
    assert str(other).startswith(type(error).__name__)


def test_a_cancellation_says_which_execution_it_was() -> None:
    assert send_error(KeyboardInterrupt("execution 20260101-000 is cancelled")).args == (
        "execution 20260101-000 is cancelled",
    )
    assert send_error(KeyboardInterrupt()).args == ()


@pytest.mark.every_store
def test_who_watches_from_another_process_sees_the_same(make_bench: MakeBench) -> None:
    told: list[tuple[str, Any]] = []

    class Watching:
        def began(self, execution_id: str) -> None:
            told.append(("began", execution_id))

        def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
            told.append(("planned", (tasks, groups)))

        def repeating(self, result: object) -> None:
            told.append(("repeating", result))

        def finished(self, result: object) -> None:
            told.append(("finished", result))

    result = make_bench(make_task()).run()
    reporting = MessageSender(lambda line: relay_message(json.loads(line), Watching()))
    reporting.began("20260101-000")
    reporting.planned(["Measure"], (["0", "1"], ["2"]))
    reporting.repeating(result)
    reporting.finished(result)
    assert told == [
        ("began", "20260101-000"),
        ("planned", (["Measure"], [["0", "1"], ["2"]])),
        ("repeating", result),
        ("finished", result),
    ]
    relay_message({"what": "repeating", "result": result.model_dump(mode="json")}, SilentProgress())


def test_what_is_being_measured_is_told_to_who_wants_to_know_and_to_nobody_else() -> None:
    lines: list[str] = []
    reporting = MessageSender(lines.append)
    reporting.started("CheckT1", "3")
    assert lines == [], "a runner that has not asked for it need not know of it"
    reporting.tells_starts = True
    reporting.started("CheckT1", "3")

    class Watching(SilentProgress):
        def __init__(self) -> None:
            self.told: list[tuple[str, str]] = []

        def started(self, task: str, target: str) -> None:
            self.told.append((task, target))

    watching = Watching()
    for progress in (SilentProgress(), watching):
        relay_message(json.loads(lines[0]), progress)
    assert watching.told == [("CheckT1", "3")]


def test_a_message_of_a_kind_that_is_not_known_is_passed_over() -> None:
    relay_message({"what": "something newer"}, SilentProgress())
