"""Determinism of schedules across processes, for any order of Python's sets."""

from __future__ import annotations

import os
import subprocess
import sys

PLAN = """
import json
from qdash_core.chips.lattices import get_builtin_topology
from qdash_builtin.chips.views.schedules import ScheduleDocument
from qdash_core.scheduling.layout import Layout
from qdash_scheduling.orderings import ORDERINGS
from qdash_core.scheduling.rules import make_coupling_conflicts, make_qubit_conflicts
from qdash_core.scheduling.schedule import Schedule
from qdash_scheduling.strategies import COLOURINGS

chip = get_builtin_topology("square-lattice-mux-36")
problems = {
    "coupling": (COLOURINGS, make_coupling_conflicts(chip.couplings, chip, spectators=True, max_parallel=5)),
    "qubit": (ORDERINGS, make_qubit_conflicts(chip.qids, chip, one_of_each_mux=True, max_parallel=5)),
}
for kind, (strategies, conflicts) in problems.items():
    durations_s = {target: 1.0 + place % 3 for place, target in enumerate(conflicts.targets)}
    for strategy in strategies:
        if strategy.name == "exact":  # its solver has a limit of time
            continue
        made = Schedule(kind, strategy.colour(conflicts, Layout(chip)), conflicts, durations_s)
        print(json.dumps([ScheduleDocument.from_schedule(made).as_json(), made.timeline.start_s]))
"""


def test_groups_and_begins_do_not_depend_on_the_order_of_sets() -> None:
    plans = {
        subprocess.run(
            [sys.executable, "-c", PLAN],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    }
    (plan,) = plans
    assert len(plan.splitlines()) == 11
