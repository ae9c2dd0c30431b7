"""Query parameters and request bodies for changes of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field

from qdash_core.models.base import GivenTime, StrictNumber
from qdash_core.models.estimates import Parameter
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body
from qdash_core.operations.command import OnCommandLine
from qdash_core.values.reasons import LONGEST_REASON
from qdash_core.values.selection import TargetChoice

if TYPE_CHECKING:
    from collections.abc import Mapping

_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Names = Annotated[list[Annotated[_Name, ENTRY]], Field(min_length=1, max_length=1000)]
_Reason = Annotated[str, Field(max_length=LONGEST_REASON), OnCommandLine(metavar="TEXT")]
_List = Annotated[str, Field(min_length=1, max_length=40_000)]
_ListQuery = Annotated[str | None, Field(min_length=1, max_length=8000)]

QubitList = Annotated[_ListQuery, Field(description="Qubits, such as `0-3,7`.")]
MuxList = Annotated[_ListQuery, Field(description="Multiplexers, such as `0-3`: all their qubits.")]
CouplingList = Annotated[_ListQuery, Field(description="Couplings, such as `0-1,1-2`.")]
MetricNames = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=100)], ...],
    Field(max_length=1000, description="Only these parameters."),
]
Point = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="A time such as `2026-11-20 18:00` or `12h`, an execution id (its end), or `release:NAME`.",
    ),
]


class NewValue(Body):
    """Value of a parameter with its standard deviation, if known."""

    value: StrictNumber
    error: Annotated[StrictNumber, Field(gt=0)] | None = None
    unit: Annotated[str, Field(max_length=20)] = ""
    """The unit of the parameter, or another one of its dimension, from which the value is converted; absent: that of the parameter."""

    @classmethod
    def from_parameters(cls, values: Mapping[str, Parameter]) -> dict[str, Self]:
        """Return estimates by name."""
        return {name: cls(value=one.value, error=one.error, unit=one.unit) for name, one in values.items()}


class ValuesRequest(Body):
    """Values of a qubit or coupling, set by hand."""

    values: dict[Annotated[_Name, ENTRY], Annotated[NewValue, ENTRY]] = Field(min_length=1, max_length=200)
    reason: _Reason
    confirmed: bool = False
    """True: set values although they are far from those in use. Otherwise such a request is refused with `unconfirmed`."""

    @classmethod
    def from_parameters(cls, values: Mapping[str, Parameter], *, reason: str, confirmed: bool) -> Self:
        """Return the request for estimates."""
        return cls(values=NewValue.from_parameters(values), reason=reason, confirmed=confirmed)

    def to_parameters(self) -> dict[str, Parameter]:
        """Return the values as estimates."""
        return {name: Parameter(one.value, one.error, one.unit) for name, one in self.values.items()}


class TrustRequest(Body):
    """Statement that doubtful values may be trusted until a time."""

    metrics: _Names
    """Parameters of the target with a value in use."""
    until: GivenTime
    """End; a newer measurement of the value, or the next cool-down, ends it earlier."""
    reason: _Reason


class SettingRequest(Body):
    """Record of a changed setting of a line or box."""

    resource: _Name
    """The line or box: `mux:13`, `line:U10B-5`, `module:U10B` or `chip`."""
    name: _Name
    """The setting."""
    before: _Name
    """Its value before the change, with the unit."""
    after: _Name
    """Its value after the change."""
    at: GivenTime | None = None
    """Time of the change; absent: now."""
    reason: _Reason = ""


class UseRequest(Body):
    """Use of a result, whatever its age."""

    metrics: _Names | None = None
    """Parameters of the result; absent: all."""
    reason: _Reason = ""


class DecisionRequest(UseRequest):
    """Acceptance or rejection of a result; a rejection needs a reason."""

    undecided: bool = False
    """True to refuse it with 409 if a user has decided on one of the parameters meanwhile."""


class UndoRequest(Body):
    """Reason for an undo."""

    reason: _Reason = ""
    dry_run: bool = False
    """True: the answer shows the changes, and nothing is changed."""


class ClosingRequest(Body):
    """Reason for the commit or discard of a value scope."""

    reason: _Reason = ""


class UnitConversionRequest(Body):
    """Reason for a conversion of units."""

    reason: _Reason = ""


class ReversionRequest(Body):
    """Reversion of values to an earlier time, to the end of an execution, or to a release."""

    to: Annotated[str, Field(min_length=1, max_length=200)]
    """A time such as `2026-11-20 18:00` or `12h`, an execution id (its end), or `release:NAME`."""
    qubits: _List | None = None
    """Qubits, such as `0-3,7`; without targets, all qubits and couplings."""
    muxes: _List | None = None
    """Multiplexers, such as `0-3`: all their qubits."""
    couplings: _List | None = None
    """Couplings, such as `0-1,1-2`."""
    metrics: _Names | None = None
    """Parameters; absent: all."""
    reason: _Reason = ""

    def to_choice(self) -> TargetChoice:
        """Return the chosen targets; raise InvalidInputError if a list is invalid."""
        return TargetChoice.parse(qubits=self.qubits, muxes=self.muxes, couplings=self.couplings)
