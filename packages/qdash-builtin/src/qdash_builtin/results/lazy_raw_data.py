"""Raw data whose arrays are read on demand."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.artifacts.raw_data import RawDataFile
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.models.raw_data import RawData

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class _LazyArrays(RawData):
    """Raw data of a file, with arrays read on demand."""

    def __post_init__(self) -> None:
        """Skip the check of units, which every file has, to read no array."""


class _Arrays(Mapping[str, tuple["npt.NDArray[Any]", str]]):
    """Arrays of a file with their units, each read once on demand."""

    def __init__(self, file: RawDataFile, place: str) -> None:
        self._file = file
        self._place = place
        self._read: dict[str, npt.NDArray[Any]] = {}

    def __getitem__(self, name: str) -> tuple[npt.NDArray[Any], str]:
        unit = self._file.units[name]
        try:
            if name not in self._read:
                self._read[name] = self._file.read(name)
        except InvalidInputError as error:
            raise StoreError(f"{self._place}: not readable as raw data ({error})") from error
        return self._read[name], unit

    def __contains__(self, name: object) -> bool:
        return name in self._file.units

    def __iter__(self) -> Iterator[str]:
        return iter(self._file.units)

    def __len__(self) -> int:
        return len(self._file.units)


def read_lazily(content: bytes, place: str) -> RawData:
    """Return raw data whose arrays are read on demand, since files may have hundreds and few are drawn.

    Raises
    ------
    StoreError
        As `read`, for errors that show without reading the arrays.
    """
    try:
        file = RawDataFile(io.BytesIO(content), place)
    except InvalidInputError as error:
        raise StoreError(f"{place}: not readable as raw data ({error})") from error
    return _LazyArrays(_Arrays(file, place), file.attributes)
