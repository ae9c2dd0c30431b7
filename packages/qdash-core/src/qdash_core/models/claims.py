"""Claims of runs on instruments: the whole instrument, or named parts of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.models.name_summary import summarize_names

if TYPE_CHECKING:
    from collections.abc import Iterable

LockScope = Literal["chip", "project"]
"""Scope of a lock: the instrument of a chip, or also every other instrument that the project uses."""

ClaimUnit = Literal["instrument", "chip", "box", "module", "mux"]
"""Smallest part of an instrument that a run can use without disturbing other runs."""

_COUPLING = "coupling "
_SHARED_DIVISIONS = ("box", "module", "chip")
"""Divisions of an instrument whose parts all its chips have in common."""
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """Exclusive use of an instrument, or of parts of it, by a run.

    With the scope `project`, the run also excludes all other runs of its project. `resources` names the claimed
    parts, or is empty for the whole instrument.
    """

    instrument: str
    project_id: str
    scope: LockScope = "chip"
    resources: frozenset[str] = frozenset()

    def excludes(self, other: Claim) -> bool:
        """Return whether two runs with these claims exclude each other."""
        if self.project_id == other.project_id and "project" in (self.scope, other.scope):
            return True
        if self.instrument != other.instrument:
            return False
        if not (self.resources and other.resources) or self._division != other._division:
            return True
        return not self.resources.isdisjoint(other.resources)

    @property
    def excludes_other_chips(self) -> bool:
        """True if no run on another chip of the instrument is possible at the same time."""
        return self._division.isdisjoint(_SHARED_DIVISIONS)

    @property
    def _division(self) -> frozenset[str]:
        """Division of the instrument from which the parts are: its boxes, its modules, its chips, or the multiplexers of one chip.

        Parts from two divisions may be the same hardware, and so may the multiplexers of two chips.
        """
        kinds = {name.partition(" ")[0] for name in self.resources}
        for kind in _SHARED_DIVISIONS:
            if kind in kinds:
                return frozenset({kind})
        return frozenset(name.partition(" of ")[2] for name in self.resources)

    def list_names(self) -> list[str]:
        """Return the names of the claimed parts, or of the instrument if it is claimed as a whole; empty if unknown."""
        whole = [f"instrument {self.instrument}"] if self.instrument else []
        return sort_resources(self.resources) or whole

    def describe_shared(self, other: Claim) -> str:
        """Return the names of the parts that both claim; empty if one of them claims the whole instrument."""
        return describe_resources(self.resources & other.resources)


def name_chip(chip_id: str) -> str:
    """Return the resource name of a chip."""
    return f"chip {chip_id}"


def name_mux(mux: int, chip_id: str) -> str:
    """Return the resource name of a multiplexer."""
    return f"multiplexer {mux} of chip {chip_id}"


def name_coupling(coupling: str, chip_id: str) -> str:
    """Return the resource name of a coupling."""
    return f"{_COUPLING}{coupling} of chip {chip_id}"


def sort_resources(resources: Iterable[str]) -> list[str]:
    """Return resource names in order of display: couplings last, numbers ascending."""
    return sorted(resources, key=lambda name: (name.startswith(_COUPLING), len(name), name))


def describe_resources(resources: Iterable[str]) -> str:
    """Return a short list of resources: couplings only if there is nothing else."""
    names = sort_resources(resources)
    units = [name for name in names if not name.startswith(_COUPLING)]
    return summarize_names(units or names, _MOST_NAMED)
