"""Drawings of task results with axes and titles, each as an SVG or the reason why there is none."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.results.figures import draw_points, draw_sketch, rebuild_output, select_as_recorded
from qdash_builtin.results.thumbnails import load_raw_data
from qdash_core.errors import InvalidInputError, NotFoundError, PluginError, StoreError
from qdash_core.tasks.failures import describe_failure

if TYPE_CHECKING:
    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.hooks.manager import Registry
    from qdash_core.hooks.pictures import Figure, Pictures
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask


@dataclass(frozen=True, slots=True)
class Drawing:
    """Drawing of a result as SVG, or the reason why there is none."""

    svg: str | None
    reason: str = ""


class DrawingMaker:
    """Factory of the drawings of many results.

    Raises
    ------
    InvalidInputError
        If no plugin draws.
    """

    def __init__(self, registry: Registry, artifacts: CalibDataSaver) -> None:
        self._registry = registry
        self._artifacts = artifacts
        self._pictures = registry.pictures()
        self._tasks: dict[tuple[str, str | None], type[BaseTask] | None] = {}

    def draw(self, result: TaskResultModel) -> Drawing:
        """Return the drawing of a result; a failure of its task or of the pictures plugin is the reason of a missing one."""
        if not result.raw_data_path:
            return Drawing(None, "no raw data")
        path, task = result.raw_data_path[0], self._find_task(result)
        try:
            raw = load_raw_data(self._artifacts, path)
            if task is not None:
                raw = select_as_recorded(task, result, raw)
            svg = _draw(task, result, raw, self._pictures)
        except (StoreError, InvalidInputError, OSError) as error:
            return Drawing(None, self._explain(path, error))
        except (Exception, SystemExit) as error:  # noqa: BLE001  the code of a plugin: the other results are drawn
            return _describe_failed(error)
        return Drawing(svg, "" if svg else "the raw data contain nothing that can be drawn")

    def _explain(self, path: str, error: Exception) -> str:
        """Return the reason why raw data were not read; a path that leads out of the storage is in the error itself."""
        with suppress(StoreError, InvalidInputError, OSError):
            if not self._artifacts.exists(path):
                return "the raw data no longer exist"
        return f"the raw data cannot be read: {error}"

    def _find_task(self, result: TaskResultModel) -> type[BaseTask] | None:
        called = result.name, result.backend
        if called not in self._tasks:
            try:
                self._tasks[called] = self._registry.task(result.name, backend=result.backend)
            except (NotFoundError, PluginError):
                self._tasks[called] = None
        return self._tasks[called]


def draw_statistics(figure: Figure, pictures: Pictures) -> Drawing:
    """Return the drawing of a figure of QDash; a failure of the pictures plugin is the reason of a missing one."""
    try:
        svg = pictures.drawing(figure)
    except (Exception, SystemExit) as error:  # noqa: BLE001  the code of a plugin: the other figures are drawn
        return _describe_failed(error)
    return Drawing(svg, "" if svg else "the values cannot be drawn")


def _describe_failed(error: BaseException) -> Drawing:
    return Drawing(None, f"the drawing failed: {describe_failure(error)}")


def _draw(
    task: type[BaseTask] | None, result: TaskResultModel, raw: RawData, pictures: Pictures
) -> str | None:
    svg = _draw_figure(draw_sketch(task, result, raw, pictures), pictures)
    if svg is not None:
        return svg
    plain = draw_points(task, result, raw, rebuild_output(result), pictures)
    return None if plain is None else pictures.drawing(plain)


def _draw_figure(figure: Figure | None, pictures: Pictures) -> str | None:
    try:
        return None if figure is None else pictures.drawing(figure)
    except (TypeError, ValueError, LookupError, AttributeError):  # not a Plotly figure
        return None
