"""Thumbnails of results, drawn when someone looks and kept as long as they are looked at: a result never changes.

Only what its task has drawn is kept: data that cannot be read now, and a task that is set aside, may come back."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from qdash_core.artifacts.raw_data import read_as_asked
from qdash_core.artifacts.verifiable import lacking
from qdash_core.cancellation import checkpoint
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


@dataclass(frozen=True, slots=True)
class _Picture:
    svg: str | None
    lasting: bool
    """Whether it would be drawn alike the next time."""


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
        self._drawn: OrderedDict[str, _Picture] = OrderedDict()
        self._lock = Lock()

    def of(self, results: list[TaskResultModel]) -> list[Thumbnail]:
        """Return the thumbnail of each of these results, all of one task."""
        tasks: dict[tuple[str, str | None], type[BaseTask] | None] = {}
        found = []
        for result in results:
            checkpoint()
            picture = self._remembered(result.task_id)
            if picture is None:
                called = result.name, result.backend
                if called not in tasks:
                    tasks[called] = self._task(*called)
                picture = self._picture(tasks[called], result)
                self._remember(result, picture)
            found.append(Thumbnail(result, picture.svg))
        return found

    def _task(self, name: str, backend: str | None) -> type[BaseTask] | None:
        try:
            return self._registry.task(name, backend=backend)
        except (NotFoundError, PluginError):
            return None

    def _picture(self, task: type[BaseTask] | None, result: TaskResultModel) -> _Picture:
        if not result.raw_data_path:
            return _Picture(None, lasting=False)
        try:
            svg = _drawn(task, result, self._raw_data(result.raw_data_path[0]))
        except (StoreError, InvalidInputError, OSError):
            return _Picture(None, lasting=False)
        return _Picture(svg, lasting=task is not None and result.status.terminal)

    def _raw_data(self, path: str) -> RawData:
        if "reading" in lacking(self._artifacts):
            return self._artifacts.load_raw_data(path)
        with self._artifacts.reading(path) as file:
            return read_as_asked(file.read(), path)

    def _remembered(self, task_id: str) -> _Picture | None:
        with self._lock:
            if task_id not in self._drawn:
                return None
            self._drawn.move_to_end(task_id)
            return self._drawn[task_id]

    def _remember(self, result: TaskResultModel, picture: _Picture) -> None:
        if not picture.lasting:
            return
        with self._lock:
            self._drawn[result.task_id] = picture
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
