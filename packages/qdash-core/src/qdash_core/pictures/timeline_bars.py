"""The bars of a timeline: of a plan, of a list schedule, of what was measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from qdash_core.scheduling.makespan import Timeline


_CHIP = "chip"


@dataclass(frozen=True, slots=True)
class Bar:
    """One target that is measured for some time.

    Parameters
    ----------
    target : str
        What is measured.
    label : str
        What is done with it, or the group that it belongs to: bars of one label have one colour.
    start_s, end_s : float
        Begin and end in laboratory time.
    row : str
        The resource or target in whose row it is drawn.
    """

    target: str
    label: str
    start_s: float
    end_s: float
    row: str


class Measurement(Protocol):
    """A task on a target, or on the chip as a whole (`""`), in the laboratory's time."""

    @property
    def target(self) -> str: ...
    @property
    def task(self) -> str: ...
    @property
    def lab_start_s(self) -> float: ...
    @property
    def lab_end_s(self) -> float: ...


def bars_of_timeline(timeline: Timeline, labels: Mapping[str, str]) -> list[Bar]:
    """Return the bars of a list schedule, each in the row of its target, in order of their begin.

    Parameters
    ----------
    timeline : Timeline
        Begin and end of every target.
    labels : mapping of str to str
        From a target to what it is coloured by, such as its group.
    """
    return [
        Bar(target, labels[target], start_s, timeline.end_s[target], target)
        for target, start_s in sorted(timeline.start_s.items(), key=lambda begun: begun[1])
    ]


def bars_of_measurements(measurements: Iterable[Measurement]) -> list[Bar]:
    """Return the bars of what was measured, each in the row of its target. What took no time is left out."""
    return [
        Bar(one.target or _CHIP, one.task, one.lab_start_s, one.lab_end_s, one.target or _CHIP)
        for one in measurements
        if one.lab_end_s > one.lab_start_s
    ]


def on_resources(bars: Iterable[Bar], resources: Mapping[str, Collection[str]], kind: str) -> list[Bar]:
    """Return every bar once for each resource of a kind that its target occupies, in the row of that resource.

    Parameters
    ----------
    bars : iterable of Bar
        In whatever rows.
    resources : mapping of str to collection of str
        Target to what it occupies, as `Conflicts` has it.
    kind : str
        The first word of the resources to show, as in `"mux 3"`.
    """
    return [
        replace(bar, row=resource)
        for bar in bars
        for resource in sorted(resources.get(bar.target, ()), key=in_order)
        if resource.partition(" ")[0] == kind
    ]


def in_order(row: str) -> tuple[object, ...]:
    """Sort rows by kind and number: `mux 2` before `mux 10`, qubits before couplings, `0-1` before `0-10`."""
    kind, _, name = row.rpartition(" ")
    numbered = name.replace("-", "").isdecimal()
    return (kind, not numbered, "-" in name, by_number(name) if numbered else (), name)
