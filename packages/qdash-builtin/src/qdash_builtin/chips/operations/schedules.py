"""Operations for the measurement schedule of a chip, and the strategies that make it."""

from __future__ import annotations

from typing import get_args

from qdash_builtin.chips.chip_schedules import find_schedule
from qdash_builtin.chips.requests.schedules import ScheduleFilter
from qdash_builtin.chips.views.schedules import ScheduleDocument
from qdash_builtin.chips.views.strategies import StrategyDocument
from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.models.quantities import format_count
from qdash_core.models.targets import TargetKind
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("plans", place=400)


@operations.get("/strategies", needs=RequiredRole.VIEWER)
def list_strategies(call: Call) -> PageOf[StrategyDocument]:
    """List the scheduling strategies that runs and schedules can select, by kind and name."""
    registry = call.qdash.registry
    found = [
        StrategyDocument.from_scheduler(one)
        for kind in get_args(TargetKind)
        for one in registry.schedulers(kind).values()
    ]
    page = Page.from_all_items(found, call.page, lambda one: (one.kind, one.name))
    return PageOf[StrategyDocument].from_page(page, lambda one: one)


@operations.get("/chips/{chip_id}/schedule", needs=RequiredRole.VIEWER, slow=True)
def chip_schedule(call: Call, chip_id: ChipId, asked: ScheduleFilter) -> ScheduleDocument:
    """Return the measurement schedule of a chip, with a lower bound on the number of groups."""
    found = find_schedule(call.qdash, call.access, chip_id, asked.make_request())
    return ScheduleDocument.from_schedule(found.schedule, seconds=found.seconds)


@operations.get("/chips/{chip_id}/schedule/figure", needs=RequiredRole.VIEWER, slow=True)
def chip_schedule_figure(call: Call, chip_id: ChipId, asked: ScheduleFilter) -> FigureDocument:
    """Draw the measurement schedule of a chip in laboratory time."""
    made = find_schedule(call.qdash, call.access, chip_id, asked.make_request()).schedule
    waits = "groups wait at barriers" if made.colouring.barriers else "groups do not wait for each other"
    title = f"{made.kind}s of {chip_id} in {format_count(len(made.groups), 'group')}; {waits}"
    return FigureDocument.from_figure(call.qdash.registry.pictures().schedule_timeline(made, title=title))
