"""Chip of a host for notebooks."""

from __future__ import annotations

import io
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from qdash_core.artifacts.raw_data import read
from qdash_core.errors import NotFoundError
from qdash_core.models.pages import LARGEST_PAGE
from qdash_core.resources.requests.results import AnalysisRequest, RefitPreviewRequest, RefitRequest
from qdash_core.resources.requests.value_changes import NewValue
from qdash_core.timezones import get_local_zone
from qdash_remote.connection import connect, get_simulated_time
from qdash_remote.generated.api.chips import show_chip
from qdash_remote.generated.api.exports import export_chip
from qdash_remote.generated.api.metrics import chip_values, metric_history
from qdash_remote.generated.api.results import (
    list_results,
    preview_refit,
    raw_data_file,
    record_analysis,
    refit_result,
    result_figure,
    show_result,
)
from qdash_remote.generated.api.tasks import show_task
from qdash_remote.generated.types import UNSET
from qdash_remote.paging import every

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Self

    from qdash_core.documents.metric_history import HistoryPointDocument
    from qdash_core.documents.metrics import ChipValuesDocument
    from qdash_core.documents.refits import RefitPreviewDocument
    from qdash_core.documents.results import RecordedResult, ResultDocument
    from qdash_core.documents.tasks import TaskDocument
    from qdash_core.metrics.selection import Period, Selection
    from qdash_core.models.raw_data import RawData
    from qdash_core.results.result_query import ResultQuery
    from qdash_core.results.user_analyses import UserAnalysis
    from qdash_remote.generated import AuthenticatedClient


class HostChip:
    """Source of a chip of a host, as `qdash_core.notebooks.source` describes it.

    Parameters
    ----------
    client : AuthenticatedClient
        Client made by `connect`; its connections are closed by `close`.
    chip_id : str
        The chip; NotFoundError if the host has no such chip.
    """

    def __init__(self, client: AuthenticatedClient, chip_id: str) -> None:
        self._client = client
        self.chip_id = show_chip.sync(chip_id, client=client).chip_id

    @classmethod
    def open(cls, chip_id: str, url: str, *, project: str | None) -> Self:
        """Connect to a host with the token of the environment or its file, and return the source of a chip."""
        return cls(connect(url, project=project), chip_id)

    def __repr__(self) -> str:
        return f"host {self._client.get_httpx_client().base_url}"

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of this machine."""
        return ZoneInfo(get_local_zone())

    @property
    def simulated_time(self) -> datetime | None:
        """Time of the host's home at its last response, if its clock is simulated."""
        return get_simulated_time(self._client)

    def select_values(self, selection: Selection) -> ChipValuesDocument:
        """Return selected values."""
        period = selection.period
        return chip_values.sync(
            self.chip_id,
            client=self._client,
            target=list(selection.targets),
            metric=list(selection.metrics),
            mode=selection.mode.value,
            cooldown_id=period.cooldown_id or UNSET,
            since=period.since or UNSET,
            until=period.until or UNSET,
            flagged=selection.flagged,
            marked=[str(mark) for mark in selection.marks],
            usable=selection.usable,
        )

    def list_history(
        self, target: str, metric: str, period: Period, limit: int | None
    ) -> Iterable[HistoryPointDocument]:
        """Return recorded values of a metric."""
        found = every(
            metric_history.sync,
            self.chip_id,
            client=self._client,
            target=target,
            metric=metric,
            cooldown_id=period.cooldown_id or UNSET,
            since=period.since or UNSET,
            until=period.until or UNSET,
            limit=LARGEST_PAGE,
        )
        return islice(found, limit)

    def list_results(self, query: ResultQuery, limit: int | None) -> Iterable[ResultDocument]:
        """Return results of the chip."""
        found = every(
            list_results.sync,
            client=self._client,
            chip_id=self.chip_id,
            execution_id=query.execution_id or UNSET,
            task=query.task or UNSET,
            target=query.target or UNSET,
            status=query.status or UNSET,
            verdict=query.verdict or UNSET,
            outcome=query.outcome or UNSET,
            cooldown_id=query.cooldown_id or UNSET,
            tag=list(query.tags),
            user=query.username or UNSET,
            q=query.text or UNSET,
            since=query.since or UNSET,
            until=query.until or UNSET,
            limit=LARGEST_PAGE,
        )
        return islice(found, limit)

    def show_result(self, task_id: str) -> RecordedResult:
        """Return a result."""
        return show_result.sync(task_id, client=self._client)

    def find_task(self, name: str, backend: str | None) -> TaskDocument | None:
        """Return a task, or None."""
        try:
            return show_task.sync(name, client=self._client, backend=backend or UNSET)
        except NotFoundError:
            return None

    def load_raw_data(self, task_id: str) -> RawData:
        """Return the raw data of a result."""
        content = raw_data_file.sync_detailed(task_id, client=self._client).content
        return read(io.BytesIO(content), f"raw data of {task_id}")

    def draw_figure(self, task_id: str) -> dict[str, Any]:
        """Return the figure of a result as Plotly JSON."""
        return result_figure.sync(task_id, client=self._client).as_json()

    def preview_refit(self, task_id: str, options: Mapping[str, object]) -> RefitPreviewDocument:
        """Preview a refit."""
        body = RefitPreviewRequest(options=dict(options))
        return preview_refit.sync(task_id, client=self._client, body=body)

    def refit(self, task_id: str, options: Mapping[str, object]) -> RecordedResult:
        """Record a refit."""
        return refit_result.sync(task_id, client=self._client, body=RefitRequest(options=dict(options)))

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
        )
        return record_analysis.sync(task_id, client=self._client, body=body, idempotency_key=key or UNSET)

    def export(self, format_name: str) -> bytes:
        """Return the chip as one file."""
        return export_chip.sync_detailed(self.chip_id, client=self._client, format_=format_name).content

    def close(self) -> None:
        """Close the connections to the host."""
        self._client.get_httpx_client().close()
