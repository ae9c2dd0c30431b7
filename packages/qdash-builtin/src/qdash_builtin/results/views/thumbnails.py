"""View models of thumbnails of task results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document
from qdash_core.models.task import TaskStatus, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.results.thumbnails import Thumbnail


class ThumbnailDocument(Document):
    """A task result as an SVG thumbnail; the page that shows it styles the classes.

    `p` marks measured points (zero-length strokes: give them a round `stroke-linecap`), with `p1` those of a second series
    and `p2` those of further ones, `f` lines, `g` dashed lines (an ideal, a threshold), `b` bars, and `c0` to `c9` the cells of
    a map from its least to its greatest value.
    """

    task_id: str
    status: TaskStatus
    verdict: Verdict | None = None
    """The verdict in force: of users, if they decided alike on all its values, else of the validation."""
    refit_of: str | None = None
    """The result whose raw data were analysed again."""
    svg: str | None = None
    """Absent if the result has no raw data, the data are gone, or they cannot be drawn."""


class ThumbnailsDocument(Document):
    """Thumbnails of the newest finished result of a task on each target of a chip."""

    chip_id: str
    task: str
    thumbnails: dict[str, ThumbnailDocument]
    """By target; targets on which the task was never run are absent."""

    @classmethod
    def from_thumbnails(cls, chip_id: str, task: str, made: Mapping[str, Thumbnail]) -> Self:
        """Return the view model of the thumbnails of a chip."""
        shown = {
            target: ThumbnailDocument.from_record(
                one.result, svg=one.svg, verdict=one.result.verdict_in_force
            )
            for target, one in made.items()
        }
        return cls(chip_id=chip_id, task=task, thumbnails=shown)
