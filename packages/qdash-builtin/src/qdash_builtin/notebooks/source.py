"""Source of a chip's data for notebooks: a home or a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, tzinfo

    from qdash_builtin.metrics.selection import Period, Selection
    from qdash_builtin.metrics.views.metric_history import HistoryPointDocument
    from qdash_builtin.metrics.views.metrics import ChipValuesDocument
    from qdash_builtin.results.result_query import ResultQuery
    from qdash_builtin.results.user_analyses import UserAnalysis
    from qdash_builtin.results.views.refits import RefitPreviewDocument
    from qdash_builtin.runs.views.results import RecordedResult, ResultDocument
    from qdash_builtin.runs.views.tasks import TaskDocument
    from qdash_core.models.raw_data import RawData


class ChipSource(Protocol):
    """Data of one chip as view models, with the caller's rights."""

    @property
    def chip_id(self) -> str:
        """The chip."""

    @property
    def zone(self) -> tzinfo:
        """Time zone of times that are given without one."""

    @property
    def simulated_time(self) -> datetime | None:
        """Time of the home if its clock is simulated; of a host, at its last response."""

    def select_values(self, selection: Selection) -> ChipValuesDocument:
        """Return selected values, out-of-specification ones marked. Names in `metrics` may be groups."""

    def list_history(
        self, target: str, metric: str, period: Period, limit: int | None
    ) -> Iterable[HistoryPointDocument]:
        """Return recorded values of a metric, newest first."""

    def list_results(self, query: ResultQuery, limit: int | None) -> Iterable[ResultDocument]:
        """Return results of the chip, newest first."""

    def show_result(self, task_id: str) -> RecordedResult:
        """Return a result."""

    def find_task(self, name: str, backend: str | None) -> TaskDocument | None:
        """Return a task, or None if it is not installed."""

    def load_raw_data(self, task_id: str) -> RawData:
        """Return the raw data of a result."""

    def draw_figure(self, task_id: str) -> dict[str, Any]:
        """Return the figure of a result as Plotly JSON."""

    def preview_refit(self, task_id: str, options: Mapping[str, object]) -> RefitPreviewDocument:
        """Analyse raw data again without recording the outcome."""

    def refit(self, task_id: str, options: Mapping[str, object]) -> RecordedResult:
        """Analyse raw data again and record the outcome."""

    def record_analysis(self, task_id: str, analysis: UserAnalysis, key: str | None) -> RecordedResult:
        """Record a user's analysis."""

    def export(self, format_name: str) -> bytes:
        """Return the chip as one file."""

    def close(self) -> None:
        """Close connections and files."""
