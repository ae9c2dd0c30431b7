"""File format of raw data: a NumPy `.npz` archive of the compressed arrays, with units and attributes as JSON text.

`numpy.load(path)["delay"]` reads an array without QDash. The entry `__qdash__` is a text scalar holding
`{"format": 1, "units": {name: unit}, "attributes": {...}}`. There are no pickles. Data that the format cannot hold is
converted or left out, so that the measurement is not lost, and the attribute `not_stored` lists these changes.
"""

from __future__ import annotations

import io
import json
import zipfile
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from qdash_core.artifacts.checksums import ChecksumWriter
from qdash_core.artifacts.json_values import to_json_value, to_text
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.models.raw_data import RawData
from qdash_core.parsing.limits import NPZ
from qdash_core.parsing.numpy_archives import NumpyArchive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

_META = "__qdash__"
_FORMAT = 1
_CHANGES = "not_stored"
_LARGE = 2**30
"""Bytes of an array from which its entry needs a longer header."""


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
    arrays[_META] = np.array(json.dumps({"format": _FORMAT, "units": units, "attributes": attributes}))
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
        archive = NumpyArchive(file)
        units, attributes = read_metadata(archive, place)
        arrays = {name: (archive.read(name), units[name]) for name in units}
    except InvalidInputError as error:
        raise StoreError(f"{place}: not readable as raw data ({error})") from error
    return RawData(arrays, attributes)


def read_metadata(archive: NumpyArchive, place: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Read the unit of each array and the attributes; raise StoreError as `read`, and InvalidInputError if they are damaged."""
    text = str(archive.read(_META))
    try:
        meta = json.loads(text)
        if meta["format"] != _FORMAT:
            raise StoreError(f"{place}: raw data of format {meta['format']}, this version reads {_FORMAT}")
        units = {name: str(meta["units"][name]) for name in archive.names if name != _META}
        return units, dict(meta["attributes"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"{_META}: {error}") from error


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


def _write_archive(arrays: dict[str, npt.NDArray[Any]], file: BinaryIO) -> str:
    """Write an archive like `numpy.savez_compressed`, but permit arrays with the names of its arguments.

    Larger data stay uncompressed: readers limit how far an archive expands.
    """
    import numpy as np

    is_small = sum(array.nbytes for array in arrays.values()) <= NPZ.freely // 2
    compression = zipfile.ZIP_DEFLATED if is_small else zipfile.ZIP_STORED
    digesting = ChecksumWriter(file)
    with zipfile.ZipFile(cast("BinaryIO", digesting), "w", compression, compresslevel=1) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=array.nbytes >= _LARGE) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
    return digesting.checksum
