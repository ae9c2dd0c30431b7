"""`--strategy`, `--max-parallel` and `--one-of-each-mux` of commands that request a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.models.strategies import StrategySelection
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


@pytest.mark.parametrize(
    ("options", "selection"),
    [
        ((), StrategySelection()),
        (("--strategy", "serial"), StrategySelection(strategies=("serial",))),
        (
            ("--max-parallel", "3", "--one-of-each-mux"),
            StrategySelection(max_parallel=3, one_of_each_mux=True),
        ),
        (("--no-one-of-each-mux",), StrategySelection(one_of_each_mux=False)),
    ],
)
def test_a_run_is_requested_with_strategies_and_limits(
    lab: InProcess, options: tuple[str, ...], selection: StrategySelection
) -> None:
    lab.does("calibrate", "a", "--flow", "Measure", *options, "--detach")
    with open_qdash() as qdash:
        (execution,) = qdash.get(EXECUTIONS).newest(ADMIN)
    assert execution.request is not None
    assert execution.request.scheduling == selection


def test_a_timetable_keeps_its_strategies_until_they_are_edited(lab: InProcess) -> None:
    when = ("--flow", "Measure", "--cron", "0 2 * * *")
    made = lab.read_json("timetable", "add", "nightly", "a", *when, "--strategy", "serial")
    assert made["request"]["scheduling"]["strategies"] == ["serial"]
    for options, strategies in ((("--tag", "night"), ["serial"]), (("--strategy", "boxes"), ["boxes"])):
        edited = lab.read_json("timetable", "edit", "nightly", *options)
        assert edited["request"]["scheduling"]["strategies"] == strategies


def test_a_dry_run_names_the_strategy_and_its_blocks(lab: InProcess) -> None:
    (stage,) = lab.read_json("calibrate", "a", "--flow", "Measure", "--strategy", "serial", "--dry-run")[
        "stages"
    ]
    assert (stage["strategy"], stage["barriers"]) == ("serial", list(range(1, len(stage["groups"]))))


def test_strategies_that_do_not_fit_are_refused(
    lab: InProcess, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    for strategies, message in [
        (("luck",), "there is no scheduling strategy 'luck' (for qubits: boxes, checkerboard"),
        (("best",), "strategy 'best' is for couplings, and no coupling is measured here"),
        (("",), "strategies.0: it has to have at least 1 character"),
        (("serial", "boxes", "best"), "one strategy for qubits and one for couplings at most"),
    ]:
        with subtests.test(str(strategies)):
            monkeypatch.setenv("COLUMNS", "400")
            options = [part for name in strategies for part in ("--strategy", name)]
            assert message in lab.run_refused("calibrate", "a", "--flow", "Measure", *options)


def test_a_schedule_shows_its_blocks(lab: InProcess) -> None:
    schedule = lab.read_json("schedule", "a", "--kind", "qubit", "--flow", "Measure", "--strategy", "serial")
    assert schedule["barriers"] == list(range(1, len(schedule["groups"])))


def test_a_timeline_names_the_strategy_and_the_block_of_each_measurement(lab: InProcess) -> None:
    lab.does("calibrate", "a", "--flow", "Measure", "--strategy", "serial")
    spans = lab.read_json("executions", "timeline", "last")
    assert [span["block"] for span in spans] == [1, 2, 3, 4, 5]
    title, columns, *_ = lab.does("executions", "timeline", "last").splitlines()
    assert "(serial, 5 blocks one after another)" in title
    assert columns.split() == ["begin", "s", "end", "s", "block", "target", "task"]


def test_a_timeline_without_barriers_has_no_blocks(lab: InProcess) -> None:
    lab.does("calibrate", "a", "--flow", "Measure")
    assert "block" not in lab.does("executions", "timeline", "last")
