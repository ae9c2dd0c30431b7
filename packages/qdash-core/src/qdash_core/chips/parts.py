"""Description of a chip in a file, before the chip is created."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.chips.topology import Topology
    from qdash_core.models.chip import ParameterModel, TargetStatus, WiringModel
    from qdash_core.models.estimates import Parameter


@dataclass(frozen=True, slots=True)
class ChipParts:
    """A chip as a file describes it. Its id, backend and wiring are None if the file has none.

    `design` has design values by qubit or coupling, in the units of `qdash_core.chips.design`; None where a value is
    stated not to exist. `controls` has the control qubit by coupling, for couplings with a chosen direction. `status`
    has the status of the targets that are not pending. `values` are accepted values from another QDash by target,
    with their origins, which a chip created from the file keeps; empty for files of other programs.
    """

    topology: Topology
    chip_id: str | None = None
    backend: str | None = None
    wiring: WiringModel | None = None
    design: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    controls: Mapping[str, str] = field(default_factory=dict)
    status: Mapping[str, TargetStatus] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, ParameterModel]] = field(default_factory=dict)

    def with_estimates(self, estimates: Mapping[str, Mapping[str, Parameter]]) -> ChipParts:
        """Return the chip with other numbers for all its values, of the same origins."""
        values = {
            target: {name: known.with_estimate(estimates[target][name]) for name, known in had.items()}
            for target, had in self.values.items()
        }
        return replace(self, values=values)
