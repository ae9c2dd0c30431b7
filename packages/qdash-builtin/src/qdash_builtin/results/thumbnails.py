"""Thumbnails of task results, drawn on demand and cached.

Only pictures drawn by the result's own task are cached, because unreadable data and a failed task may become available
again.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from qdash_builtin.results.figures import draw_points, draw_sketch, rebuild_output, select_as_recorded
from qdash_builtin.results.lazy_raw_data import read_lazily
from qdash_core.artifacts.storage_features import list_missing_features
from qdash_core.errors import InvalidInputError, NotFoundError, PluginError, StoreError
from qdash_core.process.cancellation import checkpoint
from qdash_core.tasks.failures import describe_failure

if TYPE_CHECKING:
    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.hooks.manager import Registry
    from qdash_core.hooks.pictures import Pictures
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask

logger = logging.getLogger(__name__)

_KEPT = 4000
"""Number of thumbnails that are kept: about 12 MB."""
_UNREADABLE = (StoreError, InvalidInputError, OSError)
"""Errors of raw data that are gone or damaged; arrays are read when they are drawn."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A task result with its thumbnail as SVG; None if raw data are missing or nothing in them can be drawn."""

    result: TaskResultModel
    svg: str | None


@dataclass(frozen=True, slots=True)
class _Picture:
    svg: str | None
    lasting: bool
    """True if a later attempt would draw the same picture."""


class ThumbnailMaker:
    """Factory of thumbnails with a cache of the most recent ones. Safe for threads."""

    def __init__(self, registry: Registry, artifacts: CalibDataSaver) -> None:
        self._registry = registry
        self._artifacts = artifacts
        self._drawn: OrderedDict[str, _Picture] = OrderedDict()
        self._lock = Lock()

    def make_thumbnails(self, results: list[TaskResultModel]) -> list[Thumbnail]:
        """Return the thumbnails of results.

        A result for which the pictures plugin fails has no picture; the log names the first failure.

        Raises
        ------
        InvalidInputError
            If a thumbnail has to be drawn and no plugin draws thumbnails.
        """
        tasks: dict[tuple[str, str | None], type[BaseTask] | None] = {}
        found = []
        failures: list[str] = []
        for result in results:
            checkpoint()
            picture = self._recall(result.task_id)
            if picture is None:
                called = result.name, result.backend
                if called not in tasks:
                    tasks[called] = self._find_task(*called)
                picture = self._make_picture(tasks[called], result, self._registry.pictures(), failures)
                self._remember(result, picture)
            found.append(Thumbnail(result, picture.svg))
        if failures:
            logger.warning("%d thumbnails could not be drawn: %s", len(failures), failures[0])
        return found

    def _find_task(self, name: str, backend: str | None) -> type[BaseTask] | None:
        try:
            return self._registry.task(name, backend=backend)
        except (NotFoundError, PluginError):
            return None

    def _make_picture(
        self,
        task: type[BaseTask] | None,
        result: TaskResultModel,
        pictures: Pictures,
        failures: list[str],
    ) -> _Picture:
        """Return the picture of a result; add the failure of the pictures plugin, if it fails, to `failures`."""
        if not result.raw_data_path:
            return _Picture(None, lasting=False)
        try:
            raw = load_raw_data(self._artifacts, result.raw_data_path[0])
            if task is not None:
                raw = select_as_recorded(task, result, raw)
        except _UNREADABLE:
            return _Picture(None, lasting=False)
        try:
            svg = _draw_picture(task, result, raw, pictures)
        except _UNREADABLE:
            return _Picture(None, lasting=False)
        except (Exception, SystemExit) as error:  # noqa: BLE001  the code of a plugin: the other results are drawn
            failures.append(f"{result.name} {result.qid} ({result.task_id}): {describe_failure(error)}")
            return _Picture(None, lasting=False)
        return _Picture(svg, lasting=task is not None and result.status.terminal)

    def _recall(self, task_id: str) -> _Picture | None:
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


def load_raw_data(artifacts: CalibDataSaver, path: str) -> RawData:
    """Return raw data whose arrays are read when they are used, if the storage can do that."""
    if "reading" in list_missing_features(artifacts):
        return artifacts.load_raw_data(path)
    with artifacts.reading(path) as file:
        return read_lazily(file.read(), path)


def _draw_picture(
    task: type[BaseTask] | None, result: TaskResultModel, raw: RawData, pictures: Pictures
) -> str | None:
    figure = draw_sketch(task, result, raw, pictures)
    try:
        if figure is None or (svg := pictures.thumbnail(figure)) is not None:
            return None if figure is None else svg
    except (TypeError, ValueError, LookupError, AttributeError):  # not a Plotly figure
        pass
    plain = draw_points(task, result, raw, rebuild_output(result), pictures)
    return None if plain is None else pictures.thumbnail(plain)
