"""Evidence from which a chip is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.tasks.value_declarations import ValueDeclarations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.metrics.judgement.moved_inputs import Place
    from qdash_core.models.chip import ParameterModel, StoredValues
    from qdash_core.models.marks import ValueMark


@dataclass(frozen=True, slots=True)
class ChipEvidence:
    """Evidence on the values and targets of a chip.

    Parameters
    ----------
    targets : sequence of StoredValues
        Status, values in use and newest outcomes of each target, with both qubits of each coupling.
    moved : mapping of Place to ValueMark
        Marks of values with moved inputs; see `find_moved_inputs`.
    flagged : mapping of str to mapping of str to ParameterModel
        Values of the flagged results that the targets name, by result and parameter.
    usual_minima : mapping of str to float
        Minimum of metrics without an asked one; see `find_usual_minima`.
    cooldown_started_at : datetime or None
        None without a current cool-down.
    """

    targets: Sequence[StoredValues]
    file: MetricsFile
    moved: Mapping[Place, ValueMark] = field(default_factory=dict)
    flagged: Mapping[str, Mapping[str, ParameterModel]] = field(default_factory=dict)
    usual_minima: Mapping[str, float] = field(default_factory=dict)
    cooldown_started_at: datetime | None = None
    declared: ValueDeclarations = field(default_factory=ValueDeclarations)
