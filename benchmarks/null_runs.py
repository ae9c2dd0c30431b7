"""Runs of null tasks by different processes: `python -m benchmarks.null_runs --home HOME --chip CHIP`
performs one by itself.

Times go from the start of the first task to the end of the run, as recorded; process start and imports come
before that.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.null_laboratory import opened
from benchmarks.servers import PATIENCE_S, program
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core import open_qdash
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.progress import SilentProgress
from qdash_core.models.request import RunRequest
from qdash_core.process.process_start import begin_process
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime.application import QDash

USER = "admin"


@dataclass(frozen=True, slots=True)
class Times:
    """Times of a run, in s."""

    start: float
    """From before the submission to the first task."""
    tasks: float
    """From the first task to the end."""


@contextmanager
def laboratory(home: Path, chip: str) -> Iterator[QDash]:
    """Open a new home with a chip named by the topology."""
    with opened(home, _store(home), lattice=chip) as qdash:
        yield qdash


def submitted(qdash: QDash, chip: str) -> ExecutionModel:
    """Submit one null task on every qubit of a chip."""
    return (
        qdash.get(RUNS)
        .submissions.submit(qdash.access(USER), RunRequest(chip_id=chip, flow="Null"))
        .execution
    )


def by_a_worker(qdash: QDash, chip: str) -> Times:
    """Submit a run to the running worker, and return its times."""
    begun = datetime.now(UTC)
    execution = submitted(qdash, chip)
    qdash.get(RUNS).wait(qdash.access(USER), execution.execution_id)
    return _times(qdash, execution.execution_id, begun)


def by_itself(home: Path, chip: str, environment: Mapping[str, str]) -> float:
    """Return the time of a run's tasks in a process that performs it itself, in s."""
    command = [sys.executable, "-m", "benchmarks.null_runs", "--home", str(home), "--chip", chip]
    environment = {**os.environ, **environment}
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout)


@contextmanager
def worker(home: Path, environment: Mapping[str, str]) -> Iterator[psutil.Process]:
    """Start `qdash worker` in a home, for the length of a block."""
    settings = {"QDASH_HOME": str(home), "QDASH_STORE_URL": _store(home)}
    with subprocess.Popen(
        [program("qdash"), "worker"],
        env={**os.environ, **environment, **settings},
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def _store(home: Path) -> str:
    return f"sqlite:///{home}/qdash.db"


def _times(qdash: QDash, execution_id: str, begun: datetime) -> Times:
    execution, results = qdash.get(EXECUTIONS).show(qdash.access(USER), execution_id)
    assert execution.status is ExecutionStatus.COMPLETED, execution.message
    assert execution.end_at is not None
    first = min(one.start_at for one in results if one.start_at is not None)
    return Times((first - begun).total_seconds(), (execution.end_at - first).total_seconds())


def main() -> None:
    """Perform a run in this process, and print the time of its tasks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--chip", required=True)
    given = parser.parse_args()
    begin_process()
    with open_qdash(load_settings(home=given.home, store_url=_store(given.home))) as qdash:
        begun = datetime.now(UTC)
        execution = submitted(qdash, given.chip)
        qdash.get(RUNS).perform(execution.project_id, execution.execution_id, SilentProgress())
        print(_times(qdash, execution.execution_id, begun).tasks)


if __name__ == "__main__":
    main()
