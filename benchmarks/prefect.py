"""Overhead of Prefect: runs of null tasks by the local runner and by Prefect, each in turn with one in a process that performs it itself.

Times go from the start of the first task to the end of the run, as recorded; process start and imports come before that.
`python -m benchmarks.prefect --home HOME --chip CHIP` performs a run in its own process.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.null_laboratory import opened
from benchmarks.null_plugin import installed
from benchmarks.servers import PATIENCE_S, program
from benchmarks.table import Row
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core import open_qdash
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.progress import SilentProgress
from qdash_core.models.request import RunRequest
from qdash_core.process.process_start import begin_process
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime.application import QDash

_USER = "admin"


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Measure runs of each kind, with Prefect's server and workers on the same cores."""
    from qdash_prefect.server import PrefectServer

    tasks, runs = (50, 1) if quick else (500, 7)
    chip = f"linear-{tasks}"
    found = {"PYTHONPATH": installed(folder / "site")}
    here = partial(_by_itself, folder / "here", chip, found)
    measured = partial(_in_turn, chip=chip, here=here, runs=runs, what=f"{tasks} null tasks")
    homes = (folder / "here", folder / "away")
    with (
        opened(homes[0], _store(homes[0]), lattice=chip),
        opened(homes[1], _store(homes[1]), lattice=chip) as qdash,
    ):
        with _worker(homes[1], found):
            yield from measured(qdash, by="the local runner")
        with PrefectServer(folder / "prefect") as server:
            on_prefect = {**found, **server.environment, "QDASH_RUNNER": "prefect"}
            with _worker(homes[1], on_prefect):
                yield from measured(qdash, by="Prefect")
            with _worker(homes[1], {**on_prefect, "QDASH_PREFECT_TASK_RUNNER": "true"}):
                yield from measured(qdash, by="Prefect with `task_runner`")


def _in_turn(
    qdash: QDash, *, chip: str, here: Callable[[], float], runs: int, what: str, by: str
) -> Iterator[Row]:
    """Time runs by a worker, each after one that its own process performs."""
    _by_a_worker(qdash, chip)  # waits for the start of the worker
    pairs = [(here(), _by_a_worker(qdash, chip)) for _ in range(runs)]
    alone = [own for own, _ in pairs]
    yield Row.of(
        f"{what} by {by}, over a process that performs them", "s", [one[1] for _, one in pairs], against=alone
    )
    yield Row.of(f"from submit to the first task, by {by}", "s", [one[0] for _, one in pairs])


def _submit(qdash: QDash, chip: str) -> ExecutionModel:
    """Submit one null task on every qubit of a chip."""
    request = RunRequest(chip_id=chip, flow="Null")
    return qdash.get(RUNS).submissions.submit(qdash.access(_USER), request).execution


def _by_a_worker(qdash: QDash, chip: str) -> tuple[float, float]:
    """Submit a run to the running worker, and return its times."""
    begun = datetime.now(UTC)
    execution = _submit(qdash, chip)
    qdash.get(RUNS).wait(qdash.access(_USER), execution.execution_id)
    return _times(qdash, execution.execution_id, begun)


def _by_itself(home: Path, chip: str, environment: Mapping[str, str]) -> float:
    """Return the time of a run's tasks in a process that performs it itself, in s."""
    command = [sys.executable, "-m", "benchmarks.prefect", "--home", str(home), "--chip", chip]
    environment = {**os.environ, **environment}
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout)


@contextmanager
def _worker(home: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Start `qdash worker` in a home, for the length of a block."""
    settings = {**os.environ, **environment, "QDASH_HOME": str(home), "QDASH_STORE_URL": _store(home)}
    with subprocess.Popen([program("qdash"), "worker"], env=settings, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def _store(home: Path) -> str:
    return f"sqlite:///{home}/qdash.db"


def _times(qdash: QDash, execution_id: str, begun: datetime) -> tuple[float, float]:
    """Return the times from before the submission to the first task, and from there to the end, in s."""
    execution, results = qdash.get(EXECUTIONS).show(qdash.access(_USER), execution_id)
    assert execution.status is ExecutionStatus.COMPLETED, execution.message
    assert execution.end_at is not None
    first = min(one.start_at for one in results if one.start_at is not None)
    return (first - begun).total_seconds(), (execution.end_at - first).total_seconds()


def main() -> None:
    """Perform a run in this process, and print the time of its tasks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--chip", required=True)
    given = parser.parse_args()
    begin_process()
    with open_qdash(load_settings(home=given.home, store_url=_store(given.home))) as qdash:
        begun = datetime.now(UTC)
        execution = _submit(qdash, given.chip)
        qdash.get(RUNS).perform(execution.project_id, execution.execution_id, SilentProgress())
        print(_times(qdash, execution.execution_id, begun)[1])


if __name__ == "__main__":
    main()
