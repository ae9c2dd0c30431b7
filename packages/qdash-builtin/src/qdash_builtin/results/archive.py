"""Archives of raw data and executions as streamed files."""

from __future__ import annotations

import zipfile
from datetime import UTC
from typing import TYPE_CHECKING, BinaryIO, cast

from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.models.pages import PageRequest
from qdash_core.models.simulated_time import FILE, describe_simulated_time, get_simulated_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.models.pages import Page
    from qdash_core.models.task import TaskResultModel

_PIECE = 256 * 1024
"""Number of bytes that are read or yielded at once."""
_PAGE = 200
_NOT_SHOWN = {"user_note", "figure_path", "json_figure_path"}
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""Earliest date of the ZIP format; the same results always make the same file."""


def stream_archive(
    page: Callable[[PageRequest], Page[TaskResultModel]], artifacts: CalibDataSaver
) -> Iterator[bytes]:
    """Yield a ZIP archive of the results on all pages piece by piece.

    `results.jsonl` has a result in each line, `raw_data/<task_id>.npz` the raw data of a result,
    `missing.txt` the ids of results whose raw data are gone or unreadable, `simulated-time.txt` the simulated time of the home.
    """
    written = _ArchiveBuffer()
    kept: dict[str, str] = {}
    missing: list[str] = []
    with zipfile.ZipFile(cast("BinaryIO", written), "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_make_entry("results.jsonl"), "w") as lines:
            for result in _iter_all(page):
                lines.write(result.model_dump_json(exclude=_NOT_SHOWN, exclude_none=True).encode() + b"\n")
                if result.raw_data_path:
                    kept[result.task_id] = result.raw_data_path[0]
                if written.size >= _PIECE:
                    yield written.take()
        for task_id, path in kept.items():
            try:
                content = _read_file(artifacts, path)
            except (StoreError, InvalidInputError, OSError):
                missing.append(task_id)
                continue
            # Raw data are compressed already, or hardly compressible.
            archive.writestr(_make_entry(f"raw_data/{task_id}.npz"), content, zipfile.ZIP_STORED)
            if written.size >= _PIECE:
                yield written.take()
        if (moment := get_simulated_time()) is not None:
            archive.writestr(_make_entry(FILE), f"{describe_simulated_time(moment, UTC)}\n")
        if missing:
            archive.writestr(_make_entry("missing.txt"), "\n".join(missing) + "\n")
    yield written.take()


def _iter_all(page: Callable[[PageRequest], Page[TaskResultModel]]) -> Iterator[TaskResultModel]:
    after = None
    while True:
        found = page(PageRequest(_PAGE, after))
        yield from found.items
        after = found.next
        if after is None:
            return


def _read_file(artifacts: CalibDataSaver, path: str) -> bytes:
    """Return a whole file, so that a read error cannot leave half an entry in the archive."""
    with artifacts.reading(path) as file:
        return file.read()


def _make_entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


class _ArchiveBuffer:
    """Append-only file whose contents are removed as they are read."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0
        """Number of bytes written since the last `take`."""

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing; there is no buffer to flush."""

    def take(self) -> bytes:
        """Return and remove the bytes written since the last call."""
        taken = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return taken
