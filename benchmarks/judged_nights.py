"""Judgement of a chip on generated nights: hours in which fitness is called wrongly, alarms, causes.

Weeks of nights of `check` on a twin of 16 qubits (`tests/fake/nights/judged_weeks.py`): without faults, or with up to four of them at any hour, and
some of these end.
"""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING, Any

from benchmarks.generated_faults import answer_all, list_rows, make_library
from benchmarks.table import Row
from qdash_core import open_qdash
from qdash_core.settings import load_settings
from tests.fake.nights.cause_nights import NIGHTS
from tests.fake.nights.judge import Judge
from tests.fake.nights.judged_weeks import JudgedWeek, Truth, draw_weeks, sum_weeks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fake.nights.cause_nights import Library

_HOURS = {
    "unfit_called_fit": "an unfit qubit was called fit",
    "beyond": "an unfit qubit was called fit, after its next check",
    "fit_called_unfit": "a fit qubit was not called fit",
    "late": "a fit qubit was not called fit, without a fault since the check before",
}


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Judge 40 weeks; the measured faults stay in the folder."""
    logging.disable(logging.WARNING)
    library, nights = make_library(folder, quick=quick)
    figures = judge_weeks(library, -(-nights // NIGHTS), seed=1, folder=folder)
    of = f"{figures['nights']} judged nights"
    for name, what in _HOURS.items():
        yield Row.of(f"{of}: hours in which {what}", "h", [figures["hours"][name]["hours"]])
    for name, number in figures["alarms a night on healthy targets"].items():
        yield Row.of(f"{of}: {name} on healthy qubits, a night", "", [number])
    for name in ("mean moved", "most moved"):
        yield Row.of(f"{of}: {name} of a night without faults", "values", [figures["healthy nights"][name]])
    yield from list_rows(figures["causes"], of)


def judge_weeks(library: Library, weeks: int, *, seed: int, folder: Path) -> dict[str, Any]:
    """Return the figures of weeks of generated nights.

    Parameters
    ----------
    library
        Measured faults.
    weeks
        Number of weeks.
    seed
        Seed of everything that is drawn.
    folder
        Folder of the homes of the weeks.
    """
    healthy, faults = library.read()
    truth = Truth(library.home)
    figures = []
    drawn = [*draw_weeks(faults, weeks, seed=seed)]
    with open_qdash(load_settings(home=library.home)) as qdash:
        causes = answer_all(Judge(qdash, healthy), drawn, faults)
    for number, begun in enumerate(drawn):
        home = folder / "week"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(library.home, home, ignore=shutil.ignore_patterns("*.npz", "done"))
        week = JudgedWeek(home, healthy, begun, truth, seed=seed * 1000 + number)
        figures.append(week.run())
    return {**sum_weeks(figures, nights=weeks * NIGHTS), "causes": causes}
