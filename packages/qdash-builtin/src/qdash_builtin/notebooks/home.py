"""Chip of a home, read and written without a server."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.exchange.feature import EXCHANGE
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import resolve_groups
from qdash_builtin.metrics.views.metric_history import HistoryPointDocument
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.views.refits import RefitPreviewDocument
from qdash_builtin.runs.views.results import RecordedResult, ResultDocument
from qdash_builtin.runs.views.tasks import TaskDocument
from qdash_core.errors import NotFoundError
from qdash_core.models.pages import LARGEST_PAGE, PageRequest
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.models.simulated_time import get_simulated_time
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from qdash_builtin.metrics.selection import Period, Selection
    from qdash_builtin.results.result_query import ResultQuery
    from qdash_builtin.results.user_analyses import UserAnalysis
    from qdash_core.models.access import Access
    from qdash_core.models.raw_data import RawData
    from qdash_core.runtime.application import QDash


class HomeChip:
    """Source of a chip of a home; `close` closes `qdash`.

    Parameters
    ----------
    username : str or None
        The user, or None for the default user. An unknown user is enrolled, if no user has a password.
    project : str or None
        None for the user's default project.

    Raises
    ------
    NotFoundError
        If there is no such chip.
    AccessDeniedError
        If the user may not read the project.
    """

    def __init__(self, qdash: QDash, chip_id: str, *, username: str | None, project: str | None) -> None:
        if username is not None:
            qdash.enroll(username, project)
        self._qdash, self._username, self._project = qdash, username or DEFAULT_USER, project
        self._access = qdash.access(self._username, project)
        self.chip_id = qdash.get(CHIPS).get_header(self._access, chip_id).chip_id

    @classmethod
    def open(
        cls, chip_id: str, home: Path | str | None, *, username: str | None, project: str | None
    ) -> Self:
        """Open a home, by default that of the settings, and return the source of a chip."""
        qdash = open_qdash(load_settings(home=home))
        try:
            return cls(qdash, chip_id, username=username, project=project)
        except BaseException:
            qdash.close()
            raise

    def __repr__(self) -> str:
        return f"home {self._qdash.settings.home}"

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the home."""
        return self._qdash.zone

    @property
    def simulated_time(self) -> datetime | None:
        """Time of the home if its clock is simulated."""
        return get_simulated_time()

    @cached_property
    def _editor(self) -> Access:
        """Access for changes; AccessDeniedError if the user is no editor."""
        return self._qdash.access(self._username, self._project, ProjectRole.EDITOR)

    def select_values(self, selection: Selection) -> ChipValuesDocument:
        """Return selected values."""
        metrics = self._qdash.get(METRICS)
        if selection.metrics:
            selection = replace(selection, metrics=resolve_groups(metrics.file, selection.metrics))
        selected = metrics.select(self._access, self.chip_id, selection)
        return ChipValuesDocument.from_values(selected.values).with_specification(
            metrics.file.specify(selected.specification)
        )

    def list_history(
        self, target: str, metric: str, period: Period, limit: int | None
    ) -> Iterable[HistoryPointDocument]:
        """Return recorded values of a metric."""
        found = self._qdash.get(METRICS).get_history(
            self._access, self.chip_id, target, metric, period=period, limit=limit
        )
        return map(HistoryPointDocument.from_point, found.points)

    def list_results(self, query: ResultQuery, limit: int | None) -> Iterable[ResultDocument]:
        """Return results of the chip."""
        return islice(self._iter_results(query), limit)

    def _iter_results(self, query: ResultQuery) -> Iterator[ResultDocument]:
        after = None
        while True:
            page = self._qdash.get(RESULTS).page(self._access, query, PageRequest(LARGEST_PAGE, after))
            yield from map(ResultDocument.from_record, page.items)
            if page.next is None:
                return
            after = page.next

    def show_result(self, task_id: str) -> RecordedResult:
        """Return a result."""
        return RecordedResult.from_record(self._qdash.get(RESULTS).show(self._access, task_id))

    def find_task(self, name: str, backend: str | None) -> TaskDocument | None:
        """Return a task, or None."""
        try:
            return TaskDocument.from_task(self._qdash.registry.any_task(name, backend=backend))
        except NotFoundError:
            return None

    def load_raw_data(self, task_id: str) -> RawData:
        """Return the raw data of a result."""
        return self._qdash.get(RESULTS).load_raw_data(self._access, task_id)

    def draw_figure(self, task_id: str) -> dict[str, Any]:
        """Return the figure of a result as Plotly JSON."""
        return self._qdash.get(RESULTS).figure(self._access, task_id)

    def preview_refit(self, task_id: str, options: Mapping[str, object]) -> RefitPreviewDocument:
        """Preview a refit."""
        return RefitPreviewDocument.from_preview(
            self._qdash.get(RESULTS).preview_refit(self._access, task_id, options=options)
        )

    def refit(self, task_id: str, options: Mapping[str, object]) -> RecordedResult:
        """Record a refit."""
        return RecordedResult.from_record(
            self._qdash.get(RESULTS).refit(self._editor, task_id, options=options)
        )

    def record_analysis(self, task_id: str, analysis: UserAnalysis, key: str | None) -> RecordedResult:
        """Record a user's analysis."""
        return RecordedResult.from_record(
            self._qdash.get(RESULTS).record_analysis(self._editor, task_id, analysis, key=key)
        )

    def export(self, format_name: str) -> bytes:
        """Return the chip as one file."""
        exported = self._qdash.get(EXCHANGE).export(self._access, self.chip_id, format_name)
        return exported.pack(f"{self.chip_id}-{format_name}")[1]

    def close(self) -> None:
        """Close the home."""
        self._qdash.close()
