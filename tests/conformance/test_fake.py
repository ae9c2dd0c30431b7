"""Contracts of the backend of simulated chips, and of some tasks on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_fake.backend import FakeBackend
from qdash_tasks import tasks
from qdash_testing import BackendContract

from .found_values import measure_found, read_found, twin_context
from .twin_tasks import DECLARATIONS, OTHERS, QUICK, FakeTask, make_contracts

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.backends.base import BackendContext


class TestFakeBackend(BackendContract):
    backend_class = FakeBackend

    def context(self, tmp_path: Path) -> BackendContext:
        return twin_context(tmp_path)


globals().update(make_contracts(QUICK))


@pytest.mark.parametrize("contract", make_contracts(OTHERS).values())
def test_a_task_is_declared_rightly_and_finds_what_it_declares(
    tmp_path: Path, request: pytest.FixtureRequest, contract: type[FakeTask]
) -> None:
    case = contract()
    for of_declarations in DECLARATIONS:
        getattr(case, of_declarations)()
    backend = case.backend(tmp_path)
    request.addfinalizer(backend.disconnect)
    (instance,) = case.prepared(backend, case.targets[:1])
    output = instance.postprocess(None, instance.run(backend))
    case.test_it_finds_every_output_that_it_declares_and_no_other(output)
    case.test_outputs_are_finite_in_the_declared_unit_with_an_honest_error(output)
    case.test_outputs_lie_within_the_declared_bounds(output)
    case.test_figures_of_merit_and_note_can_be_stored(output)


def test_the_values_of_every_task_are_recorded() -> None:
    for target, of_tasks in read_found().items():
        kind = "coupling" if "-" in target else "qubit"
        expected = [task.name for task in tasks.TASKS if task.task_type == kind]
        assert list(of_tasks) == expected, "record them by `python -m tests.conformance.found_values`"


@pytest.mark.release
def test_the_recorded_values_are_those_that_the_tasks_find() -> None:
    recorded = read_found()
    for target, of_tasks in measure_found().items():
        for task, values in of_tasks.items():
            for name, one in values.items():
                known = recorded[target][task][name]
                assert one.value == pytest.approx(known.value, rel=1e-6, abs=one.error), (target, task, name)
