"""`qdash task list` and `show`: all tasks, and those of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_core import RunParameter
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN
from ...core.bench import CHIP, LINE, make_backend, make_registry, make_task

if TYPE_CHECKING:
    from ...cli.conftest import InProcess

WHY = "needs Delay, which backend bench does not offer"
SHOTS = {"shots": RunParameter(1024, "int", unit="", description="repetitions")}


@pytest.fixture
def laboratory(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """A chip on a backend without capabilities; another backend has delays."""
    tasks = [
        make_task("Measure", needs=["amplitude"], parameters=SHOTS, aliases=("Look",), description="A look."),
        make_task("Echo", requires=frozenset({"Delay"})),
        make_task("Train", backend="rack"),
    ]
    rack = make_backend(name="rack", offers=classmethod(lambda *_: frozenset({"Delay"})))
    registry = make_registry(tasks, [make_backend(), rack])
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    with open_qdash() as qdash:
        qdash.get(CHIPS).create(ADMIN, CHIP, LINE, backend="bench")
    return command


def test_every_task_is_listed_with_what_the_chip_lacks_for_it(laboratory: InProcess) -> None:
    listed = {one["name"]: one["why_not"] for one in laboratory.read_json("task", "list", "--chip", CHIP)}
    assert listed == {
        "Echo": WHY,
        "Measure": None,
        "Train": "is written for backend rack, not for bench",
    }
    lines = laboratory.does("task", "list", "--chip", CHIP).splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["Echo", "Measure", "Train"]
    assert WHY in lines[2]
    assert " yes " in lines[3]


def test_on_another_backend_the_chip_has_other_tasks(laboratory: InProcess) -> None:
    listed = laboratory.read_json("task", "list", "--chip", CHIP, "--backend", "rack")
    assert [one["why_not"] for one in listed] == [None, None, None]
    assert " yes " in laboratory.does("task", "list", "--chip", CHIP, "--backend", "rack")


def test_without_a_chip_tasks_are_listed_whatever_backends_offer(laboratory: InProcess) -> None:
    tasks = {one["name"]: one for one in laboratory.read_json("task", "list")}
    assert tasks["Echo"]["requires"] == ["Delay"]
    assert "why_not" not in tasks["Echo"]
    assert {one["name"] for one in laboratory.read_json("task", "list", "--backend", "bench")} == {
        "Echo",
        "Measure",
    }


def test_a_task_is_shown_with_what_it_needs_makes_and_can_be_told(laboratory: InProcess) -> None:
    shown = laboratory.does("task", "show", "Look", "--chip", CHIP)
    assert shown.startswith("Measure: A look.\nalso: Look\non a qubit, by any backend\nruns here\n")
    assert [line for line in shown.splitlines() if line in ("Needs", "Makes", "Run parameters")] == [
        "Needs",
        "Makes",
        "Run parameters",
    ]
    assert "shots      1024     repetitions" in shown


def test_what_the_chip_lacks_for_a_task_is_shown(laboratory: InProcess) -> None:
    shown = laboratory.does("task", "show", "Echo", "--chip", CHIP)
    assert f"a backend must offer: Delay\ndoes not run here: {WHY}\n" in shown
    assert laboratory.read_json("task", "show", "Echo", "--chip", CHIP)["why_not"] == WHY
    assert "runs here" in laboratory.does("task", "show", "Echo", "--chip", CHIP, "--backend", "rack")


def test_a_task_is_shown_whatever_backend_it_is_written_for(laboratory: InProcess) -> None:
    assert laboratory.read_json("task", "show", "Train")["backend"] == "rack"
    assert "by rack" in laboratory.does("task", "show", "Train", "--backend", "rack")
    assert "no task 'Train' for the backend 'bench'" in laboratory.run_refused(
        "task", "show", "Train", "--backend", "bench"
    )


@pytest.mark.parametrize("where", [(), ("--chip", CHIP)])
def test_a_task_that_nobody_has_is_refused(laboratory: InProcess, where: tuple[str, ...]) -> None:
    assert "did you mean 'Measure'?" in laboratory.run_refused("task", "show", "Measrue", *where)


def test_a_chip_or_backend_that_is_not_there_is_refused(laboratory: InProcess) -> None:
    assert "no chip 'lost'" in laboratory.run_refused("task", "list", "--chip", "lost")
    assert "no backend 'rak'" in laboratory.run_refused("task", "list", "--chip", CHIP, "--backend", "rak")


def test_a_task_that_the_chip_does_not_have_is_not_run(laboratory: InProcess) -> None:
    line = laboratory.run_refused("task", "run", "Echo", "--chip", CHIP, "--qid", "0")
    assert line == f"error: Echo {WHY}\n"
    assert f"Echo {WHY}" in laboratory.run_refused("calibrate", CHIP, "--flow", "Echo", "--qids", "0")
