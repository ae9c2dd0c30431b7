"""Null laboratory: its task does nothing or only waits, which leaves the cost of the engine."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import CHIPS
from qdash_core import (
    BaseBackend,
    BaseTask,
    CalibConfig,
    CalibOrchestrator,
    OutputParameter,
    Parameter,
    TaskOutput,
    hookimpl,
    load_plugins,
    open_qdash,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from qdash_core.runtime.application import QDash


class NullBackend(BaseBackend):
    """Backend that does nothing."""

    name = "null"

    def connect(self) -> None:
        pass

    def get_instance(self) -> None:
        return None


class NullTask(BaseTask):
    """Task that waits for the duration of its measurement."""

    name = "Null"
    backend = "null"
    measures_s = 0.0
    output_parameters = {"nothing": OutputParameter(unit="us")}  # noqa: RUF012

    def run(self, backend: BaseBackend) -> None:
        if self.measures_s:
            time.sleep(self.measures_s)

    def postprocess(self, backend: BaseBackend | None, result: object) -> TaskOutput:
        return TaskOutput({"nothing": Parameter(1.0, 0.1, "us")})


class _Plugin:
    def __init__(self, lanes: int, measures_s: float) -> None:
        self._backend = type("Backend", (NullBackend,), {"max_parallel": lanes})
        self._task = type("Task", (NullTask,), {"measures_s": measures_s})

    @hookimpl
    def qdash_backends(self) -> Sequence[type[BaseBackend]]:
        return [self._backend]

    @hookimpl
    def qdash_tasks(self) -> Sequence[type[BaseTask]]:
        return [self._task]


def opened(
    folder: Path, store_url: str, *, lattice: str = "linear-16", lanes: int = 1, measures_s: float = 0.0
) -> QDash:
    """Return QDash with a new chip on a store; the chip has the name of the lattice.

    Parameters
    ----------
    folder
        The home.
    store_url
        The store.
    lattice
        A built-in topology.
    lanes
        Tasks that the backend runs at once.
    measures_s
        How long a measurement takes, in s.
    """
    from qdash_core.chips.lattices import get_builtin_topology
    from qdash_core.settings import load_settings

    settings = load_settings(home=folder, store_url=store_url, artifacts_url=(folder / "artifacts").as_uri())
    qdash = open_qdash(settings, load_plugins(extra={"null": _Plugin(lanes, measures_s)}))
    if lattice not in [chip.chip_id for chip in qdash.get(CHIPS).list_by_project(qdash.access("admin"))]:
        qdash.get(CHIPS).create(qdash.access("admin"), lattice, get_builtin_topology(lattice), backend="null")
    return qdash


def session(qdash: QDash, lattice: str = "linear-16", *, resume: str | None = None) -> CalibOrchestrator:
    """Start a session on a chip, or resume an execution."""
    config = CalibConfig(username="admin", chip_id=lattice, execution_id=resume, resume=resume is not None)
    orchestrator = CalibOrchestrator(config, qdash)
    orchestrator.initialize()
    return orchestrator


def null_run(qdash: QDash, rounds: int) -> Iterator[Callable[[], object]]:
    """Yield, within one session, the task to time next."""
    orchestrator = session(qdash)
    for number in range(rounds):
        yield partial(orchestrator.run_task, "Null", str(number % 16))
    orchestrator.complete()


def milliseconds(work: Callable[[], object]) -> float:
    """Return the duration of a call, in ms."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3
