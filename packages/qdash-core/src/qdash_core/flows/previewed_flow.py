"""Preview of a user's flow: its function is called, and each run of its calibrations is previewed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.errors import FlowError
from qdash_core.flows.dry_run import Stage
from qdash_core.flows.run_preview import RunPreview
from qdash_core.session.running_flow import RunningFlow, UnforeseenError, set_current_flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.flows.user_flows import UserFlow
    from qdash_core.models.request import RunRequest

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class PreviewedFlow(RunningFlow):
    """Flow that is called for a preview, with the previews of its runs so far."""

    previews: list[RunPreview] = field(default_factory=list)

    @property
    def previewing(self) -> bool:
        """True: nothing is measured or written."""
        return True


def preview_user_flow(flow: UserFlow, arguments: Mapping[str, Any], request: RunRequest) -> RunPreview:
    """Call the function of a flow, and return the previews of its runs as one.

    If the function fails after its first run or calls a task by itself, which has no result, the last stage is one that is not known
    beforehand.

    Raises
    ------
    FlowError
        If the function fails before its first run, or runs nothing.
    QDashError
        If one of its runs cannot begin.
    """
    previewed = PreviewedFlow(request=request)
    rest: list[Stage] = []
    with set_current_flow(previewed):
        try:
            flow.call(arguments)
        except FlowError as error:
            if not previewed.previews and not isinstance(error, UnforeseenError):
                raise
            logger.debug("the preview of %s ended early", flow.name, exc_info=error)
            rest = [Stage(f"the rest of {flow.name}", (), (), foreseen=False)]
    if not (previewed.previews or rest):
        raise FlowError(f"{flow.name} ran to its end and calibrated nothing: CalibService(...).run() does")
    previews = previewed.previews
    return RunPreview(
        list(dict.fromkeys(target for one in previews for target in one.targets)),
        [stage for one in previews for stage in one.stages] + rest,
        [forecast for one in previews for forecast in one.forecasts] + [None for _ in rest],
        {target: reason for one in previews for target, reason in one.left_out.items()},
        {task: reason for one in previews for task, reason in one.tasks_left_out.items()},
        frozenset(kind for one in previews for kind in one.kinds),
    )
