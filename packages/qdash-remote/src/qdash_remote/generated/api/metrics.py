"""Operations with the tag `metrics`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Literal

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.attention import AttentionDocument
    from qdash_core.documents.metric_definitions import MetricDefinitionsDocument
    from qdash_core.documents.metric_history import HistoryPointDocument, MetricHistoryDocument
    from qdash_core.documents.metric_statistics import MetricStatisticsDocument
    from qdash_core.documents.metric_summaries import ChipSummaryDocument
    from qdash_core.documents.metrics import ChipValuesDocument
    from qdash_core.documents.pictures import FigureDocument
    from qdash_remote.generated.client import AuthenticatedClient

MetricStatisticsFileKind = Literal["coupling", "qubit"]
MetricStatisticsKind = Literal["coupling", "qubit"]
Mode = Literal["average", "best", "latest", "median"]


@operation
def metric_definitions(
    *, client: AuthenticatedClient, chip_id: str | Unset = UNSET
) -> Response[MetricDefinitionsDocument]:
    """Show the definitions of metrics: titles, units, thresholds, groups."""
    from qdash_core.documents.metric_definitions import MetricDefinitionsDocument

    return send_request(
        client, "GET", "/metrics/definitions", MetricDefinitionsDocument, params={"chip_id": chip_id}
    )


@operation
def chip_values(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: list[str] | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
    mode: Mode | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    flagged: bool | Unset = False,
    older_than: str | Unset = UNSET,
    failed: bool | Unset = False,
    out_of_spec: bool | Unset = False,
    marked: list[str] | Unset = UNSET,
    usable: bool | Unset = False,
) -> Response[ChipValuesDocument]:
    """Show the values of a chip: the current ones, or a selection from its recorded results."""
    from qdash_core.documents.metrics import ChipValuesDocument

    return send_request(
        client,
        "GET",
        f"/metrics/chips/{quote_segment(chip_id)}",
        ChipValuesDocument,
        params={
            "target": target,
            "metric": metric,
            "mode": mode,
            "cooldown_id": cooldown_id,
            "since": since,
            "until": until,
            "flagged": flagged,
            "older_than": older_than,
            "failed": failed,
            "out_of_spec": out_of_spec,
            "marked": marked,
            "usable": usable,
        },
    )


@operation
def metric_summary(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: list[str] | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
    mode: Mode | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    flagged: bool | Unset = False,
    older_than: str | Unset = UNSET,
    failed: bool | Unset = False,
    out_of_spec: bool | Unset = False,
    marked: list[str] | Unset = UNSET,
    usable: bool | Unset = False,
) -> Response[ChipSummaryDocument]:
    """Summarize the values of a chip by metric: count, yield, median, best value and distribution."""
    from qdash_core.documents.metric_summaries import ChipSummaryDocument

    return send_request(
        client,
        "GET",
        f"/metrics/chips/{quote_segment(chip_id)}/summary",
        ChipSummaryDocument,
        params={
            "target": target,
            "metric": metric,
            "mode": mode,
            "cooldown_id": cooldown_id,
            "since": since,
            "until": until,
            "flagged": flagged,
            "older_than": older_than,
            "failed": failed,
            "out_of_spec": out_of_spec,
            "marked": marked,
            "usable": usable,
        },
    )


@operation
def metric_statistics(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    metric: str,
    kind: MetricStatisticsKind | Unset = UNSET,
    mode: Mode | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    other_metric: str | Unset = UNSET,
    other_chip_id: str | Unset = UNSET,
    other_cooldown_id: str | Unset = UNSET,
    other_since: datetime.datetime | Unset = UNSET,
    other_until: datetime.datetime | Unset = UNSET,
    without_excluded: bool | Unset = False,
    series: bool | Unset = False,
) -> Response[MetricStatisticsDocument]:
    """Show values, yield, histogram and correlation of a metric over the targets of a chip, beside those
    of another chip or period."""
    from qdash_core.documents.metric_statistics import MetricStatisticsDocument

    return send_request(
        client,
        "GET",
        f"/metrics/chips/{quote_segment(chip_id)}/statistics",
        MetricStatisticsDocument,
        params={
            "metric": metric,
            "kind": kind,
            "mode": mode,
            "cooldown_id": cooldown_id,
            "since": since,
            "until": until,
            "other_metric": other_metric,
            "other_chip_id": other_chip_id,
            "other_cooldown_id": other_cooldown_id,
            "other_since": other_since,
            "other_until": other_until,
            "without_excluded": without_excluded,
            "series": series,
        },
    )


@operation
def metric_statistics_file(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    metric: str,
    kind: MetricStatisticsFileKind | Unset = UNSET,
    mode: Mode | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    other_metric: str | Unset = UNSET,
    other_chip_id: str | Unset = UNSET,
    other_cooldown_id: str | Unset = UNSET,
    other_since: datetime.datetime | Unset = UNSET,
    other_until: datetime.datetime | Unset = UNSET,
    without_excluded: bool | Unset = False,
    series: bool | Unset = False,
) -> Response[None]:
    """Download the values of a metric over the targets of a chip as CSV, a row for each target; with
    `series` one for each value with time."""
    return send_request(
        client,
        "GET",
        f"/metrics/chips/{quote_segment(chip_id)}/statistics-file",
        NoneType,
        params={
            "metric": metric,
            "kind": kind,
            "mode": mode,
            "cooldown_id": cooldown_id,
            "since": since,
            "until": until,
            "other_metric": other_metric,
            "other_chip_id": other_chip_id,
            "other_cooldown_id": other_cooldown_id,
            "other_since": other_since,
            "other_until": other_until,
            "without_excluded": without_excluded,
            "series": series,
        },
    )


@operation
def chip_attention(chip_id: str, *, client: AuthenticatedClient) -> Response[AttentionDocument]:
    """Count the failed targets, flagged results, marked values and values out of specification of a chip."""
    from qdash_core.documents.attention import AttentionDocument

    return send_request(
        client, "GET", f"/metrics/chips/{quote_segment(chip_id)}/attention", AttentionDocument
    )


@operation
def metric_history(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: str,
    metric: str,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[HistoryPointDocument]]:
    """List all measured values of a metric of a target, newest first; a page may have fewer than `limit`."""
    from qdash_core.documents.metric_history import HistoryPointDocument

    return send_request(
        client,
        "GET",
        f"/metrics/chips/{quote_segment(chip_id)}/history",
        page_of(HistoryPointDocument),
        params={
            "target": target,
            "metric": metric,
            "cooldown_id": cooldown_id,
            "since": since,
            "until": until,
            "limit": limit,
            "after": after,
        },
    )


@operation
def complete_metric_history(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: str,
    metric: str,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    newest: int | Unset = UNSET,
) -> Response[MetricHistoryDocument]:
    """Show all recorded values of a metric of a target, newest first, with the failed attempts and the
    cool-downs of the chip."""
    from qdash_core.documents.metric_history import MetricHistoryDocument

    return send_request(
        client,
        "GET",
        f"/metrics/chips/{quote_segment(chip_id)}/complete-history",
        MetricHistoryDocument,
        params={
            "target": target,
            "metric": metric,
            "cooldown_id": cooldown_id,
            "since": since,
            "until": until,
            "newest": newest,
        },
    )


@operation
def draw_metric_history(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: str,
    metric: str,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    newest: int | Unset = UNSET,
) -> Response[FigureDocument]:
    """Draw the recorded values of a metric of a target."""
    from qdash_core.documents.pictures import FigureDocument

    return send_request(
        client,
        "GET",
        f"/metrics/chips/{quote_segment(chip_id)}/history-figure",
        FigureDocument,
        params={
            "target": target,
            "metric": metric,
            "cooldown_id": cooldown_id,
            "since": since,
            "until": until,
            "newest": newest,
        },
    )


@operation
def metric_history_file(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: str,
    metric: str,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    newest: int | Unset = UNSET,
) -> Response[None]:
    """Download all recorded values of a metric of a target as CSV, newest first; times are in UTC."""
    return send_request(
        client,
        "GET",
        f"/metrics/chips/{quote_segment(chip_id)}/history-file",
        NoneType,
        params={
            "target": target,
            "metric": metric,
            "cooldown_id": cooldown_id,
            "since": since,
            "until": until,
            "newest": newest,
        },
    )


@operation
def draw_chip_map(
    chip_id: str, *, client: AuthenticatedClient, metric: str, all_labels: bool | Unset = False
) -> Response[FigureDocument]:
    """Draw the accepted values of a metric on the map of a chip."""
    from qdash_core.documents.pictures import FigureDocument

    return send_request(
        client,
        "GET",
        f"/metrics/chips/{quote_segment(chip_id)}/map-figure",
        FigureDocument,
        params={"metric": metric, "all_labels": all_labels},
    )
