"""File format of raw data: a NumPy `.npz` archive of the compressed arrays, with units and attributes as JSON text.

`numpy.load(path)["delay"]` reads an array without QDash. The entry `__qdash__` is a text scalar holding
`{"format": 1, "units": {name: unit}, "attributes": {...}}`. There are no pickles. Data that the format cannot hold is
converted or left out, so that the measurement is not lost, and the attribute `not_stored` lists these changes.

More than a hundred arrays are packed (format 2), because the headers of short entries take more room than their
numbers: the entry `__packed__` holds the bytes of all arrays, and `"packed": {name: [dtype, shape, start, end]}` their
places.
"""

from __future__ import annotations

import io
import json
import zipfile
from functools import cached_property, partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from qdash_core.artifacts.checksums import ChecksumWriter
from qdash_core.artifacts.json_values import to_json_value, to_text
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.models.raw_data import RawData
from qdash_core.parsing.limits import NPZ
from qdash_core.parsing.numpy_archives import NumpyArchive, make_array

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

_META = "__qdash__"
PACKED = "__packed__"
"""Entry with the bytes of all arrays, if they are many."""
_FORMATS = _SINGLE, _JOINT = 1, 2
_MANY = 100
"""Number of arrays above which they are packed into one entry."""
_CHANGES = "not_stored"
_LARGE = 2**30
"""Bytes of an array from which its entry needs a longer header."""
_LONG = 2**14
"""Bytes of an array from which bzip2 is used: rounded shots take two fifths less room than by deflate, short arrays more."""


def encode(raw: RawData) -> bytes:
    """Return raw data as the bytes of a file."""
    buffer = io.BytesIO()
    make_writer(raw)(buffer)
    return buffer.getvalue()


def make_writer(raw: RawData) -> Callable[[BinaryIO], str]:
    """Return a function that writes `raw` into a file, without changing `raw`.

    It writes sequentially, large arrays in pieces without memory for a second copy, and returns the SHA-256 of the
    written bytes. An array that is not numeric (or boolean) is left out. Attributes that are not JSON become text.
    The attribute `not_stored` lists these changes.

    Raises
    ------
    InvalidInputError
        If there are arrays, but none can be stored.
    """
    import numpy as np

    changes: list[str] = []
    arrays: dict[str, npt.NDArray[Any]] = {}
    units: dict[str, str] = {}
    for name, (values, unit) in raw.arrays.items():
        array = _convert_to_numeric(name, values, changes)
        if array is not None:
            stored = _make_storable_name(name, arrays, changes)
            arrays[stored], units[stored] = array, unit
    if raw.arrays and not arrays:
        raise InvalidInputError(f"raw data hold nothing numeric: {'; '.join(changes)}")
    attributes = to_json_value(dict(raw.attributes), "attributes", changes)
    if changes:
        attributes.setdefault(_CHANGES, changes)
    meta = {"format": _SINGLE, "units": units, "attributes": attributes}
    if len(arrays) > _MANY:
        packed, arrays = _pack(arrays)
        meta |= {"format": _JOINT, "packed": packed}
    arrays[_META] = np.array(json.dumps(meta))
    return partial(_write_archive, arrays)


def decode(path: Path, place: str = "") -> RawData:
    """Read a file from `encode`; `place` is its name in messages, by default its path.

    Raises
    ------
    StoreError
        If the file is missing, truncated, or in another format.
    """
    place = place or str(path)
    try:
        with path.open("rb") as file:
            return read(file, place)
    except FileNotFoundError as error:
        raise StoreError(f"{place}: the raw data are no longer there") from error
    except OSError as error:
        raise StoreError(f"{place}: not readable as raw data ({error.strerror or error})") from error


def read(file: BinaryIO, place: str) -> RawData:
    """Read raw data from an open, seekable file; `place` is its name in messages.

    Raises
    ------
    StoreError
        If it is truncated, altered, or in another format.
    """
    try:
        stored = RawDataFile(file, place)
        arrays = {name: (stored.read(name), unit) for name, unit in stored.units.items()}
    except InvalidInputError as error:
        raise StoreError(f"{place}: not readable as raw data ({error})") from error
    return RawData(arrays, stored.attributes)


class RawDataFile:
    """An open, seekable file from `encode`, whose arrays are read on demand; `place` is its name in messages.

    Raises
    ------
    StoreError
        If it is in another format.
    InvalidInputError
        If it is damaged.

    Attributes
    ----------
    units : dict of str to str
        Unit of each array, in the order of the file.
    attributes : dict of str to JSON value
        Attributes of the raw data.
    """

    def __init__(self, file: BinaryIO, place: str) -> None:
        self._archive = NumpyArchive(file)
        text = str(self._archive.read(_META))
        try:
            meta = json.loads(text)
            if meta["format"] not in _FORMATS:
                raise StoreError(
                    f"{place}: raw data of format {meta['format']}, this version reads {_FORMATS[-1]}"
                )
            self._packed: dict[str, list[Any]] | None = meta.get("packed")
            names = self._archive.names if self._packed is None else self._packed
            self.units = {name: str(meta["units"][name]) for name in names if name != _META}
            self.attributes = dict[str, Any](meta["attributes"])
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise InvalidInputError(f"{_META}: {error}") from error

    def read(self, name: str) -> npt.NDArray[Any]:
        """Read an array; raise InvalidInputError if it is damaged."""
        if self._packed is None:
            return self._archive.read(name)
        try:
            dtype, shape, start, end = self._packed[name]
            return make_array(bytearray(self._bytes[start:end]), str(dtype), tuple(shape))
        except (TypeError, ValueError) as error:
            raise InvalidInputError(f"array {name!r} cannot be read: {error}") from error

    @cached_property
    def _bytes(self) -> npt.NDArray[Any]:
        return self._archive.read(PACKED)


def _convert_to_numeric(name: object, values: object, changes: list[str]) -> npt.NDArray[Any] | None:
    import numpy as np

    try:
        array = np.asarray(values)
        reason = "" if array.dtype.kind in "biufc" else f"{array.dtype} is not numeric"
    except (TypeError, ValueError) as error:
        array, reason = None, f"it is no array ({error})"
    if reason:
        changes.append(f"array {to_text(name)}: left out, {reason}")
        return None
    return array


def _make_storable_name(name: object, taken: dict[str, npt.NDArray[Any]], changes: list[str]) -> str:
    """Return a valid name for an entry of the archive: text, not reserved, and not a path."""
    stored = to_text(name).replace("/", "_")
    while stored == _META or stored in taken:
        stored += "_"
    if stored != name:
        changes.append(f"array {to_text(name)}: stored as {stored}")
    return stored


def _pack(
    arrays: dict[str, npt.NDArray[Any]],
) -> tuple[dict[str, list[Any]], dict[str, npt.NDArray[Any]]]:
    """Return the places of arrays in one array of bytes, and this array as the only entry."""
    contents = [array.tobytes() for array in arrays.values()]
    ends = [*accumulate(map(len, contents))]
    places = {
        name: [array.dtype.str, array.shape, end - array.nbytes, end]
        for (name, array), end in zip(arrays.items(), ends, strict=True)
    }
    return places, {PACKED: make_array(b"".join(contents), "u1")}


def _write_archive(arrays: dict[str, npt.NDArray[Any]], file: BinaryIO) -> str:
    """Write an archive like `numpy.savez_compressed`, but permit arrays with the names of its arguments.

    Larger data stay uncompressed: readers limit how far an archive expands.
    """
    import numpy as np

    is_small = sum(array.nbytes for array in arrays.values()) <= NPZ.freely // 2
    digesting = ChecksumWriter(file)
    with zipfile.ZipFile(cast("BinaryIO", digesting), "w", compresslevel=1) as archive:
        for name, array in arrays.items():
            if is_small:
                archive.compression = zipfile.ZIP_DEFLATED if array.nbytes < _LONG else zipfile.ZIP_BZIP2
            with archive.open(f"{name}.npy", "w", force_zip64=array.nbytes >= _LARGE) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
    return digesting.checksum
