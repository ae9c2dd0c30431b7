"""Routes of chip values: current, selected, summarized, and their history."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from qdash_api.file_responses import stream_file
from qdash_api.pages import PageOf
from qdash_api.requests.notes import CooldownId, Since, Until
from qdash_api.requests.statistics import StatisticsQuery
from qdash_api.requests.values import ValuesQuery
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import ChipId
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.attention import AttentionDocument
from qdash_core.documents.metric_definitions import MetricDefinitionsDocument
from qdash_core.documents.metric_history import HistoryPointDocument, make_history_csv
from qdash_core.documents.metric_statistics import MetricStatisticsDocument, make_statistics_csv
from qdash_core.documents.metric_summaries import ChipSummaryDocument
from qdash_core.documents.metrics import ChipValuesDocument
from qdash_core.metrics.selection import Period

routes = Routes("metrics")
Target = Annotated[str, Query(min_length=1, max_length=64, description="A qubit or coupling.")]
Metric = Annotated[str, Query(min_length=1, max_length=100, description="Name of a metric.")]


@routes.get("/metrics/definitions", needs=RequiredRole.VIEWER, answers=MetricDefinitionsDocument)
def metric_definitions(
    call: Call,
    chip_id: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=64,
            description="Chip whose specification replaces limits of the metrics file.",
        ),
    ] = None,
) -> MetricDefinitionsDocument:
    """Show the definitions of metrics: titles, units, thresholds, groups."""
    return MetricDefinitionsDocument.from_file(call.qdash.metrics.get_file(call.access, chip_id))


@routes.get("/metrics/chips/{chip_id}", needs=RequiredRole.VIEWER, answers=ChipValuesDocument, versioned=True)
def chip_values(call: Call, chip_id: ChipId, query: Annotated[ValuesQuery, Query()]) -> ChipValuesDocument:
    """Show the values of a chip: the current ones, or a selection from its recorded results."""
    metrics, wanted = call.qdash.metrics, query.make_selection(call.qdash.metrics.file)
    if not (
        wanted.older_than or wanted.out_of_specification or wanted.marks or wanted.usable
    ):  # these change without an event
        changed_at, seq = call.qdash.chips.get_version(call.access, chip_id)
        call.set_changed_at(changed_at, seq=seq, ages=True)
    if wanted.in_use:
        stored = metrics.get_stored(call.access, chip_id, wanted.targets)
        shown, asked = ChipValuesDocument.from_stored(stored), stored.specification
    else:
        selected = metrics.select(call.access, chip_id, wanted)
        shown = ChipValuesDocument.from_values(selected.values, selected.failures)
        asked = selected.specification
    return shown.with_specification(metrics.file.specify(asked))


@routes.get("/metrics/chips/{chip_id}/summary", needs=RequiredRole.VIEWER, answers=ChipSummaryDocument)
def metric_summary(
    call: Call, chip_id: ChipId, query: Annotated[ValuesQuery, Query()]
) -> ChipSummaryDocument:
    """Summarize the values of a chip by metric: count, yield, median, best value and distribution."""
    metrics, wanted = call.qdash.metrics, query.make_selection(call.qdash.metrics.file)
    selected, summaries = metrics.summarise(call.access, chip_id, wanted)
    return ChipSummaryDocument.from_summaries(
        selected, summaries, wanted, metrics.file.specify(selected.specification)
    )


@routes.get(
    "/metrics/chips/{chip_id}/statistics",
    needs=RequiredRole.VIEWER,
    answers=MetricStatisticsDocument,
    slow=True,
)
def metric_statistics(
    call: Call, chip_id: ChipId, query: Annotated[StatisticsQuery, Query()]
) -> MetricStatisticsDocument:
    """Show values, yield, histogram and correlation of a metric over the targets of a chip, beside those of another chip or period."""
    found = call.qdash.metrics.get_statistics(call.access, query.make_request(chip_id))
    return MetricStatisticsDocument.from_statistics(found)


@routes.get(
    "/metrics/chips/{chip_id}/statistics-file", needs=RequiredRole.VIEWER, media_type="text/csv", slow=True
)
def metric_statistics_file(
    call: Call, chip_id: ChipId, query: Annotated[StatisticsQuery, Query()]
) -> Response:
    """Download the values of a metric over the targets of a chip as CSV, a row for each target; with `series` one for each value with time."""
    found = call.qdash.metrics.get_statistics(call.access, query.make_request(chip_id))
    document = MetricStatisticsDocument.from_statistics(found)
    contents = make_statistics_csv(document, series=query.series).encode()
    return stream_file(call, [contents], name=f"{chip_id}-{query.metric}.csv", media_type="text/csv")


@routes.get(
    "/metrics/chips/{chip_id}/attention",
    needs=RequiredRole.VIEWER,
    answers=AttentionDocument,
    versioned=True,
)
def chip_attention(call: Call, chip_id: ChipId) -> AttentionDocument:
    """Count the failed targets, flagged results, marked values and values out of specification of a chip."""
    changed_at, seq = call.qdash.chips.get_version(call.access, chip_id)
    call.set_changed_at(changed_at, seq=seq, ages=True)
    return AttentionDocument.from_attention(
        chip_id,
        call.qdash.metrics.summarise_attention(call.access, chip_id),
        call.qdash.metrics.file,
    )


@routes.get(
    "/metrics/chips/{chip_id}/history", needs=RequiredRole.VIEWER, answers=PageOf[HistoryPointDocument]
)
def metric_history(
    call: Call,
    chip_id: ChipId,
    target: Target,
    metric: Metric,
    cooldown_id: CooldownId = None,
    since: Since = None,
    until: Until = None,
) -> PageOf[HistoryPointDocument]:
    """List all measured values of a metric of a target, newest first; a page may have fewer than `limit`."""
    period = Period(cooldown_id, since, until)
    page = call.qdash.metrics.get_history_page(call.access, chip_id, target, metric, call.page, period=period)
    return PageOf.from_page(page, HistoryPointDocument.from_point)


@routes.get(
    "/metrics/chips/{chip_id}/history-file", needs=RequiredRole.VIEWER, media_type="text/csv", slow=True
)
def metric_history_file(
    call: Call,
    chip_id: ChipId,
    target: Target,
    metric: Metric,
    cooldown_id: CooldownId = None,
    since: Since = None,
    until: Until = None,
) -> Response:
    """Download all recorded values of a metric of a target as CSV, newest first; times are in UTC."""
    period = Period(cooldown_id, since, until)
    found = call.qdash.metrics.get_history(call.access, chip_id, target, metric, period=period)
    contents = make_history_csv(found).encode()
    return stream_file(call, [contents], name=f"{chip_id}-{found.target}-{metric}.csv", media_type="text/csv")
