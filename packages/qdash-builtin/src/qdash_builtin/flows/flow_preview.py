"""Preview of a user's flow: its file is imported, its function is called, and each run of its calibrations is previewed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from qdash_builtin.runs.previews import RunPreview, preview_steps
from qdash_core.errors import FlowError
from qdash_core.flows.dry_run import Stage
from qdash_core.models.request import split_location
from qdash_core.session.running_flow import RunningFlow, UnforeseenError, set_current_flow

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.flows.user_flows import UserFlow
    from qdash_core.models.request import RunRequest

logger = logging.getLogger(__name__)

_MOST_RUNS = 100
"""Limit of runs in a preview: a flow that repeats a run until its results are good would never end."""


def preview_user_flow(
    open_flow: Callable[[], UserFlow], request: RunRequest, *, project_id: str, alone: bool
) -> RunPreview:
    """Open a flow, call its function, and return the previews of its runs as one.

    If the flow fails after its first run or calls a task by itself, which has no result, the last stage says so. See `RunService.preview` for
    `alone`.

    Raises
    ------
    FlowError
        If the flow fails before its first run, or runs nothing.
    QDashError
        If it cannot be opened, lacks an argument, or one of its runs cannot begin.
    """
    found: list[RunPreview] = []
    previewed = RunningFlow(request=request, preview=lambda *run: add_preview(found, preview_steps(*run)))
    name = split_location(request.flow)[0].name if request.names_file else request.flow
    rest: list[Stage] = []
    with set_current_flow(previewed, until_exit=alone):
        try:
            flow = open_flow()
            name = flow.name
            flow.call(flow.select_arguments(request, project_id=project_id))
        except FlowError as error:
            if not found and not isinstance(error, UnforeseenError):
                raise
            logger.debug("the preview of %s ended early", name, exc_info=error)
            reason = (
                str(error)
                if isinstance(error, UnforeseenError)
                else f"the flow failed in the preview, perhaps because it has no results: {error}"
            )
            rest = [Stage(f"the rest of {name}", (), (), reason=reason)]
    previews = found.copy()  # threads of the flow may still add some
    if not (previews or rest):
        raise FlowError(f"{name} ran to its end and calibrated nothing: CalibService(...).run() does")
    return RunPreview(
        list(dict.fromkeys(target for one in previews for target in one.targets)),
        [stage for one in previews for stage in one.stages] + rest,
        [forecast for one in previews for forecast in one.forecasts] + [None for _ in rest],
        {target: reason for one in previews for target, reason in one.left_out.items()},
        {task: reason for one in previews for task, reason in one.tasks_left_out.items()},
        frozenset(kind for one in previews for kind in one.kinds),
    )


def add_preview(previews: list[RunPreview], preview: RunPreview) -> None:
    """Add the preview of a run of a flow; raise UnforeseenError if the flow has made too many."""
    if len(previews) >= _MOST_RUNS:
        raise UnforeseenError(
            f"the preview ends after {_MOST_RUNS} runs: the flow may repeat them until it has good results"
        )
    previews.append(preview)
