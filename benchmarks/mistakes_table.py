"""Outcome of every standard task on laboratories with one mistake known to the recipes: right, refused,
flagged, or wrong.

Run from the root: ``python -m benchmarks.mistakes_table``; it stores the tables in `benchmarks/mistakes.md`. A task
gets a fresh laboratory with right settings for each mistake, so that cells do not depend on each other; seeds
are fixed. Cases that take minutes on a laboratory are measured with ``--slow`` only.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_tasks.tasks import TASKS
from tests.conformance.mistaken_tasks import BenchRig, MyBenchRig, MyRackRig, Outcome, TwinRig
from tests.conformance.test_recipes import CASES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.conformance.mistaken_tasks import Rig

PAGE = Path(__file__).with_name("mistakes.md")
RIGHT = "right"

SLOW: Mapping[str, frozenset[str]] = {
    "ZX90InterleavedRandomizedBenchmarking": frozenset({TwinRig.name}),
    "RandomizedBenchmarking": frozenset({TwinRig.name, BenchRig.name, MyBenchRig.name}),
    "X90InterleavedRandomizedBenchmarking": frozenset({TwinRig.name, BenchRig.name, MyBenchRig.name}),
    "X180InterleavedRandomizedBenchmarking": frozenset({TwinRig.name, BenchRig.name, MyBenchRig.name}),
    "SimultaneousRandomizedBenchmarking": frozenset({TwinRig.name, BenchRig.name, MyBenchRig.name}),
    "CheckQubitSpectroscopy": frozenset({BenchRig.name}),
    "CheckCoarseChevron": frozenset({BenchRig.name, MyBenchRig.name}),
    "CheckFineChevron": frozenset({MyBenchRig.name}),
    "CheckChevron": frozenset({MyBenchRig.name}),
}
"""Tasks that take minutes, with the mistakes for which they do; measured on request only."""

_GAPS = frozenset({"gaps 4 ns too long", "gaps 4 ns too short", "gaps rounded to 16 ns"})
HOURS = {
    (TwinRig.name, "CreateZX90"): _GAPS,
    (TwinRig.name, "ZX90InterleavedRandomizedBenchmarking"): _GAPS,
}
"""Mistakes with which a task would take hours (an estimate) and is not measured: the pulses of both lines
overlap differently at each gate.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all measurements, print the tables and store them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mistakes_table", description=__doc__)
    parser.add_argument(
        "--laboratory", default="", help="only those whose name holds this; nothing is stored"
    )
    parser.add_argument("--task", default="", help="only tasks whose name holds this; nothing is stored")
    parser.add_argument("--slow", action="store_true", help="also what takes minutes for each mistake")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args(arguments)
    names = [name for name in RIGS if given.laboratory in name]
    asked = [
        (rig, task)
        for rig in names
        for task in task_names(rig)
        if given.task in task and (given.slow or rig not in SLOW.get(task, ()))
    ]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with multiprocessing.get_context("spawn").Pool(given.processes) as pool:
        rows = [pool.apply_async(measured, one) for one in asked]
        found: dict[str, dict[str, dict[str, Outcome]]] = {name: {} for name in names}
        for (rig, task), row in zip(asked, rows, strict=True):
            found[rig][task] = row.get()
            print(
                f"{rig}: {task}: {', '.join(f'{name} {one.cell}' for name, one in row.get().items())}",
                flush=True,
            )
    text = "\n".join(as_markdown(name, tables) for name, tables in found.items())
    print(text)
    if not (given.laboratory or given.task):
        store(text)


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


def store(text: str) -> None:
    """Write the tables between their markers on the page."""
    begin, end = "<!-- mistakes tables -->\n", "<!-- end of mistakes tables -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
