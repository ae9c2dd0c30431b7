"""Operations of statistics of a metric over the targets of a chip."""

from __future__ import annotations

from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.requests.statistics import StatisticsQuery
from qdash_builtin.metrics.views.metric_statistics import MetricStatisticsDocument, make_statistics_csv
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("metrics", place=190)


@operations.get(
    "/metrics/chips/{chip_id}/statistics",
    needs=RequiredRole.VIEWER,
    slow=True,
    versioned=True,
    for_assistants=True,
)
def metric_statistics(call: Call, chip_id: ChipId, query: StatisticsQuery) -> MetricStatisticsDocument:
    """Show values, yield, histogram and correlation of a metric over the targets of a chip, beside those of another chip or period."""
    changed_at, seq = call.qdash.read_chip_version(call.access.project_id, chip_id)
    call.set_changed_at(changed_at, seq=seq, ages=True)
    found = call.qdash.get(METRICS).get_statistics(call.access, query.make_request(chip_id))
    return MetricStatisticsDocument.from_statistics(found)


@operations.get(
    "/metrics/chips/{chip_id}/statistics-file", needs=RequiredRole.VIEWER, media_type="text/csv", slow=True
)
def metric_statistics_file(call: Call, chip_id: ChipId, query: StatisticsQuery) -> FileAnswer:
    """Download the values of a metric over the targets of a chip as CSV, a row for each target; with `series` one for each value with time."""
    found = call.qdash.get(METRICS).get_statistics(call.access, query.make_request(chip_id))
    document = MetricStatisticsDocument.from_statistics(found)
    contents = make_statistics_csv(document, series=query.series).encode()
    return FileAnswer([contents], name=f"{chip_id}-{query.metric}.csv", media_type="text/csv")
