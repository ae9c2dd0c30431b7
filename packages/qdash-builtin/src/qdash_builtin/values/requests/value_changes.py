"""Query parameters and request bodies for changes of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field

from qdash_builtin.request_parts.given_time import GivenTime
from qdash_builtin.request_parts.option_forms import METRIC
from qdash_builtin.request_parts.typed_values import parse_values
from qdash_builtin.values.reasons import LONGEST_REASON
from qdash_builtin.values.selection import TargetChoice
from qdash_core.models.base import StrictNumber
from qdash_core.models.estimates import Parameter
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body, Filter
from qdash_core.operations.command import OnCommandLine

if TYPE_CHECKING:
    from collections.abc import Mapping

_Name = Annotated[str, Field(min_length=1, max_length=100)]
_VISIBLE = r"^[^\x00-\x1f\x7f]+$"
_Names = Annotated[
    list[Annotated[_Name, ENTRY]],
    Field(min_length=1, max_length=1000),
    OnCommandLine(metavar="NAMES", splits_commas=True),
]
_Reason = Annotated[str, Field(max_length=LONGEST_REASON), OnCommandLine(metavar="TEXT")]
_NeededReason = Annotated[_Reason, OnCommandLine(metavar="TEXT", is_asked=True)]
_List = Annotated[str, Field(min_length=1, max_length=40_000)]
_ListQuery = Annotated[str | None, Field(min_length=1, max_length=8000), OnCommandLine(metavar="LIST")]

EventNumber = Annotated[
    int, Field(ge=1, lt=2**53, description="Number of a value event."), OnCommandLine(metavar="EVENT")
]
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


class TargetFilter(Filter):
    """Lists of targets; without one, all qubits and couplings are meant."""

    qubits: Annotated[QubitList, OnCommandLine(name="qids", metavar="LIST")] = None
    muxes: Annotated[MuxList, OnCommandLine(name="mux", metavar="LIST")] = None
    couplings: CouplingList = None

    def to_choice(self) -> TargetChoice:
        """Return the chosen targets; raise InvalidInputError if a list is invalid."""
        return TargetChoice.parse(qubits=self.qubits, muxes=self.muxes, couplings=self.couplings)


class ValueEventFilter(TargetFilter):
    """Filters of value events."""

    metric: Annotated[_Name | None, Field(description="Only changes of this parameter."), METRIC] = None
    since: Annotated[GivenTime | None, Field(description="Only changes from this time on.")] = None
    user: Annotated[
        str | None,
        Field(min_length=1, max_length=128, pattern=_VISIBLE, description="Only changes by this user."),
        OnCommandLine(name="author", metavar="USER"),
    ] = None
    by_hand: Annotated[bool, Field(description="True: only changes by users, not those by runs.")] = False
    before: Annotated[
        EventNumber | None, Field(description="Only events before this one: the next page.")
    ] = None


class ReversionFilter(TargetFilter):
    """Point in time of a reversion, and the values that it restores."""

    to: Point
    metric: MetricNames = ()


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

    values: Annotated[
        dict[Annotated[_Name, ENTRY], Annotated[NewValue, ENTRY]],
        Field(min_length=1, max_length=200),
        OnCommandLine(
            metavar="NAME=VALUE[±ERROR] ",
            is_argument=True,
            parse=lambda texts: NewValue.from_parameters(parse_values(texts)),
        ),
    ]
    reason: _NeededReason
    confirmed: Annotated[
        bool,
        OnCommandLine(name="yes", help="Set values that are far from those in use without asking."),
    ] = False
    """True: set values although they are far from those in use. Otherwise such a request is refused with `unconfirmed`."""

    def to_parameters(self) -> dict[str, Parameter]:
        """Return the values as estimates."""
        return {name: Parameter(one.value, one.error, one.unit) for name, one in self.values.items()}


class TrustRequest(Body):
    """Statement that doubtful values may be trusted until a time."""

    metrics: Annotated[_Names, OnCommandLine(metavar="NAME", is_argument=True)]
    """Parameters of the target with a value in use."""
    until: Annotated[
        GivenTime,
        OnCommandLine(
            metavar="TIME",
            is_ahead=True,
            help="End: a time such as 2026-11-22T18:00, tomorrow 9:00, or 8h for 8 hours from now.",
        ),
    ]
    """End; a newer measurement of the value, or the next cool-down, ends it earlier."""
    reason: _NeededReason


class SettingRequest(Body):
    """Record of a changed setting of a line or box."""

    resource: Annotated[_Name, OnCommandLine(is_argument=True)]
    """The line or box: `mux:13`, `line:U10B-5`, `module:U10B` or `chip`."""
    name: Annotated[_Name, OnCommandLine(metavar="SETTING", is_argument=True)]
    """The setting."""
    before: Annotated[_Name, OnCommandLine(metavar="VALUE")]
    """Its value before the change, with the unit."""
    after: Annotated[_Name, OnCommandLine(metavar="VALUE")]
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

    undecided: Annotated[bool, OnCommandLine(is_hidden=True)] = False
    """True to refuse it with 409 if a user has decided on one of the parameters meanwhile."""


class UndoRequest(Body):
    """Reason for an undo."""

    reason: _Reason = ""
    dry_run: bool = False
    """True: the answer shows the changes, and nothing is changed."""


class AdoptionRequest(Body):
    """Confirmation that simulated values become the chip's."""

    chip_id: Annotated[str, Field(min_length=1, max_length=128)]
    """Id of the chip, typed by the user."""


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
