"""The file format of raw data: a NumPy `.npz` archive of the arrays, with units and attributes as JSON text.

`numpy.load(path)["delay"]` reads an array without QDash. The entry `__qdash__` is a text scalar holding
`{"format": 1, "units": {name: unit}, "attributes": {...}}`. No pickles.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.models.base import as_json
from qdash_core.tasks.base import RawData

if TYPE_CHECKING:
    from pathlib import Path

_META = "__qdash__"
_FORMAT = 1


def encode(raw: RawData) -> bytes:
    """Return the file contents for `raw`.

    Raises
    ------
    InvalidInputError
        If an array is not numeric (or boolean), is called `__qdash__`, or the attributes are not JSON.
    """
    import numpy as np

    arrays, units = {}, {}
    for name, (values, unit) in raw.arrays.items():
        array = np.asarray(values)
        if array.dtype.kind not in "biufc":
            raise InvalidInputError(f"raw data {name!r}: an array of {array.dtype} is not numeric")
        if name == _META or "/" in name:
            raise InvalidInputError(f"raw data {name!r}: choose another name")
        arrays[name], units[name] = array, unit
    try:
        meta = json.dumps({"format": _FORMAT, "units": units, "attributes": as_json(dict(raw.attributes))})
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"raw data attributes are not JSON: {error}") from error
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{_META: np.array(meta)}, **arrays)
    return buffer.getvalue()


def decode(path: Path) -> RawData:
    """Read a file that `encode` made.

    Raises
    ------
    StoreError
        If the file is missing, cut short, or of another format.
    """
    import numpy as np

    try:
        # numpy leaves a file that it cannot read open when it has opened it itself.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            meta = json.loads(str(archive[_META]))
            arrays = {name: archive[name] for name in archive.files if name != _META}
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise StoreError(f"{path}: not readable as raw data ({error})") from error
    if meta.get("format") != _FORMAT:
        raise StoreError(f"{path}: raw data of format {meta.get('format')}, this version reads {_FORMAT}")
    return RawData({name: (array, meta["units"][name]) for name, array in arrays.items()}, meta["attributes"])
