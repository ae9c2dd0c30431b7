"""Chip of a host for notebooks."""

from __future__ import annotations

import io
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from qdash_builtin.chips.operations.chips import show_chip
from qdash_builtin.exchange.operations.exports import export_chip
from qdash_builtin.exchange.requests.exports import ExportQuery
from qdash_builtin.metrics.operations.metric_histories import metric_history
from qdash_builtin.metrics.operations.metrics import chip_values
from qdash_builtin.metrics.requests.histories import HistoryQuery
from qdash_builtin.metrics.requests.values import ValuesQuery
from qdash_builtin.results.operations.results import (
    list_results,
    preview_refit,
    raw_data_file,
    record_analysis,
    refit_result,
    result_figure,
    show_result,
)
from qdash_builtin.results.requests import AnalysisRequest, CurveRequest, RefitPreviewRequest, RefitRequest
from qdash_builtin.runs.operations.tasks import show_task
from qdash_builtin.values.requests.value_changes import NewValue
from qdash_core.artifacts.raw_data import read
from qdash_core.errors import NotFoundError
from qdash_core.models.pages import LARGEST_PAGE
from qdash_core.operations.transport import Asking, list_every
from qdash_core.process.timezones import get_local_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from qdash_builtin.metrics.selection import Period, Selection
    from qdash_builtin.metrics.views.metric_history import HistoryPointDocument
    from qdash_builtin.metrics.views.metrics import ChipValuesDocument
    from qdash_builtin.results.result_query import ResultQuery
    from qdash_builtin.results.user_analyses import UserAnalysis
    from qdash_builtin.results.views.refits import RefitPreviewDocument
    from qdash_builtin.runs.views.results import RecordedResult, ResultDocument
    from qdash_builtin.runs.views.tasks import TaskDocument
    from qdash_core.models.raw_data import RawData


class HostConnection(Asking, Protocol):
    """Connection to a host."""

    @property
    def base_url(self) -> object:
        """Address of the host."""

    @property
    def simulated_time(self) -> datetime | None:
        """Time of the host's home at its last response, if its clock is simulated."""

    def close(self) -> None:
        """Close the connection."""


class HostChip:
    """Source of a chip of a host, as `qdash_builtin.notebooks.source` describes it; NotFoundError if the host has none.

    `close` closes the connection, such as that of `qdash_remote.connect`.
    """

    def __init__(self, connection: HostConnection, chip_id: str) -> None:
        self._connection = connection
        self.chip_id = connection.ask(show_chip, chip_id).chip_id

    def __repr__(self) -> str:
        return f"host {self._connection.base_url}"

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of this machine."""
        return ZoneInfo(get_local_zone())

    @property
    def simulated_time(self) -> datetime | None:
        """Time of the host's home at its last response, if its clock is simulated."""
        return self._connection.simulated_time

    def select_values(self, selection: Selection) -> ChipValuesDocument:
        """Return selected values."""
        period = selection.period
        return self._connection.ask(
            chip_values,
            self.chip_id,
            query=ValuesQuery(
                target=list(selection.targets),
                metric=list(selection.metrics),
                mode=selection.mode.value,
                cooldown_id=period.cooldown_id,
                since=period.since,
                until=period.until,
                flagged=selection.flagged,
                marked=[str(mark) for mark in selection.marks],
                usable=selection.usable,
            ),
        )

    def list_history(
        self, target: str, metric: str, period: Period, limit: int | None
    ) -> Iterable[HistoryPointDocument]:
        """Return recorded values of a metric."""
        found = list_every(
            self._connection,
            metric_history.paged(limit=LARGEST_PAGE),
            self.chip_id,
            HistoryQuery(
                target=target,
                metric=metric,
                cooldown_id=period.cooldown_id,
                since=period.since,
                until=period.until,
            ),
        )
        return islice(found, limit)

    def list_results(self, query: ResultQuery, limit: int | None) -> Iterable[ResultDocument]:
        """Return results of the chip."""
        checked_by_host: dict[str, Any] = {
            "status": query.status,
            "verdict": query.verdict,
            "outcome": query.outcome,
        }
        found = list_every(
            self._connection,
            list_results.paged(limit=LARGEST_PAGE),
            chip_id=self.chip_id,
            execution_id=query.execution_id,
            task=query.task,
            target=query.target,
            **checked_by_host,
            cooldown_id=query.cooldown_id,
            tag=tuple(query.tags),
            user=query.username,
            q=query.text,
            since=query.since,
            until=query.until,
        )
        return islice(found, limit)

    def show_result(self, task_id: str) -> RecordedResult:
        """Return a result."""
        return self._connection.ask(show_result, task_id)

    def find_task(self, name: str, backend: str | None) -> TaskDocument | None:
        """Return a task, or None."""
        try:
            return self._connection.ask(show_task, name, backend=backend)
        except NotFoundError:
            return None

    def load_raw_data(self, task_id: str) -> RawData:
        """Return the raw data of a result."""
        file = self._connection.ask(raw_data_file, task_id)
        return read(io.BytesIO(b"".join(file.chunks)), f"raw data of {task_id}")

    def draw_figure(self, task_id: str) -> dict[str, Any]:
        """Return the figure of a result as Plotly JSON."""
        return self._connection.ask(result_figure, task_id).as_json()

    def preview_refit(self, task_id: str, options: Mapping[str, object]) -> RefitPreviewDocument:
        """Preview a refit."""
        body = RefitPreviewRequest(options=dict(options))
        return self._connection.ask(preview_refit, task_id, body=body)

    def refit(self, task_id: str, options: Mapping[str, object]) -> RecordedResult:
        """Record a refit."""
        return self._connection.ask(refit_result, task_id, body=RefitRequest(options=dict(options)))

    def record_analysis(self, task_id: str, analysis: UserAnalysis, key: str | None) -> RecordedResult:
        """Record a user's analysis."""
        body = AnalysisRequest(
            parameters={
                name: NewValue(value=one.value, error=one.error, unit=one.unit)
                for name, one in analysis.parameters.items()
            },
            model=analysis.model,
            note=analysis.note,
            quality=dict(analysis.quality),
            save=analysis.saved,
            curve=None if analysis.curve is None else CurveRequest(**analysis.curve.model_dump()),
        )
        return self._connection.ask(record_analysis.once(key), task_id, body=body)

    def export(self, format_name: str) -> bytes:
        """Return the chip as one file."""
        file = self._connection.ask(export_chip, self.chip_id, ExportQuery(format=format_name))
        return b"".join(file.chunks)

    def close(self) -> None:
        """Close the connections to the host."""
        self._connection.close()
