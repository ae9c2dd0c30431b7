"""Chips for pictures: a topology, states, values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.figures.positions import compute_positions
from qdash_core.chips.chip import Chip
from qdash_core.models.chip import ChipModel, CouplingModel, ParameterModel, QubitModel, TargetStatus
from qdash_core.models.chip_values import ChipValues, KnownValue
from qdash_core.models.marks import ValueMark
from qdash_pictures.chip_map import chip_map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.chips.topology import Topology
    from qdash_core.models.marks import Mark

_SHARED = {"project_id": "default", "username": "admin", "chip_id": "lab"}


def chip_of(topology: Topology, aside: Mapping[str, TargetStatus] | None = None) -> Chip:
    """Return a chip whose targets are calibrated, except for the named ones."""
    status = {
        **dict.fromkeys([*topology.qids, *topology.couplings], TargetStatus.CALIBRATED),
        **(aside or {}),
    }
    return Chip(
        ChipModel(**_SHARED, size=len(topology.qubits), topology_id=topology.name, backend="fake"),
        {
            site.id: QubitModel(
                **_SHARED, qid=site.id, row=site.row, col=site.col, mux=site.mux, status=status[site.id]
            )
            for site in topology.qubits
        },
        {c: CouplingModel(**_SHARED, qid=c, status=status[c]) for c in topology.couplings},
    )


def draw_map(chip: Chip, values: ChipValues, metric: str, *, all_labels: bool = False) -> dict[str, Any]:
    """Return a metric on the map of a chip, with its qubits at their positions."""
    return chip_map(chip, values, metric, places=compute_positions(chip.topology), all_labels=all_labels)


def values_of(
    metric: str,
    values: Mapping[str, float],
    *,
    unit: str = "",
    error: float | None = None,
    marks: Mapping[str, Sequence[Mark]] | None = None,
) -> ChipValues:
    """Return accepted values of one metric, some with marks."""
    marked = {
        target: tuple(ValueMark(mark=mark, reason=f"why <{mark}>") for mark in some)
        for target, some in (marks or {}).items()
    }
    known = {
        target: {
            metric: KnownValue(
                ParameterModel(value=value, error=error, unit=unit), marks=marked.get(target, ())
            )
        }
        for target, value in values.items()
    }
    return ChipValues(
        {target: had for target, had in known.items() if "-" not in target},
        {target: had for target, had in known.items() if "-" in target},
    )
