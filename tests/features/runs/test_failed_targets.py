"""Targets whose status becomes failed, at the end of the run that measured them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_core import NoSignalError, OutputParameter, Parameter, TaskOutput
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN
from ...core.bench import LINE, make_backend, make_registry, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ...cli.conftest import InProcess

DEAD: set[str] = set()


def analyse(task: BaseTask, _result: object) -> TaskOutput:
    if task.context.qid in DEAD:
        raise NoSignalError("the drive does not reach the qubit")
    return TaskOutput({"qubit_frequency": Parameter(5.0, 0.1)})


@pytest.fixture
def lab(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """Commands in a home with a chip whose qubits in `DEAD` fail."""
    outputs = {"qubit_frequency": OutputParameter()}
    task = make_task("Frequency", analyse=analyse, output_parameters=outputs)
    registry = make_registry([task], [make_backend()])
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    monkeypatch.setenv("QDASH_STORE_URL", "memory://now-failed")
    with open_qdash() as qdash:
        qdash.get(CHIPS).create(ADMIN, "a", LINE, backend="bench")
    return command


def calibrate(lab: InProcess, monkeypatch: pytest.MonkeyPatch, *dead: str, qids: str = "0-4") -> str:
    monkeypatch.setattr(f"{__name__}.DEAD", {*dead})
    return lab.does("calibrate", "a", "--flow", "Frequency", "--qids", qids)


def test_a_run_names_the_targets_that_failed_in_it(lab: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    told = calibrate(lab, monkeypatch, "3")
    assert (
        "now failed: 3 (Frequency failed: the drive does not reach the qubit); measure again: "
        "`qdash calibrate a --flow Frequency --only failed`, or leave it out: `qdash chip exclude a 3 --note TEXT`\n"
    ) in told
    assert "now failed" not in calibrate(lab, monkeypatch, "3", qids="0-2"), "it failed in another run"
    several = " ".join(calibrate(lab, monkeypatch, "2", "3").split())
    assert "now failed: 2 (Frequency failed: " in several
    assert "or leave one out: `qdash chip exclude a TARGET --note TEXT`" in several
    assert "now failed" not in calibrate(lab, monkeypatch)
