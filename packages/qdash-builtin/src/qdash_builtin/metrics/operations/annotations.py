"""Operation of the annotations of a chip for plots over time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import Period
from qdash_builtin.metrics.views.annotations import ChipAnnotationsDocument
from qdash_builtin.request_parts.option_forms import METRIC, TARGET, CooldownId, Since, Until
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("chips", place=155)
_Target = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=64,
        description="Only annotations of this qubit or coupling, and of the whole chip.",
    ),
    TARGET,
]
_Metric = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=100,
        description="Only annotations of this metric, and those that name none.",
    ),
    METRIC,
]


@operations.get(
    "/chips/{chip_id}/annotations",
    needs=RequiredRole.VIEWER,
    command=Command("chip annotations"),
    for_assistants=True,
)
def chip_annotations(
    call: Call,
    chip_id: ChipId,
    target: _Target = None,
    metric: _Metric = None,
    cooldown_id: CooldownId = None,
    since: Since = None,
    until: Until = None,
) -> ChipAnnotationsDocument:
    """Show what happened to a chip, as on plots over time: cool-downs, notes, and changes by users, oldest first."""
    found = call.qdash.get(METRICS).get_annotations(
        call.access, chip_id, target=target, metric=metric, period=Period(cooldown_id, since, until)
    )
    return ChipAnnotationsDocument.from_annotations(found)
