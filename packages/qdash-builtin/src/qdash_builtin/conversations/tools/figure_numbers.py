"""Tool that shows the data behind the figure of a result as selected numbers. Operations give these as files only."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from qdash_builtin.contexts.figure_data import MOST_POINTS, reduce_arrays
from qdash_builtin.conversations.tool_arguments import ToolArguments
from qdash_builtin.conversations.tools.tool import ReadingTool, cite
from qdash_builtin.record_lookup.given_ids import match_result_id
from qdash_builtin.results.feature import RESULTS
from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash


class ResultArguments(ToolArguments):
    """A result."""

    task_id: Annotated[
        str, Field(min_length=1, max_length=128, description="Id of a result, or the beginning of it.")
    ]


class FigureArguments(ResultArguments):
    """The figure of a result."""

    points: Annotated[
        int, Field(default=40, ge=2, le=MOST_POINTS, description="Maximum number of points of each array.")
    ]


def _read_figure_numbers(qdash: QDash, access: Access, given: FigureArguments) -> Mapping[str, Any]:
    task_id = match_result_id(qdash.store, access, given.task_id)
    result = qdash.get(RESULTS).show(access, task_id)
    raw = qdash.get(RESULTS).load_raw_data(access, task_id)
    try:
        declared = qdash.registry.any_task(result.name, backend=result.backend).arrays
    except NotFoundError:
        declared = None  # its task is not installed
    arrays, number = reduce_arrays(raw, declared, most=given.points)
    return {
        "cite": cite("result", task_id),
        "task": result.name,
        "target": result.qid,
        "arrays": [{**asdict(one), "shape": [*one.shape]} for one in arrays],
        "all_arrays": number,
    }


FIGURE_NUMBERS = ReadingTool(
    "figure_numbers",
    "Shows the raw data behind the figure of a result as arrays of selected numbers, without a picture.",
    FigureArguments,
    _read_figure_numbers,
)
"""Tool that shows the numbers of figures."""
