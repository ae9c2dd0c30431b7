"""Operations of chip values: current, selected and summarized."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from qdash_builtin.figures.positions import compute_positions
from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.requests.histories import Metric
from qdash_builtin.metrics.requests.values import ValuesQuery
from qdash_builtin.metrics.views.attention import AttentionDocument
from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionsDocument
from qdash_builtin.metrics.views.metric_summaries import ChipSummaryDocument
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_builtin.metrics.views.value_tables import ValueTableDocument
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.errors import InvalidInputError
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from qdash_builtin.metrics.summary import MetricSummary
    from qdash_core.models.targets import TargetKind

operations = Operations("metrics", place=180)
_AllLabels = Annotated[
    bool, Field(description="True: numbers and values are written on chips with more than 150 qubits, too.")
]


@operations.get("/metrics/definitions", needs=RequiredRole.VIEWER, for_assistants=True)
def metric_definitions(
    call: Call,
    chip_id: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=64,
            description="Chip whose specification replaces limits of the metrics file.",
        ),
    ] = None,
) -> MetricDefinitionsDocument:
    """Show the definitions of metrics: titles, units, thresholds, groups."""
    return MetricDefinitionsDocument.from_file(call.qdash.get(METRICS).get_file(call.access, chip_id))


@operations.get(
    "/metrics/chips/{chip_id}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
    for_answers=True,
)
def chip_values(call: Call, chip_id: ChipId, query: ValuesQuery) -> ChipValuesDocument:
    """Show the values of a chip: the current ones, or a selection from its recorded results."""
    metrics = call.qdash.get(METRICS)
    wanted = query.make_selection(metrics.file if query.metric else None)
    if not (
        wanted.older_than or wanted.out_of_specification or wanted.marks or wanted.usable
    ):  # these change without an event
        changed_at, seq = call.qdash.read_chip_version(call.access.project_id, chip_id)
        call.set_changed_at(changed_at, seq=seq, ages=True)
    if not wanted.in_use:
        selected = metrics.select(call.access, chip_id, wanted)
        shown = ChipValuesDocument.from_values(selected.values, selected.failures)
        return shown.with_specification(metrics.file.specify(selected.specification))
    stored = metrics.get_stored(call.access, chip_id, wanted.targets)
    shown = ChipValuesDocument.from_stored(stored)
    try:
        return shown.with_specification(metrics.file.specify(stored.specification))
    except InvalidInputError:  # values in use are there with an invalid metrics file, too
        return shown


@operations.get("/metrics/chips/{chip_id}/table", needs=RequiredRole.VIEWER)
def value_table(call: Call, chip_id: ChipId, query: ValuesQuery) -> ValueTableDocument:
    """Show the values of a chip with everything that a table shows: summaries, definitions, fitness and defects of targets."""
    metrics, wanted = call.qdash.get(METRICS), query.make_selection(call.qdash.get(METRICS).file)
    summaries: dict[TargetKind, list[MetricSummary]] = {}
    if wanted.leaves_out:
        selected = metrics.select(call.access, chip_id, wanted)
    else:
        selected, summaries = metrics.summarise(call.access, chip_id, wanted)
    file = metrics.file.specify(selected.specification)
    return ValueTableDocument.from_metrics(selected, summaries, wanted.metrics, file)


@operations.get(
    "/metrics/chips/{chip_id}/summary",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
    for_answers=True,
)
def metric_summary(call: Call, chip_id: ChipId, query: ValuesQuery) -> ChipSummaryDocument:
    """Summarize the values of a chip by metric: count, yield, median, best value and distribution."""
    metrics, wanted = call.qdash.get(METRICS), query.make_selection(call.qdash.get(METRICS).file)
    selected, summaries = metrics.summarise(call.access, chip_id, wanted)
    return ChipSummaryDocument.from_summaries(
        selected, summaries, wanted, metrics.file.specify(selected.specification)
    )


@operations.get(
    "/metrics/chips/{chip_id}/attention",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
    for_answers=True,
)
def chip_attention(call: Call, chip_id: ChipId) -> AttentionDocument:
    """Count the failed targets, flagged results, marked values and values out of specification of a chip."""
    changed_at, seq = call.qdash.read_chip_version(call.access.project_id, chip_id)
    call.set_changed_at(changed_at, seq=seq, ages=True)
    return AttentionDocument.from_attention(
        chip_id,
        call.qdash.get(METRICS).summarise_attention(call.access, chip_id),
        call.qdash.get(METRICS).file,
    )


@operations.get("/metrics/chips/{chip_id}/map-figure", needs=RequiredRole.VIEWER, slow=True)
def draw_chip_map(
    call: Call, chip_id: ChipId, metric: Metric, all_labels: _AllLabels = False
) -> FigureDocument:
    """Draw the accepted values of a metric on the map of a chip."""
    pictures = call.qdash.registry.pictures()
    chip = call.qdash.get(METRICS).get_judged_chip(call.access, chip_id)
    values = call.qdash.get(METRICS).values(call.access, chip_id)
    places = compute_positions(chip.topology)
    return FigureDocument.from_figure(
        pictures.chip_map(chip, values, metric, places=places, all_labels=all_labels)
    )
