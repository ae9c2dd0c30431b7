"""A host in this process with a chip whose tasks need no laboratory, and pages drawn without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import RUNS
from qdash_core import InputParameter, OutputParameter, Parameter
from qdash_core.models.progress import SilentProgress
from qdash_core.models.project import DEFAULT_USER
from qdash_core.tasks.run_parameters import RunParameter

from ....api.conftest import host, settings
from ....core.bench import CHIP, LINE, make_backend_by_chip, make_registry, make_task
from ....ui.conftest import DashboardPages

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.hooks.manager import Registry

    from ....api.conftest import Host

__all__ = ["host", "settings"]

SHOTS = RunParameter(value=1024, value_type="int", minimum=16, maximum=100_000, description="shots")
RESET = RunParameter(value="auto", value_type="str", choices=["auto", "active"], description="reset")


@pytest.fixture(scope="session")
def registry() -> Registry:
    """A task with run parameters and an input, one that measures the input, and one on the whole chip."""
    frequency = make_task(
        "Frequency",
        {"qubit_frequency": Parameter(5.0, 0.001, "GHz")},
        output_parameters={"qubit_frequency": OutputParameter(unit="GHz", minimum=1.0, maximum=9.0)},
    )
    measure = make_task(
        "Measure",
        needs={"qubit_frequency": InputParameter(unit="GHz", description="drive")},
        run_parameters={"shots": SHOTS, "reset": RESET},
    )
    whole = make_task("Whole", task_type="global")
    return make_registry((frequency, measure, whole), [make_backend_by_chip()], http_host=True)


@pytest.fixture
def pages(host: Host) -> DashboardPages:
    host.qdash.get(CHIPS).create(host.qdash.access(DEFAULT_USER), CHIP, LINE, backend="bench")
    return DashboardPages(host)


@pytest.fixture
def measure(host: Host, pages: DashboardPages) -> Callable[..., str]:
    """Function that performs a run of a task, and returns the id of its execution."""

    def perform(task: str, qid: str = "0", **asked: object) -> str:
        from qdash_core.models.request import RunRequest

        access = host.qdash.access(DEFAULT_USER)
        request = RunRequest(chip_id=CHIP, flow=task, single=qid, **asked)
        started = host.qdash.get(RUNS).submissions.submit(access, request).execution
        return perform_waiting(host, started.execution_id)

    return perform


def perform_waiting(host: Host, execution_id: str) -> str:
    """Perform a queued run like a worker's process."""
    host.qdash.get(RUNS).perform("default", execution_id, SilentProgress(), alone=False)
    host.qdash.get(RUNS).queue.conclude("default", execution_id, died=False)
    return execution_id
