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
    """A chip as a file describes it.

    Parameters
    ----------
    chip_id : str or None
        Its id in the file. It, the backend and the wiring are None if the file has none.
    design : mapping of str to mapping of str to float or None
        Design values by qubit or coupling, in the units of `qdash_core.chips.design`; None where a value is
        stated not to exist.
    controls : mapping of str to str
        Control qubit by coupling, for couplings with a chosen direction.
    status : mapping of str to TargetStatus
        Status of the qubits and couplings that are not pending.
    values : mapping of str to mapping of str to ParameterModel
        Accepted values from another QDash by qubit or coupling, with their origins. A chip created from the
        file keeps them. Empty for files of other programs.
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
