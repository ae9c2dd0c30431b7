"""Outcome of every standard task under every limit of instruments that a twin can have: accepted, refused, or
wrong.

Run from the root: ``python -m benchmarks.limits_table``; it stores the table in `benchmarks/limits.md`. Options of
pulse-level twins are in a separate table, for `full` alone: ``--pulse-level``, which takes minutes for each.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.two_qubits import FURTHER, TASKS, by_task, calibrated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.two_qubits import Done

PAGE = Path(__file__).with_name("limits.md")

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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all combinations, print the table and store it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits_table", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="", help="options whose name holds this; nothing is stored")
    parser.add_argument("--pulse-level", action="store_true", help="the options of pulse-level twins instead")
    given = parser.parse_args(arguments)
    every, marks = (PULSE_LEVEL, "pulse-level table") if given.pulse_level else (OPTIONS, "limits table")
    chosen = {name: options for name, options in every.items() if given.only in name}
    further = () if given.pulse_level else FURTHER
    found = {
        name: [done for seed in range(given.seeds) for done in _done(options, seed, further)]
        for name, options in chosen.items()
    }
    table = as_markdown(found)
    print(table)
    if not given.only:
        _store(table, marks)


def as_markdown(found: Mapping[str, Sequence[Done]]) -> str:
    """Return a table with a row per task and a column per option, followed by every refusal and every wrong
    estimate.
    """
    lines = [f"| task | {' | '.join(found)} |", "|---|" + "---|" * len(found)]
    columns = {name: by_task(done) for name, done in found.items()}
    rows = [task for task in TASKS if any(task in of_task for of_task in columns.values())]
    lines += [
        f"| {task} | {' | '.join(cell(of_task.get(task, ())) for of_task in columns.values())} |"
        for task in rows
    ]
    said = {f"- {name}: {reason}" for name, done in found.items() for one in done for reason in reasons(one)}
    return "\n".join([*lines, "", *sorted(said), ""])


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
        return calibrated(Path(home), seed=seed, options=options, further=further).done


def _store(table: str, marks: str) -> None:
    begin, end = f"<!-- {marks} -->\n", f"<!-- end of {marks} -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}{table}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
