"""Tools that read task results: search, one result, provenance and the numbers of its figure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from qdash_core.assistant_tools.tool import ReadingTool, ToolScope, cite
from qdash_core.assistants.tool_arguments import ChipName, PageArguments, Since, ToolArguments, Until, Words
from qdash_core.contexts.figure_data import MOST_POINTS, reduce_arrays
from qdash_core.documents.explanations import make_explanation_document
from qdash_core.documents.provenance import ProvenanceDocument
from qdash_core.documents.results import RecordedResult, ResultDocument
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.pages import PageRequest
from qdash_core.models.quantities import format_quantity
from qdash_core.models.references import RecordKind
from qdash_core.models.task import TaskStatus, Verdict  # noqa: TC001  pydantic reads the fields
from qdash_core.provenance.service import select_directions
from qdash_core.results.result_query import ResultQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.task import ListedResult

_Text = Annotated[str | None, Field(default=None, min_length=1, max_length=128)]
_TaskId = Annotated[
    str, Field(min_length=1, max_length=128, description="Id of a result, or the beginning of it.")
]
_LISTED = (
    *("name", "qid", "status", "verdict", "message", "start_at", "execution_id", "username", "chip_id"),
    *("decisions", "refit_of", "rerun_of", "simulated", "scope"),
)
_LEFT_OUT = ("raw_data_path", "lab_s", "lab_start_s", "project_id")


class ResultsArguments(PageArguments):
    """Conditions on results."""

    chip_id: ChipName
    execution_id: _Text
    task: _Text
    target: _Text
    status: TaskStatus | None = None
    verdict: Verdict | None = None
    user: _Text
    text: Words
    since: Since
    until: Until


def _list_results(scope: ToolScope, given: ResultsArguments) -> Mapping[str, Any]:
    conditions = given.model_dump(exclude={"limit", "after", "chip_id", "user"})
    chip_id = given.chip_id or (None if given.execution_id else scope.chip_id)
    query = ResultQuery(chip_id=chip_id, username=given.user, **conditions)
    page = scope.services.results.page(scope.access, query, PageRequest(given.limit, given.after))
    return {
        "results": [_show_listed(one) for one in page.items],
        "next": page.next,
    }


def _show_listed(result: ListedResult) -> dict[str, Any]:
    shown = ResultDocument.from_record(result).as_json()
    outputs = {
        name: format_quantity(float(one.value), one.error, one.unit)
        for name, one in result.output_parameters.items()
    }
    kept = {name: shown[name] for name in _LISTED if shown.get(name)}
    return {"cite": cite(RecordKind.RESULT, result.task_id), **kept, "outputs": outputs}


class ResultArguments(ToolArguments):
    """A result."""

    task_id: _TaskId


def _read_result(scope: ToolScope, given: ResultArguments) -> Mapping[str, Any]:
    task_id = scope.services.results.resolve_id(scope.access, given.task_id)
    return _show_result(
        RecordedResult.from_record(scope.services.results.show(scope.access, task_id)).as_json()
    )


def _show_result(result: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in result.items() if name not in _LEFT_OUT}
    return {"cite": cite(RecordKind.RESULT, result["task_id"]), **shown}


class ExplainArguments(ToolArguments):
    """A result, an execution, or a target of a chip."""

    subject: Annotated[
        str, Field(min_length=1, max_length=128, description="Id of a result or an execution, or a target.")
    ]
    chip_id: ChipName


def _explain(scope: ToolScope, given: ExplainArguments) -> Mapping[str, Any]:
    chip_id = given.chip_id or scope.chip_id
    found = scope.services.explanations.explain(scope.access, given.subject, chip_id)
    return make_explanation_document(found).as_json()


class ProvenanceArguments(ToolArguments):
    """A result, or a value in use."""

    task_id: _Text
    chip_id: ChipName
    target: _Text
    metric: _Text
    direction: Annotated[
        Literal["back", "forward"] | None,
        Field(default=None, description="back: only its origin; forward: only its uses; default: both."),
    ]
    depth: Annotated[
        int, Field(default=3, ge=1, le=20, description="Maximum number of steps in each direction.")
    ]


def _trace(scope: ToolScope, given: ProvenanceArguments) -> Mapping[str, Any]:
    directions = select_directions(given.direction)
    service = scope.services.provenance
    if given.task_id is not None:
        graph = service.trace_result(scope.access, given.task_id, directions=directions, depth=given.depth)
    elif given.target is None or given.metric is None:
        raise InvalidInputError("name a result by `task_id`, or a value by `target` and `metric`")
    else:
        chip_id = scope.get_chip(given.chip_id)
        graph = service.trace_value(
            scope.access, chip_id, given.target, given.metric, directions=directions, depth=given.depth
        )
    return ProvenanceDocument.from_graph(graph).as_json()


class FigureArguments(ToolArguments):
    """The figure of a result."""

    task_id: _TaskId
    points: Annotated[
        int, Field(default=40, ge=2, le=MOST_POINTS, description="Maximum number of points of each array.")
    ]


def _read_figure_numbers(scope: ToolScope, given: FigureArguments) -> Mapping[str, Any]:
    task_id = scope.services.results.resolve_id(scope.access, given.task_id)
    result = scope.services.results.show(scope.access, task_id)
    raw = scope.services.results.load_raw_data(scope.access, task_id)
    try:
        declared = scope.services.registry.any_task(result.name, backend=result.backend).arrays
    except NotFoundError:
        declared = None  # its task is not installed
    arrays, number = reduce_arrays(raw, declared, most=given.points)
    return {
        "cite": cite(RecordKind.RESULT, task_id),
        "task": result.name,
        "target": result.qid,
        "arrays": [{**asdict(one), "shape": [*one.shape]} for one in arrays],
        "all_arrays": number,
    }


RESULT_TOOLS = (
    ReadingTool(
        "results",
        "Lists task results that meet all conditions, newest first. Cite one by its `cite`.",
        ResultsArguments,
        _list_results,
    ),
    ReadingTool(
        "result",
        "Shows one task result: outputs, reasons of its verdict, quality, inputs, run parameters and decisions.",
        ResultArguments,
        _read_result,
    ),
    ReadingTool(
        "explain",
        "Ranks the likely causes of a failed or flagged result, of a target, or of all failures of an execution, by rules, with evidence and the "
        "next step. Ask it first about failures.",
        ExplainArguments,
        _explain,
    ),
    ReadingTool(
        "provenance",
        "Shows what a value or a result came from, and what used it.",
        ProvenanceArguments,
        _trace,
    ),
    ReadingTool(
        "figure_numbers",
        "Shows the raw data behind the figure of a result as arrays of selected numbers, without a picture.",
        FigureArguments,
        _read_figure_numbers,
    ),
)
"""Tools on results."""
