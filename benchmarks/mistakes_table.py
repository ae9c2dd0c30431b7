"""Outcome of every standard task on laboratories with one mistake known to the recipes: right, refused,
flagged, or wrong.

The tables are stored in `benchmarks/mistakes.md`. A task gets a fresh laboratory with right settings for each mistake, so that cells do not depend
on each other; seeds are fixed. Benchmarking takes minutes for each mistake.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.table import Row, store_between
from qdash_tasks.tasks import TASKS
from tests.conformance.mistaken_tasks import BenchRig, MyBenchRig, MyRackRig, Outcome, TwinRig
from tests.conformance.test_recipes import CASES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.conformance.mistaken_tasks import Rig

RIGHT = "right"

_GAPS = frozenset({"gaps 4 ns too long", "gaps 4 ns too short", "gaps rounded to 16 ns"})
HOURS = {
    (TwinRig.name, "CreateZX90"): _GAPS,
    (TwinRig.name, "ZX90InterleavedRandomizedBenchmarking"): _GAPS,
}
"""Mistakes with which a task would take hours (an estimate) and is not measured: the pulses of both lines
overlap differently at each gate.
"""


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Run all measurements, and store the tables; a cell does not depend on others."""
    asked = (
        [(MyRackRig.name, "CheckT1")] if quick else [(rig, task) for rig in RIGS for task in task_names(rig)]
    )
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    found: dict[str, dict[str, dict[str, Outcome]]] = {rig: {} for rig, _ in asked}
    with multiprocessing.get_context("spawn").Pool(1 if quick else 2) as pool:
        for (rig, task), row in zip(asked, pool.starmap(measured, asked, chunksize=1), strict=True):
            found[rig][task] = row
    if not quick:
        text = "\n".join(as_markdown(name, tables) for name, tables in found.items())
        store_between("mistakes.md", "mistakes tables", text)
    for rig, tables in found.items():
        outcomes = [one for row in tables.values() for one in row.values()]
        yield Row.of(f"tasks under mistakes of an adapter, {rig}: cells", "cells", [len(outcomes)])
        yield Row.of(
            f"tasks under mistakes of an adapter, {rig}: wrong", "cells", [sum(one.wrong for one in outcomes)]
        )


def _twin() -> TwinRig:
    return TwinRig(Path(tempfile.mkdtemp(prefix="mistakes-")))


RIGS: Mapping[str, Callable[[], Rig]] = {
    TwinRig.name: _twin,
    MyBenchRig.name: MyBenchRig,
    MyRackRig.name: MyRackRig,
    BenchRig.name: BenchRig,
}
"""Factories of the laboratories, by name."""


def task_names(rig: str) -> list[str]:
    """Return the names of the tasks that a laboratory has."""
    return [task.name for task in RIGS[rig]().tasks]


def measured(rig: str, task: str) -> dict[str, Outcome]:
    """Measure one task without a mistake, then with each possible mistake; skip the mistakes if it fails
    without one.
    """
    made = RIGS[rig]()
    (cls,) = [one for one in TASKS if one.name == task]
    found: dict[str, Outcome] = {}
    for name, case in CASES.items():
        if case.signs.envelope != 1 or case.signs.phase != 1:
            continue
        if found and found[RIGHT].verdict != "accepted":
            break
        if name in HOURS.get((rig, task), ()):
            continue
        wrong = None if name == RIGHT else case.mistakes
        if wrong is None or made.possible(wrong):
            found[name] = made.run(cls, wrong)
    return found


def as_markdown(rig: str, rows: Mapping[str, Mapping[str, Outcome]]) -> str:
    """Return a table with a row per task that passes without a mistake and a column per mistake, followed by
    every wrong value.
    """
    working = {task: row for task, row in rows.items() if row[RIGHT].verdict == "accepted"}
    mistakes = [name for name in CASES if any(name in row for row in working.values())]
    lines = [f"### {rig}", "", f"| task | {' | '.join(mistakes)} |", "|---|" + "---|" * len(mistakes)]
    lines += [
        f"| {task} | {' | '.join(row[name].cell if name in row else '' for name in mistakes)} |"
        for task, row in working.items()
    ]
    said = [
        f"- {task}, {name}: {one.said}"
        for task, row in working.items()
        for name, one in row.items()
        if one.wrong
    ]
    lacking = sorted(set(rows) - set(working))
    if lacking:
        said.append(f"- Not measured, as its simulation has nothing to find: {', '.join(lacking)}.")
    return "\n".join([*lines, "", *said, ""])
