"""Request bodies for chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field

from qdash_builtin.chips.views.layouts import MOST_QUBITS, TopologyDocument, WiringDocument
from qdash_core.models.base import LONGEST_NOTE, StrictNumber
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body
from qdash_core.operations.command import OnCommandLine

if TYPE_CHECKING:
    from collections.abc import Mapping

_Id = Annotated[str, Field(min_length=1, max_length=64)]
_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Design = dict[Annotated[_Name, ENTRY], Annotated[StrictNumber | None, ENTRY]]
_Values = dict[Annotated[_Id, ENTRY], Annotated[_Design, Field(max_length=100), ENTRY]]
_MOST_CHANGED = 2_000
"""Maximum number of targets that a request excludes or includes."""


class DesignRequest(Body):
    """Design values by target, in GHz, MHz, ns and a.u.; null: no value, even if the backend has one."""

    qubits: _Values = Field(default={}, max_length=MOST_QUBITS)
    couplings: _Values = Field(default={}, max_length=10 * MOST_QUBITS)

    @classmethod
    def from_targets(cls, values: Mapping[str, Mapping[str, float | None]]) -> Self:
        """Return the request for values by target."""
        return cls(
            qubits={one: own for one, own in values.items() if "-" not in one},
            couplings={one: own for one, own in values.items() if "-" in one},
        )

    def by_target(self) -> dict[str, dict[str, float | None]]:
        """Return the values of qubits and couplings in one mapping."""
        return {**self.qubits, **self.couplings}


class ChipRequest(Body):
    """Request to create a chip."""

    chip_id: _Id
    topology: Annotated[str, Field(min_length=1, max_length=100)] | TopologyDocument
    """Name of a built-in topology, or a topology."""
    backend: _Name = "fake"
    """Backend that measures the chip."""
    wiring: WiringDocument | None = None
    design: DesignRequest | None = None


class ChipEdit(Body):
    """Changes of a chip; absent fields are unchanged."""

    topology_id: Annotated[_Name | None, OnCommandLine(metavar="NAME")] = None
    """Name of a built-in topology with the qubits and couplings of the chip, which takes its positions and
    multiplexers."""
    note: Annotated[Annotated[str, Field(max_length=LONGEST_NOTE)] | None, OnCommandLine(is_hidden=True)] = (
        None
    )


class ExclusionRequest(Body):
    """Exclusion of a qubit or coupling from measurement, with its reason."""

    status: Literal["excluded", "dead"] = "excluded"
    note: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]


class TargetStatusesRequest(Body):
    """Exclusion of several qubits and couplings from measurement, or their inclusion, with the reason."""

    targets: Annotated[list[Annotated[_Id, ENTRY]], Field(min_length=1, max_length=_MOST_CHANGED)]
    status: Literal["excluded", "dead", "included"] = "excluded"
    """`included`: flows measure them again."""
    note: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]
