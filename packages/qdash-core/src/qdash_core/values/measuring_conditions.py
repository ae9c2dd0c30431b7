"""Conditions of measurements on which values depend: readout alone or with others, reset, and settings of lines."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from qdash_core.models.chip import SettingChange
    from qdash_core.models.task import TaskResultModel

READ_ALONE = "read alone"
"""Condition of a readout while no other qubit of the multiplexer is read."""


def describe_readout(result: TaskResultModel, muxes: Mapping[str, int | None]) -> str:
    """Return the condition of a readout: `read alone`, or `with multiplexer 13`, and the reset if the run chose one; empty if unknown.

    `muxes` has the multiplexer of each qubit, or None if it has none.
    """
    mux = muxes.get(result.qid)
    if result.together is None or result.task_type != "qubit" or mux is None:
        return ""
    shared = any(muxes.get(one) == mux for one in result.together)
    reset = result.run_parameters.get("reset")
    chosen = None if reset is None or reset.value == "auto" else reset.value
    return (f"with multiplexer {mux}" if shared else READ_ALONE) + (f", {chosen} reset" if chosen else "")


def are_other_conditions(one: str | None, other: str | None) -> bool:
    """Return whether two values were measured under different conditions; False if one condition is unknown."""
    return bool(one and other) and one != other


@dataclass(frozen=True, slots=True)
class SettingHistory:
    """Recorded values of one setting of a line or box.

    `times` are ascending. `states` has the value before the first change, and after each.
    """

    last: SettingChange
    times: tuple[datetime, ...]
    states: tuple[str, ...]

    def differs(self, measured_at: datetime) -> bool:
        """Return whether the present setting differs from that during a measurement."""
        return self.states[bisect_right(self.times, measured_at)] != self.states[-1]


def make_setting_histories(changes: Iterable[SettingChange]) -> list[SettingHistory]:
    """Return the history of each setting, from changes in any order."""
    ordered = sorted(changes, key=lambda one: (one.resource, one.name, one.at))
    histories = []
    for _, found in groupby(ordered, key=lambda one: (one.resource, one.name)):
        of_setting = [*found]
        states = (of_setting[0].before, *(one.after for one in of_setting))
        histories.append(SettingHistory(of_setting[-1], tuple(one.at for one in of_setting), states))
    return histories
