"""NumPy arrays in files, read within limits and never as pickles.

An array is allocated only if its header agrees with the size of its entry: a header of a hundred bytes may claim terabytes.
"""

from __future__ import annotations

import math
import os
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import NPZ

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from qdash_core.parsing.limits import NpzLimits

_SUFFIX = ".npy"
_PIECE = 2**20
_TEXT_OR_NUMBERS = "biufcU"


@dataclass(frozen=True, slots=True)
class ArrayBeginning:
    """Shape, type and first values of an array, in the order of its rows; no values if the file has the order of columns."""

    shape: tuple[int, ...]
    dtype: str
    values: tuple[Any, ...]


class NumpyArchive:
    """Arrays of a `.npz` file, each read on demand. The file must be seekable and stay open.

    Raises
    ------
    InvalidInputError
        If it is no such archive or exceeds a limit.
    """

    def __init__(self, file: BinaryIO, *, limits: NpzLimits = NPZ) -> None:
        self._limits = limits
        try:
            self._archive = zipfile.ZipFile(file)
        except Exception as error:  # numpy and zipfile raise many types on damaged data
            raise InvalidInputError(f"no archive of arrays: {error}") from error
        self._entries = {one.filename.removesuffix(_SUFFIX): one for one in self._archive.infolist()}
        if len(self._entries) > limits.members:
            raise InvalidInputError(f"{len(self._entries)} arrays: the limit is {limits.members}")
        unpacked = sum(one.file_size for one in self._entries.values())
        if unpacked > limits.unpacked:
            raise InvalidInputError(f"{unpacked} bytes of arrays: the limit is {limits.unpacked}")
        packed = file.seek(0, os.SEEK_END)  # the sizes that its directory claims may be wrong
        if unpacked > max(limits.freely, limits.ratio * packed):
            raise InvalidInputError(
                f"{unpacked} bytes of arrays in {packed}: the limit is {limits.ratio} for each, above {limits.freely} bytes"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the arrays in the order of the file."""
        return tuple(self._entries)

    def read(self, name: str) -> npt.NDArray[Any]:
        """Read an array; raise InvalidInputError if it does not exist, is damaged, holds objects, or its size contradicts its header."""
        import numpy as np

        try:
            entry = self._entries[name]
            with self._archive.open(entry) as file:
                shape, is_fortran, dtype = _read_header(cast("BinaryIO", file), entry.file_size, self._limits)
                # `numpy.lib.format.read_array` would parse the header again, which takes longer than all the rest.
                array: npt.NDArray[Any] = np.ndarray(
                    shape,
                    dtype,
                    buffer=_read_rest(cast("BinaryIO", file), entry.file_size),
                    order="F" if is_fortran else "C",
                )
        except Exception as error:  # numpy and zipfile raise many types on damaged data
            raise InvalidInputError(f"array {name!r} cannot be read: {error}") from error
        return array

    def read_beginning(self, name: str, count: int) -> ArrayBeginning:
        """Read the header and the first values of an array, without the rest; raise as `read`."""
        try:
            entry = self._entries[name]
            with self._archive.open(entry) as file:
                return _read_beginning(cast("BinaryIO", file), entry.file_size, count, self._limits)
        except Exception as error:  # numpy and zipfile raise many types on damaged data
            raise InvalidInputError(f"array {name!r} cannot be read: {error}") from error


def read_array_beginning(file: BinaryIO, size: int, count: int) -> ArrayBeginning:
    """Read the header and the first values of a `.npy` file of `size` bytes; raise InvalidInputError if it is not valid."""
    try:
        return _read_beginning(file, size, count, NPZ)
    except Exception as error:  # numpy raises many types on damaged data
        raise InvalidInputError(f"no array: {error}") from error


def _read_beginning(file: BinaryIO, size: int, count: int, limits: NpzLimits) -> ArrayBeginning:
    import numpy as np

    shape, is_fortran, dtype = _read_header(file, size, limits)
    length = min(count, math.prod(shape)) if not is_fortran or len(shape) < 2 else 0
    data = file.read(length * dtype.itemsize)
    values = tuple(np.frombuffer(data, dtype, length).tolist())
    return ArrayBeginning(shape, str(dtype), values)


def _read_header(file: BinaryIO, size: int, limits: NpzLimits) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Read the header of an array, and check it against the size of its entry; return shape, order and type."""
    from numpy.lib import format as npy

    version = npy.read_magic(file)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"version {version} of the format")
    shape, is_fortran, dtype = read(file, max_header_size=limits.header)
    _check_type(dtype)
    claimed = dtype.itemsize
    for length in shape:
        claimed *= length
    if claimed != size - file.tell() or min(shape, default=0) < 0:
        raise ValueError(f"its header claims {claimed} bytes, but {size - file.tell()} are there")
    return shape, is_fortran, dtype


def _read_rest(file: BinaryIO, size: int) -> bytearray:
    """Read the rest of an entry of `size` bytes in pieces, without memory for a second copy."""
    data = bytearray(size - file.tell())
    at = 0
    while piece := file.read(_PIECE):
        data[at : at + len(piece)] = piece
        at += len(piece)
    if at < len(data):
        raise ValueError(f"{at} bytes of {len(data)} are there")
    return data


def make_array(data: bytes | bytearray, dtype: str, shape: tuple[int, ...] = (-1,)) -> npt.NDArray[Any]:
    """Return an array of the numbers in a contiguous buffer, of a type such as `<f8`; one dimension by default.

    It shares the buffer, so that an array of `bytes` is read-only.

    Raises
    ------
    InvalidInputError
        If the type is not numeric, or the number of bytes contradicts shape and type.
    """
    import numpy as np

    try:
        kind = np.dtype(dtype)
        _check_type(kind)
        return np.frombuffer(data, dtype=kind).reshape(shape)
    except Exception as error:  # numpy and zipfile raise many types on damaged data
        raise InvalidInputError(f"no array of {dtype[:20]!r}: {error}") from error


def _check_type(dtype: npt.DTypeLike) -> None:
    import numpy as np

    kind = np.dtype(dtype)
    if kind.kind not in _TEXT_OR_NUMBERS or kind.itemsize == 0:
        raise ValueError(f"{kind} is no type of numbers")
