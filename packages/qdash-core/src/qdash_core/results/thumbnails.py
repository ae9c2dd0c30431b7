"""Thumbnails of results, drawn when someone looks and kept as long as they are looked at: a result never changes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from qdash_core.artifacts.raw_data import read_as_asked
from qdash_core.artifacts.verifiable import lacking
from qdash_core.errors import InvalidInputError, NotFoundError, PluginError, StoreError
from qdash_core.pictures.thumbnail import svg_of
from qdash_core.results.drawing import as_points, output_of, sketch_of

if TYPE_CHECKING:
    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask

_KEPT = 4000
"""So many thumbnails are kept: about 12 MB."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A result as a small picture.

    Parameters
    ----------
    result : TaskResultModel
        What it shows.
    svg : str or None
        The picture; None: the result has no raw data, they are gone, or they hold nothing that can be drawn.
    """

    result: TaskResultModel
    svg: str | None


class ThumbnailMaker:
    """Draws thumbnails, and remembers those that were drawn last. Safe for threads.

    Parameters
    ----------
    registry : Registry
        Has the tasks that draw.
    artifacts : CalibDataSaver
        Has the raw data.
    """

    def __init__(self, registry: Registry, artifacts: CalibDataSaver) -> None:
        self._registry = registry
        self._artifacts = artifacts
        self._drawn: OrderedDict[str, str | None] = OrderedDict()
        self._lock = Lock()

    def of(self, results: list[TaskResultModel]) -> list[Thumbnail]:
        """Return the thumbnail of each of these results, all of one task."""
        tasks: dict[tuple[str, str | None], type[BaseTask] | None] = {}
        found = []
        for result in results:
            svg, known = self._remembered(result.task_id)
            if not known:
                called = result.name, result.backend
                if called not in tasks:
                    tasks[called] = self._task(*called)
                svg = self._svg(tasks[called], result)
                self._remember(result, svg)
            found.append(Thumbnail(result, svg))
        return found

    def _task(self, name: str, backend: str | None) -> type[BaseTask] | None:
        try:
            return self._registry.task(name, backend=backend)
        except (NotFoundError, PluginError):
            return None

    def _svg(self, task: type[BaseTask] | None, result: TaskResultModel) -> str | None:
        if not result.raw_data_path:
            return None
        try:
            return _drawn(task, result, self._raw_data(result.raw_data_path[0]))
        except (StoreError, InvalidInputError):
            return None

    def _raw_data(self, path: str) -> RawData:
        if "reading" in lacking(self._artifacts):
            return self._artifacts.load_raw_data(path)
        with self._artifacts.reading(path) as file:
            return read_as_asked(file.read(), path)

    def _remembered(self, task_id: str) -> tuple[str | None, bool]:
        with self._lock:
            if task_id not in self._drawn:
                return None, False
            self._drawn.move_to_end(task_id)
            return self._drawn[task_id], True

    def _remember(self, result: TaskResultModel, svg: str | None) -> None:
        if not result.status.terminal:
            return
        with self._lock:
            self._drawn[result.task_id] = svg
            while len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)


def _drawn(task: type[BaseTask] | None, result: TaskResultModel, raw: RawData) -> str | None:
    figure = sketch_of(task, result, raw)
    try:
        if figure is None or (svg := svg_of(figure)) is not None:
            return None if figure is None else svg
    except (TypeError, ValueError, LookupError, AttributeError):  # no figure of Plotly
        pass
    plain = as_points(task, result, raw, output_of(result))
    return None if plain is None else svg_of(plain)
