"""Functions that the conformance tests of storages run in other processes, without pytest."""

from __future__ import annotations

import io
import os
import signal
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.models.raw_data import RawData

if TYPE_CHECKING:
    from qdash_core.hooks.protocols import StorageProvider

PATH = "p/c/e/t.npz"


class _KillingReader(io.BytesIO):
    """Byte stream that kills its reader halfway."""

    def read(self, _size: int | None = -1, /) -> bytes:
        if self.tell():
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(max(1, len(self.getvalue()) // 2))


def write_and_be_killed(storage_class: StorageProvider, url: str) -> None:
    """Write bytes, and be killed before the end of the stream."""
    storage_class.open(url).write(PATH, _KillingReader(bytes(3_000_000)))


def save_and_be_killed(storage_class: StorageProvider, url: str) -> None:
    """Save raw data, and be killed when half of an array has been written."""
    whole = np.lib.format.write_array

    def half(file: Any, array: Any, *arguments: Any, **options: Any) -> None:
        whole(file, array[: len(array) // 2], *arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    np.lib.format.write_array = half  # type: ignore[assignment]
    storage_class.open(url).save_raw_data(PATH, RawData({"x": (np.arange(300_000.0), "a.u.")}))


def save(storage_class: StorageProvider, url: str, path: str, value: float) -> str:
    """Save one number, and return its checksum."""
    return storage_class.open(url).save_raw_data(path, RawData({"x": ([value], "us")}))
