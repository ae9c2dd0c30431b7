"""Figures of this package as `Pictures`; each module is imported when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.pictures import Figure, MeasuredBlock, Measurement, RecordedHistory
    from qdash_core.models.chip_values import ChipValues
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.provenance_graph import ProvenanceGraph
    from qdash_core.models.raw_data import RawData
    from qdash_core.scheduling.schedule import Schedule
    from qdash_core.tasks.base import TaskOutput


class PlotlyPictures:
    """Figures as Plotly JSON, made without Plotly. Methods are those of `qdash_core.hooks.pictures.Pictures`."""

    name = "plotly"

    def chip_map(
        self,
        chip: Chip,
        values: ChipValues,
        metric: str,
        *,
        places: Mapping[str, tuple[float, float]],
        all_labels: bool = False,
    ) -> Figure:
        from qdash_pictures.chip_map import chip_map

        return chip_map(chip, values, metric, places=places, all_labels=all_labels)

    def schedule_timeline(self, schedule: Schedule, *, title: str) -> Figure:
        from qdash_pictures.schedule_timeline import make_schedule_timeline

        return make_schedule_timeline(schedule, title=title)

    def run_timeline(
        self,
        execution: ExecutionModel,
        measurements: Iterable[Measurement],
        *,
        bound_s: float | None = None,
        blocks: Sequence[MeasuredBlock] = (),
    ) -> Figure:
        from qdash_pictures.schedule_timeline import make_run_timeline

        return make_run_timeline(execution, measurements, bound_s=bound_s, blocks=blocks)

    def points(
        self, raw: RawData, output: TaskOutput, *, title: str, declared: Iterable[str] = ()
    ) -> Figure | None:
        from qdash_pictures.points import points

        return points(raw, output, title=title, declared=declared)

    def metric_history(self, history: RecordedHistory, *, zone: ZoneInfo) -> Figure:
        from qdash_pictures.metric_history import make_history_figure

        return make_history_figure(history, zone=zone)

    def provenance(self, graph: ProvenanceGraph, *, now: datetime, zone: ZoneInfo) -> Figure:
        from qdash_pictures.provenance import make_provenance_figure

        return make_provenance_figure(graph, now=now, zone=zone)

    def thumbnail(self, figure: Mapping[str, Any]) -> str | None:
        from qdash_pictures.thumbnail import draw_svg

        return draw_svg(figure)

    def drawing(self, figure: Mapping[str, Any]) -> str | None:
        from qdash_pictures.figure_drawing import draw_figure

        return draw_figure(figure)
