"""Declarations of tasks by which values are judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.chip import Line


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
