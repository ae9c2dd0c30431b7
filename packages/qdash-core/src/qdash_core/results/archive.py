"""Files made or read piece by piece: raw data, and an execution as one ZIP file."""

from __future__ import annotations

import zipfile
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, cast

from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.models.pages import PageRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.models.pages import Page
    from qdash_core.models.task import TaskResultModel

_PIECE = 256 * 1024
"""So many bytes are read or handed on at once."""
_PAGE = 200
_NOT_SHOWN = {"user_note", "figure_path", "json_figure_path"}
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The first moment that the format has: the same results make the same file."""


def archived(
    page: Callable[[PageRequest], Page[TaskResultModel]], artifacts: CalibDataSaver
) -> Iterator[bytes]:
    """Yield the file piece by piece.

    `results.jsonl` has a result in each line, `raw_data/<task_id>.npz` what was measured, `missing.txt` the ids of
    results whose raw data are not there any more, or cannot be read.

    Parameters
    ----------
    page : callable
        Returns a page of the results.
    artifacts : CalibDataSaver
        Has the raw data.
    """
    written = _Written()
    kept: dict[str, str] = {}
    missing: list[str] = []
    with zipfile.ZipFile(cast("BinaryIO", written), "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_entry("results.jsonl"), "w") as lines:
            for result in _all(page):
                lines.write(result.model_dump_json(exclude=_NOT_SHOWN, exclude_none=True).encode() + b"\n")
                if result.raw_data_path:
                    kept[result.task_id] = result.raw_data_path[0]
                if written.size >= _PIECE:
                    yield written.take()
        for task_id, path in kept.items():
            try:
                content = _content(artifacts, path)
            except (StoreError, InvalidInputError, OSError):
                missing.append(task_id)
                continue
            # It is compressed already, or hardly can be.
            archive.writestr(_entry(f"raw_data/{task_id}.npz"), content, zipfile.ZIP_STORED)
            if written.size >= _PIECE:
                yield written.take()
        if missing:
            archive.writestr(_entry("missing.txt"), "\n".join(missing) + "\n")
    yield written.take()


def pieces(opening: AbstractContextManager[BinaryIO]) -> Iterator[bytes]:
    """Return a file piece by piece. It is opened now, which may raise, and closed behind the last piece."""
    read = _pieces(opening)
    return chain((next(read, b""),), read)


def _pieces(opening: AbstractContextManager[BinaryIO]) -> Iterator[bytes]:
    with opening as file:
        while piece := file.read(_PIECE):
            yield piece


def _all(page: Callable[[PageRequest], Page[TaskResultModel]]) -> Iterator[TaskResultModel]:
    after = None
    while True:
        found = page(PageRequest(_PAGE, after))
        yield from found.items
        after = found.next
        if after is None:
            return


def _content(artifacts: CalibDataSaver, path: str) -> bytes:
    """Return a file as a whole: what breaks in the middle of it must not be half an entry."""
    with artifacts.reading(path) as file:
        return file.read()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


class _Written:
    """A file that only grows at its end, and whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0
        """So many bytes have been written since the last time that they were taken."""

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is written is there."""

    def take(self) -> bytes:
        """Return what has been written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return taken
