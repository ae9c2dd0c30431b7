"""Route that compares a chip at two points in time, or two chips."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_core.documents.comparisons import PointComparisonDocument
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.path_parts import ChipId
from qdash_core.operations.required_role import RequiredRole
from qdash_core.resources.requests.value_changes import CouplingList, MetricNames, MuxList, QubitList
from qdash_core.values.selection import TargetChoice

operations = Operations("chips")
_ComparedPoint = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="A time such as `2026-11-20 18:00`, `18:00` or `12h`, an execution id (its end), `release:NAME`, "
        "`cooldown:ID` (its end), `cooldown-start:ID` (its first values), `chip:ID` (its present state), `day:DATE` (its end), or `now`.",
    ),
]


@operations.get(
    "/chips/{chip_id}/comparison",
    needs=RequiredRole.VIEWER,
    answers=PointComparisonDocument,
    slow=True,
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
    found = call.qdash.comparisons.compare(
        call.access,
        before,
        after,
        chip_id=chip_id,
        targets=TargetChoice.parse(qubits=qubits, muxes=muxes, couplings=couplings),
        names=metric or None,
    )
    return PointComparisonDocument.from_comparison(found)
