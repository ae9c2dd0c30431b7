"""Outcome of every standard task under every limit of instruments that a twin can have, and its calls to the laboratory.

The tables are stored in `benchmarks/limits.md` and `benchmarks/calls.md`. Options of pulse-level twins are in a separate table, for `full` alone.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.table import Row, store_between
from benchmarks.two_qubits import FURTHER, TASKS, by_task, calibrated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.two_qubits import Done

CALLS = Path(__file__).with_name("calls.md")
_SEEDS = 3
OPTIONS: Mapping[str, Mapping[str, object]] = {
    "none": {},
    "no-active-reset": {"no_active_reset": True},
    "plane-turns=90": {"plane_turns": 90},
    "grid=2": {"grid": 2},
    "grid=4": {"grid": 4},
    "keeps=mean": {"keeps": "mean"},
    "keeps=each": {"keeps": "each"},
    "iq=250@-40": {"iq": "250@-40"},
    "all but keeps": {"no_active_reset": True, "plane_turns": 90, "grid": 4, "iq": "250@-40"},
}
PULSE_LEVEL: Mapping[str, Mapping[str, object]] = {
    "pulse-level": {"pulse_level": True},
    "left-pad=100": {"pulse_level": True, "left_pad": 100},
    "envelope-mirrored": {"pulse_level": True, "envelope_mirrored": True},
    "phase-mirrored": {"pulse_level": True, "phase_mirrored": True},
}
ALLOWED = ("needs SingleShots", "needs JointShots")
"""Prefixes of refusals that do not count as failures of a task."""


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Run all combinations, and store the tables."""
    if quick:
        found = {"none": _done({}, 0, ())}
    else:
        found = {
            name: [done for seed in range(_SEEDS) for done in _done(options, seed, FURTHER)]
            for name, options in OPTIONS.items()
        }
        pulse_level = {name: _done(options, 0, ()) for name, options in PULSE_LEVEL.items()}
        store_between("limits.md", "limits table", as_markdown(found))
        store_between("limits.md", "pulse-level table", as_markdown(pulse_level))
        calls = calls_as_markdown(_done({}, 0, FURTHER))
        store_between("calls.md", "calls table", calls)
        found |= pulse_level
    for name, done in found.items():
        outcomes = [cell(of_task) for of_task in by_task(done).values()]
        of = f"tasks on two qubits, option {name}"
        bad = sum(one in ("**wrong**", "**failed**") for one in outcomes)
        yield Row.of(f"{of}: wrong or failed", "tasks", [bad])
        if distances := [float(one) for one in outcomes if one[0].isdigit()]:
            yield Row.of(f"{of}: largest distance from the truth in standard errors", "", distances)
    yield Row.of(
        "calls to the laboratory of all tasks on two qubits",
        "calls",
        [sum(_count_calls(found["none"]).values())],
    )


def as_markdown(found: Mapping[str, Sequence[Done]]) -> str:
    """Return a table with a row per task and a column per option, followed by every refusal and every wrong estimate."""
    lines = [f"| task | {' | '.join(found)} |", "|---|" + "---|" * len(found)]
    columns = [by_task(done) for done in found.values()]
    lines += [
        f"| {task} | {' | '.join(cell(of_task.get(task, ())) for of_task in columns)} |"
        for task in TASKS
        if any(task in of_task for of_task in columns)
    ]
    said = {f"- {name}: {reason}" for name, done in found.items() for one in done for reason in reasons(one)}
    return "\n".join([*lines, "", *sorted(said), ""])


def calls_as_markdown(done: Sequence[Done]) -> str:
    """Return the calls of each task as Markdown, without tasks that only evaluate known values."""
    calls = _count_calls(done)
    lines = [f"| {task} | {number} |" for task, number in calls.items()]
    return "\n".join(["| task | calls |", "|---|---|", *lines, f"| all | {sum(calls.values())} |", ""])


def _count_calls(done: Sequence[Done]) -> Mapping[str, int]:
    """Return the largest number of calls of each task on a target."""
    of_tasks = by_task(done)
    found = {task: max((one.calls or 0 for one in of_tasks.get(task, ())), default=0) for task in TASKS}
    return {task: number for task, number in found.items() if number}


def cell(done: Sequence[Done]) -> str:
    """Return the outcome of a task: the largest distance from the truth in standard errors, or its failure."""
    if not done:
        return "not reached"
    if any(estimate.wrong for one in done for estimate in one.estimates):
        return "**wrong**"
    if not all(one.through for one in done):
        allowed = all(one.through or one.refusal.startswith(ALLOWED) for one in done)
        return "refused" if allowed else "**failed**"
    pulls = [estimate.pull for one in done for estimate in one.estimates if estimate.pull is not None]
    return f"{max(pulls):.1f}" if pulls else "through"


def reasons(one: Done) -> list[str]:
    """Return the reasons why a task failed, and its wrong estimates."""
    wrong = [
        f"{one.task} of {one.target}: {e.name} {e.value:.6g}, error {e.error}, true {e.truth:.6g}"
        for e in one.estimates
        if e.wrong
    ]
    return wrong if one.through else [f"{one.task}: {one.refusal}", *wrong]


def _done(options: Mapping[str, object], seed: int, further: Sequence[str]) -> Sequence[Done]:
    with tempfile.TemporaryDirectory() as home:
        return calibrated(Path(home), seed=seed, options=options, further=further)
