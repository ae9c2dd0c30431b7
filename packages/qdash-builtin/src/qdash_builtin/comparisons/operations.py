"""Route that compares a chip at two points in time, or two chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from qdash_builtin.comparisons.feature import COMPARISONS
from qdash_builtin.comparisons.views.comparisons import PointComparisonDocument
from qdash_builtin.request_parts.path_parts import ChipId, Day
from qdash_builtin.values.requests.value_changes import CouplingList, MetricNames, MuxList, QubitList
from qdash_builtin.values.selection import TargetChoice
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from collections.abc import Sequence

operations = Operations("chips", place=130)
_ComparedPoint = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="A time such as `2026-11-20 18:00`, `18:00` or `12h`, an execution id (its end), `release:NAME`, "
        "`cooldown:ID` (its end), `cooldown-start:ID` (its first values), `chip:ID` (its present state), `day:DATE` (its end), or `now`.",
    ),
]
_Chip = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=128,
        description="Chip of points that name none; absent: the only one of the project.",
    ),
]


@operations.get(
    "/chips/{chip_id}/comparison",
    needs=RequiredRole.VIEWER,
    slow=True,
    versioned=True,
    for_assistants=True,
)
def compare_points(
    call: Call,
    chip_id: ChipId,
    before: _ComparedPoint,
    after: _ComparedPoint = "now",
    qubits: QubitList = None,
    muxes: MuxList = None,
    couplings: CouplingList = None,
    metric: MetricNames = (),
) -> PointComparisonDocument:
    """Compare a chip at two points in time, or with another chip of the project, the most significant changes first."""
    changed_at, seq = call.qdash.read_chip_version(call.access.project_id, chip_id)
    call.set_changed_at(changed_at, seq=seq, ages=True)  # points such as `12h` move
    choice = TargetChoice.parse(qubits=qubits, muxes=muxes, couplings=couplings)
    return _compare(call, before, after, chip_id, choice, metric)


@operations.get("/comparison", needs=RequiredRole.VIEWER, slow=True)
def compare_points_of_project(
    call: Call,
    before: _ComparedPoint,
    after: _ComparedPoint = "now",
    chip: _Chip = None,
    qubits: QubitList = None,
    muxes: MuxList = None,
    couplings: CouplingList = None,
    metric: MetricNames = (),
) -> PointComparisonDocument:
    """Compare two points in time that name their chips, or concern the only chip of the project."""
    choice = TargetChoice.parse(qubits=qubits, muxes=muxes, couplings=couplings)
    return _compare(call, before, after, chip, choice, metric)


@operations.get(
    "/chips/{chip_id}/days/{day}/comparison/{other_day}",
    needs=RequiredRole.VIEWER,
    slow=True,
    command=Command("chip compare"),
    for_assistants=True,
)
def compare_chip_days(call: Call, chip_id: ChipId, day: Day, other_day: Day) -> PointComparisonDocument:
    """Compare the values and statuses of a chip at the end of two days."""
    found = call.qdash.get(COMPARISONS).compare(
        call.access, f"day:{day}", f"day:{other_day}", chip_id=chip_id
    )
    return PointComparisonDocument.from_comparison(found)


def _compare(
    call: Call, before: str, after: str, chip_id: str | None, targets: TargetChoice, metrics: Sequence[str]
) -> PointComparisonDocument:
    found = call.qdash.get(COMPARISONS).compare(
        call.access, before, after, chip_id=chip_id, targets=targets, names=metrics or None
    )
    return PointComparisonDocument.from_comparison(found)
