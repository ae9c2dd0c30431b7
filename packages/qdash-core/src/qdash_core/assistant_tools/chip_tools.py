"""Tools that read chips: their list, values, marks, histories, trends and digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from qdash_core.assistant_tools.tool import ReadingTool, ToolScope, cite
from qdash_core.assistants.tool_arguments import (
    ChipArguments,
    ChipName,
    Limit,
    Names,
    PageArguments,
    Since,
    Target,
    Targets,
    ToolArguments,
    Until,
)
from qdash_core.documents.attention import AttentionDocument
from qdash_core.documents.chips import ChipHeader
from qdash_core.documents.digests import DigestDocument
from qdash_core.documents.metric_history import HistoryPointDocument
from qdash_core.documents.metric_summaries import ChipSummaryDocument
from qdash_core.documents.metrics import ChipValuesDocument
from qdash_core.documents.trends import ChipTrendsDocument
from qdash_core.metrics.selection import Period, Selection
from qdash_core.models.marks import Mark
from qdash_core.models.pages import PageRequest
from qdash_core.models.quantities import format_quantity
from qdash_core.models.references import RecordKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_WHOLE_VALUES = 50
"""Maximum number of values that are shown with times and results."""


def _list_chips(scope: ToolScope, given: PageArguments) -> Mapping[str, Any]:
    page = scope.services.chips.page(scope.access, PageRequest(given.limit, given.after))
    found = [ChipHeader.from_record(one).as_json() for one in page.items]
    return {"chips": [{"cite": _cite_chip(one["chip_id"]), **one} for one in found], "next": page.next}


class ValueArguments(ChipArguments):
    """Selection of values."""

    targets: Targets
    metrics: Names
    marked: Annotated[bool, Field(default=False, description="True: only values with a mark.")]
    out_of_specification: Annotated[
        bool, Field(default=False, description="True: only values out of specification.")
    ]


def _read_values(scope: ToolScope, given: ValueArguments) -> Mapping[str, Any]:
    chip_id, metrics = scope.get_chip(given.chip_id), scope.services.metrics
    selection = Selection(
        targets=given.targets,
        metrics=metrics.file.resolve_groups(given.metrics),
        marks=tuple(Mark) if given.marked else (),
        out_of_specification=given.out_of_specification,
    )
    selected = metrics.select(scope.access, chip_id, selection)
    document = ChipValuesDocument.from_values(selected.values, selected.failures).with_specification(
        metrics.file.specify(selected.specification)
    )
    found = document.as_json()
    values = {
        (target, name): value
        for kind in ("qubits", "couplings")
        for target, of_target in found[kind].items()
        for name, value in of_target.items()
    }
    for (target, name), value in values.items():
        value.pop("execution_id", None)  # the result has it
        value["cite"] = _cite_value(chip_id, target, name)
    if len(values) > _MOST_WHOLE_VALUES:
        found = {"chip_id": chip_id, "values": [_shorten_value(one) for one in values.values()]}
    return {"cite": _cite_chip(chip_id), "chip_id": chip_id, **found}


def _shorten_value(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value with its citation as text, and its marks."""
    text = format_quantity(float(value["value"]), value.get("error"), value.get("unit", ""))
    marks = {name: value[name] for name in ("marks", "out_of_spec") if value.get(name)}
    return {"cite": value["cite"], "value": text, **marks}


class SummaryArguments(ChipArguments):
    """Metrics of a chip."""

    metrics: Names


def _summarise(scope: ToolScope, given: SummaryArguments) -> Mapping[str, Any]:
    chip_id, metrics = scope.get_chip(given.chip_id), scope.services.metrics
    selection = Selection(metrics=metrics.file.resolve_groups(given.metrics))
    selected, summaries = metrics.summarise(scope.access, chip_id, selection)
    file = metrics.file.specify(selected.specification)
    found = ChipSummaryDocument.from_summaries(selected, summaries, selection, file).as_json()
    for name, summary in (*found["qubits"].items(), *found["couplings"].items()):
        if best := summary.get("best"):
            best["cite"] = _cite_value(chip_id, best["target"], name)
    return {"cite": _cite_chip(chip_id), **found}


def _read_marks(scope: ToolScope, given: ChipArguments) -> Mapping[str, Any]:
    chip_id, metrics = scope.get_chip(given.chip_id), scope.services.metrics
    attention = metrics.summarise_attention(scope.access, chip_id)
    found = AttentionDocument.from_attention(chip_id, attention, metrics.file).as_json()
    return {"cite": _cite_chip(chip_id), **found}


class HistoryArguments(ChipArguments):
    """A metric of a target in a period."""

    target: Target
    metric: Annotated[str, Field(min_length=1, max_length=100, description="Parameter, such as t1.")]
    since: Since
    until: Until
    limit: Limit


def _read_history(scope: ToolScope, given: HistoryArguments) -> Mapping[str, Any]:
    chip_id = scope.get_chip(given.chip_id)
    page = scope.services.metrics.get_history_page(
        scope.access,
        chip_id,
        given.target,
        given.metric,
        PageRequest(given.limit),
        period=Period(since=given.since, until=given.until),
    )
    return {
        "cite": _cite_value(chip_id, given.target, given.metric),
        "points": [HistoryPointDocument.from_point(one).as_json() for one in page.items],
        "more": page.next is not None,
    }


class TrendArguments(ChipArguments):
    """Series of a chip."""

    targets: Targets
    metrics: Names
    since: Since
    until: Until


def _read_trends(scope: ToolScope, given: TrendArguments) -> Mapping[str, Any]:
    chip_id, metrics = scope.get_chip(given.chip_id), scope.services.metrics
    trends = metrics.get_trends(
        scope.access,
        chip_id,
        metrics=metrics.file.resolve_groups(given.metrics),
        targets=given.targets,
        period=Period(since=given.since, until=given.until),
    )
    found = ChipTrendsDocument.from_trends(trends).as_json()
    for one in found["series"]:
        one.pop("points", None)  # `value_history` has them
        one["cite"] = _cite_value(chip_id, one["target"], one["metric"])
    return {"cite": _cite_chip(chip_id), **found}


class DigestArguments(ToolArguments):
    """Period of a digest."""

    chip_id: ChipName
    since: Annotated[
        str | None,
        Field(
            default=None,
            min_length=1,
            max_length=200,
            description="A time, a duration before now such as 12h, an execution id (its end), release:NAME, last-night or night-before-last; default: 18:00 the day before.",
        ),
    ]
    until: Annotated[
        str | None,
        Field(default=None, min_length=1, max_length=200, description="End, as the start; default: now."),
    ]


def _read_digest(scope: ToolScope, given: DigestArguments) -> Mapping[str, Any]:
    chip_id = scope.get_chip(given.chip_id)
    made = scope.services.digests.make(scope.access, chip_id, given.since, given.until)
    return {"cite": _cite_chip(chip_id), **DigestDocument.from_digest(made).as_json()}


def _cite_chip(chip_id: str) -> str:
    return cite(RecordKind.CHIP, chip_id)


def _cite_value(chip_id: str, target: str, metric: str) -> str:
    return cite(RecordKind.VALUE, f"{chip_id}/{target}/{metric}")


CHIP_TOOLS = (
    ReadingTool("list_chips", "Lists the chips of the project, newest first.", PageArguments, _list_chips),
    ReadingTool(
        "chip_values",
        "Shows values in use of a chip with errors, units, marks and `out_of_spec`; up to 50 values with times and results. Cite a value by its "
        "`cite`.",
        ValueArguments,
        _read_values,
    ),
    ReadingTool(
        "value_summary",
        "Summarizes each metric over the targets of a chip: count, yield, median, best value and distribution. Cite it by its `cite`.",
        SummaryArguments,
        _summarise,
    ),
    ReadingTool(
        "value_marks",
        "Counts failed targets, flagged results, marked values and values out of specification of a chip, and lists failed targets.",
        ChipArguments,
        _read_marks,
    ),
    ReadingTool(
        "value_history",
        "Lists measured values of one metric of one target, newest first. Cite a point as [result:TASK_ID].",
        HistoryArguments,
        _read_history,
    ),
    ReadingTool(
        "trends",
        "Shows change points, drift and excess spread of accepted values of a chip, worst first, without the points.",
        TrendArguments,
        _read_trends,
    ),
    ReadingTool(
        "digest",
        "Shows runs, changes, failures and advice on a chip in a period.",
        DigestArguments,
        _read_digest,
    ),
)
"""Tools on chips."""
