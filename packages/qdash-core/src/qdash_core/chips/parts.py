"""What a file says of a whole chip, before there is one of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.chips.topology import Topology
    from qdash_core.models.chip import ParameterModel, TargetStatus, WiringModel


@dataclass(frozen=True, slots=True)
class ChipParts:
    """A chip as a file describes it.

    Parameters
    ----------
    topology : Topology
        Its qubits and couplings.
    chip_id : str or None
        What the file calls it; None: nothing.
    backend : str or None
        With what it is measured; None: the file does not say.
    wiring : WiringModel or None
        What it hangs on; None: the file does not say.
    design : mapping of str to mapping of str to float or None
        Qubit or coupling to what it was meant to be, in the units of `qdash_core.chips.design`; None: there is none.
    controls : mapping of str to str
        Coupling to its controlling qubit, where a direction was chosen.
    status : mapping of str to TargetStatus
        Of the qubits and couplings that are not pending.
    values : mapping of str to mapping of str to ParameterModel
        Qubit or coupling to values that another QDash had accepted, with their origins: a chip that is made of the file
        has them so. Empty for the files of other programs.
    """

    topology: Topology
    chip_id: str | None = None
    backend: str | None = None
    wiring: WiringModel | None = None
    design: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    controls: Mapping[str, str] = field(default_factory=dict)
    status: Mapping[str, TargetStatus] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, ParameterModel]] = field(default_factory=dict)
