"""Declarations of tasks by which values are judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.chip import Line, StoredValues


@dataclass(frozen=True, slots=True)
class ValueDeclarations:
    """Declarations of the parameters of qubits and couplings by which their values are judged.

    Parameters
    ----------
    sets : mapping of str to sequence of str
        Parameters that are only valid together, by the name of the set.
    lines : mapping of str to Line
        Line on whose settings each parameter depends; others depend on none.
    """

    sets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lines: Mapping[str, Line] = field(default_factory=dict)


def read_value_declarations(registry: Registry) -> ValueDeclarations:
    """Return the declarations of tasks by which values are judged."""
    lines = {name: one.line for name, one in registry.quantities().items() if one.line is not None}
    return ValueDeclarations(registry.value_sets(), lines)


def need_declarations(targets: Iterable[StoredValues]) -> bool:
    """Return whether declarations can matter to values in use: reading them imports all tasks.

    Sets matter to values of several results of one target, and lines after a change of their settings.
    """
    return any(
        target.get("settings") or len({one.get("task_id", "") for one in target["data"].values()} - {""}) > 1
        for target in targets
    )


def find_broken_sets(origins: Mapping[str, str], sets: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the sets whose values come from several results, each with its present parameters.

    One task makes all values of a set, so they come from one result unless a part of it was set, imported, accepted alone, or measured by
    another task. Absent values, and values of unknown origin, break nothing.

    Parameters
    ----------
    origins : mapping of str to str
        Result of each value of one target; empty if unknown.
    sets : mapping of str to sequence of str
        Parameters of each set, by its name.
    """
    broken = {}
    for name, members in sets.items():
        present = [one for one in members if one in origins]
        if len({origins[one] for one in present} - {""}) > 1:
            broken[name] = present
    return broken
