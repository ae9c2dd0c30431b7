"""Start of a run, resume of a run, and migration of a store."""

from __future__ import annotations

import os
import subprocess
import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.filled_store import fill
from benchmarks.null_laboratory import milliseconds, opened, session
from benchmarks.servers import program, store_url
from benchmarks.table import Row
from qdash_builtin.chips.feature import CHIPS
from qdash_core import open_qdash
from qdash_core.session.dispatch.plans import Plan
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LATTICE = "square-lattice-mux-64"
_TASKS = 15
"""Number of tasks of a bring-up."""
_RUN = ("calibrate", "bench", "--flow", "CheckResonatorSpectroscopy", "--qids", "0")


def rows(folder: Path, *, quick: bool, store: str = "SQLite") -> Iterator[Row]:
    """Measure the start by the command line, the resume, and a migration from SQLite."""
    runs, migrated = (1, 3_000) if quick else (5, 100_000)
    with store_url(store, folder) as url:
        yield Row.of(f"start of a run by `qdash calibrate`: {store}", "s", _starts(folder, url, runs))
        number, seconds = _resumes(folder / "resumed", url, runs)
        yield Row.of(f"resume of a run of {number} null tasks but for the last one: {store}", "s", seconds)
        source = f"sqlite:///{folder}/source.db"
        with open_qdash(load_settings(home=folder / "source", store_url=source)) as qdash:
            fill(qdash, stored=migrated, table=load_device("jakarta"))
        target = f"sqlite:///{folder}/target.db" if store == "SQLite" else url.replace("/qdash?", "/target?")
        took = milliseconds(partial(_qdash, folder, source, "store", "migrate", source, target)) / 1e3
        yield Row.of(f"`qdash store migrate` of {migrated:,} results from SQLite: {store}", "s", [took])


def _starts(folder: Path, url: str, runs: int) -> list[float]:
    """Return the times from the start of the command to the execution id, in s."""
    with open_qdash(load_settings(home=folder / "recovery", store_url=url)) as qdash:
        create_twin_chip(qdash, qdash.access("admin"), "bench", load_device("jakarta"), seed=1)
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        process = subprocess.Popen(
            [program("qdash"), *_RUN],
            env=_environment(folder, url),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert process.stderr.readline().startswith("execution ")
        taken.append(time.perf_counter() - begun)
        process.communicate()
    return taken


def _resumes(folder: Path, url: str, runs: int) -> tuple[int, list[float]]:
    """Return the number of tasks of a run, and the times of a resume with only the last one missing, in s."""
    taken = []
    with opened(folder, url, lattice=_LATTICE) as qdash:
        qids = list(qdash.get(CHIPS).show(qdash.access("admin"), _LATTICE).qubits)
        for _ in range(runs):
            first = session(qdash, _LATTICE)
            plan = Plan([first.plan_task("Null")] * _TASKS, [qids])
            first.run_plan(Plan(plan.tasks[:-1], [qids]))
            first.run_plan(Plan(plan.tasks[-1:], [qids[:-1]]))
            execution_id = first.cancel().execution_id
            begun = time.perf_counter()
            second = session(qdash, _LATTICE, resume=execution_id)
            second.run_plan(plan)
            ended = second.complete()
            taken.append(time.perf_counter() - begun)
            assert ended.tasks == {"completed": len(qids) * _TASKS}, ended.tasks
    return len(qids) * _TASKS, taken


def _qdash(folder: Path, url: str, *arguments: str) -> None:
    command = [program("qdash"), *arguments]
    subprocess.run(command, env=_environment(folder, url), check=True, stdout=subprocess.DEVNULL)


def _environment(folder: Path, url: str) -> dict[str, str]:
    return {**os.environ, "QDASH_HOME": str(folder / "recovery"), "QDASH_STORE_URL": url}
