"""Flow of a user that is called for a preview."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.session.running_flow import RunningFlow, UnforeseenError

if TYPE_CHECKING:
    from qdash_core.flows.run_preview import RunPreview

_MOST_RUNS = 100
"""Limit of runs in a preview: a flow that repeats a run until its results are good would never end."""


@dataclass(slots=True)
class FlowPreview(RunningFlow):
    """Flow that is called for a preview, with the previews of its runs so far."""

    previews: list[RunPreview] = field(default_factory=list)

    @property
    def previewing(self) -> bool:
        """True: nothing is measured or written."""
        return True

    def add(self, preview: RunPreview) -> None:
        """Add the preview of a run; raise UnforeseenError if the flow has made too many."""
        if len(self.previews) >= _MOST_RUNS:
            raise UnforeseenError(
                f"the preview ends after {_MOST_RUNS} runs: the flow may repeat them until it has good results"
            )
        self.previews.append(preview)
