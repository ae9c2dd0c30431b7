"""`qdash task refit`: both analyses side by side, confirmation, JSON, and the marks of a refit in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.results.commands import refit as command_module
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN
from ...core.bench import CHIP, LINE, make_backend, make_registry
from .test_refit_options import make_fitting_task

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


@pytest.fixture
def measured(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> str:
    registry = make_registry([make_fitting_task()], [make_backend()])
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    with open_qdash() as qdash:
        qdash.get(CHIPS).create(ADMIN, CHIP, LINE, backend="bench")
    command.does("task", "run", "Measure", "--chip", CHIP, "--qid", "0", "--save")
    found: str = command.read_json("task", "results")[0]["task_id"]
    return found


def answer(monkeypatch: pytest.MonkeyPatch, *, yes: bool) -> None:
    monkeypatch.setattr(command_module.sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(click, "confirm", lambda _question: yes)


def count_results(command: InProcess) -> int:
    return len(command.read_json("task", "results"))


def test_without_a_terminal_both_analyses_are_shown_and_nothing_is_recorded(
    command: InProcess, measured: str
) -> None:
    shown = command.does("task", "refit", measured[:12], "--set", "exclude=3")
    assert "options: exclude=3\nfitted points: 3 of 4\n" in shown
    assert "outcome  accepted  accepted" in shown
    assert "t1      9.0(5) µs  5.0(5) µs  −4 µs       5.7" in shown
    assert "would change t1 of 0: 9.0(5) µs → 5.0(5) µs\nnot recorded: add --yes to record it" in shown
    assert "The error is right only if the 1 of 4 points were left out for a reason other" in shown
    assert count_results(command) == 1


def test_an_agreed_refit_is_recorded_and_a_refused_one_is_not(
    command: InProcess, measured: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, yes=False)
    assert command.does("task", "refit", measured, "--set", "exclude=3").endswith("not recorded\n")
    assert count_results(command) == 1
    answer(monkeypatch, yes=True)
    assert "Measure on 0: completed\n  t1 = 5.0(5) µs" in command.does(
        "task", "refit", measured, "--set", "exclude=3"
    )
    assert command.read_json("metrics", CHIP)["qubits"]["0"]["t1"]["value"] == 5.0


def test_yes_records_without_a_question_and_dry_run_never_records(
    command: InProcess, measured: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, yes=True)
    command.does("task", "refit", measured, "--set", "exclude=3", "--dry-run", "--yes")
    assert count_results(command) == 1
    answer(monkeypatch, yes=False)
    command.does("task", "refit", measured, "--set", "exclude=3", "--yes")
    assert count_results(command) == 2


def test_json_records_unless_it_is_a_dry_run(command: InProcess, measured: str) -> None:
    preview = command.read_json("task", "refit", measured, "--set", "statistic=median", "--dry-run")
    assert (preview["original"]["task_id"], preview["outputs"][0]["second"]["value"]) == (measured, 5.5)
    assert [one["parameter"] for one in preview["changes"]] == ["t1"]
    assert count_results(command) == 1
    made = command.read_json("task", "refit", measured, "--set", "statistic=median")
    assert (made["refit_of"], made["measured"]["username"]) == (measured, "admin")
    assert made["analysis_options"]["statistic"]["value"] == "median"


def test_what_the_analysis_cannot_use_is_refused_with_the_possible_options(
    command: InProcess, measured: str
) -> None:
    said = command.run_refused("task", "refit", measured, "--set", "shots=16")
    assert "shots is a run parameter of the measurement" in said
    assert "statistic, fit_window, exclude" in said


def test_lists_show_the_time_of_the_measurement_and_mark_the_refit(command: InProcess, measured: str) -> None:
    made = command.read_json("task", "refit", measured, "--set", "exclude=3")
    original, refit = (command.read_json("task", "results")[place] for place in (1, 0))
    assert refit["task_id"] == made["task_id"]
    assert (refit["measured"]["start_at"], refit["measured"]["end_at"]) == (
        original["start_at"],
        original["end_at"],
    )
    assert " by admin; t1 5.0(5) µs" in command.does("task", "results")
    shown = command.does("executions", "show", made["execution_id"])
    assert f"refit of {measured}, " in shown
    assert " by admin with exclude=3; t1 5.0(5) µs" in shown
    declared = command.does("task", "show", "Measure")
    assert "Analysis options" in declared
    assert "of the signal (mean, median)" in declared
