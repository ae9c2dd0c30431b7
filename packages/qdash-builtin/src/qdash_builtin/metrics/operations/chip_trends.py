"""Operations of the trends of a chip."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import Period, resolve_groups
from qdash_builtin.metrics.views.trends import ChipTrendsDocument
from qdash_builtin.request_parts.option_forms import CooldownId, Since, Until
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.models.target_lists import parse_targets
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("chips", place=150)
_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Targets = Annotated[
    tuple[_Name, ...],
    Field(
        max_length=2_000, description="Qubits, ranges of qubits such as `0..3`, and couplings; absent: all."
    ),
]
_Metrics = Annotated[
    tuple[_Name, ...],
    Field(
        max_length=100,
        description="Metrics, or groups of metrics; absent: those of `table` in the metrics file.",
    ),
]


@operations.get(
    "/chips/{chip_id}/trends",
    needs=RequiredRole.VIEWER,
    slow=True,
    for_assistants=True,
    for_answers=True,
)
def chip_trends(
    call: Call,
    chip_id: ChipId,
    target: _Targets = (),
    metric: _Metrics = (),
    cooldown_id: CooldownId = None,
    since: Since = None,
    until: Until = None,
) -> ChipTrendsDocument:
    """Show change points, drift and excess spread of the accepted values of a chip, worst first."""
    metrics = call.qdash.get(METRICS)
    trends = metrics.get_trends(
        call.access,
        chip_id,
        metrics=resolve_groups(metrics.file, metric),
        targets=parse_targets(target) if target else (),
        period=Period(cooldown_id, since, until),
    )
    return ChipTrendsDocument.from_trends(trends)
