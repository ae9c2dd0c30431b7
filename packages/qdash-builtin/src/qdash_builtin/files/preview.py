"""Previews of files: text, tables, and the shapes and first values of arrays. Images are recognised, not decoded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Literal

from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.parsing.limits import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.parsing.numpy_archives import ArrayBeginning, NumpyArchive

PreviewKind = Literal["text", "table", "image", "arrays", "binary"]

_IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_NPY, _NPZ = b"\x93NUMPY", b"PK\x03\x04"
_LANGUAGES = {
    "csv": "csv",
    "ipynb": "json",
    "json": "json",
    "md": "markdown",
    "py": "python",
    "toml": "toml",
    "yaml": "yaml",
    "yml": "yaml",
}
_META = "__qdash__"


@dataclass(frozen=True, slots=True)
class ArrayPreview:
    """Description of an array.

    Parameters
    ----------
    name : str
        Its name; empty for the array of a `.npy` file.
    unit : str or None
        Its unit in raw data of QDash, or None if unknown.
    values : tuple of str
        Its first values.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    unit: str | None
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TablePreview:
    """First rows of a table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """Preview of a file.

    Parameters
    ----------
    language : str
        Format of a text by its suffix, such as `yaml` or `text`; empty for others.
    text : str or None
        The text, or its beginning.
    table : TablePreview or None
        The table of a CSV file that is valid.
    media_type : str
        Media type of an image; empty for others.
    is_truncated : bool
        Whether the file has more than is shown.
    """

    kind: PreviewKind
    language: str = ""
    text: str | None = None
    table: TablePreview | None = None
    media_type: str = ""
    arrays: tuple[ArrayPreview, ...] = ()
    is_truncated: bool = False


def make_preview(name: str, file: BinaryIO, size: int) -> Preview:
    """Return the preview of an open, seekable file by its contents; SVG and HTML are text."""
    beginning = file.read(FILE.text + 1)
    for magic, media_type in _IMAGES.items():
        if beginning.startswith(magic):
            return Preview("image", media_type=media_type)
    if beginning.startswith((_NPY, _NPZ)):
        file.seek(0)
        try:
            return _preview_arrays(file, size) if beginning.startswith(_NPY) else _preview_archive(file)
        except (InvalidInputError, StoreError):
            return Preview("binary")  # damaged, or another kind of archive
    text = _decode(beginning, is_whole=size <= FILE.text)
    if text is None:
        return Preview("binary")
    language = _LANGUAGES.get(name.rpartition(".")[2].lower(), "text")
    truncated = size > FILE.text
    if language == "csv" and not truncated and (found := _preview_table(text)) is not None:
        return found
    return Preview("text", language, text, is_truncated=truncated)


def _decode(beginning: bytes, *, is_whole: bool) -> str | None:
    """Return the text, or None if it is not UTF-8 text; a character that is cut off at the end is left out."""
    data = beginning[: FILE.text]
    for length in range(4):
        try:
            text = data[: len(data) - length].decode()
        except UnicodeDecodeError:
            if is_whole:
                return None
            continue
        return None if "\0" in text else text
    return None


def _preview_table(text: str) -> Preview | None:
    """Return the preview of a CSV file as a table, or None if it can only be shown as text."""
    from qdash_builtin.exchange.csv_parser import parse_csv
    from qdash_core.parsing.limits import EDITED_CSV

    try:
        columns, rows = parse_csv(text, limits=EDITED_CSV)
    except InvalidInputError:
        return None
    if len({*columns}) < len(columns):
        return None  # cells of columns of one name would replace each other: the text has all of them
    shown = tuple(tuple(cells.get(one, "") for one in columns) for _, cells in rows[: FILE.rows])
    table = TablePreview(tuple(columns), shown)
    return Preview("table", "csv", text, table, is_truncated=len(rows) > FILE.rows)


def _preview_arrays(file: BinaryIO, size: int) -> Preview:
    from qdash_core.parsing.numpy_archives import read_array_beginning

    return Preview("arrays", arrays=(_describe("", read_array_beginning(file, size, FILE.values), None),))


def _preview_archive(file: BinaryIO) -> Preview:
    from qdash_core.artifacts.raw_data import PACKED
    from qdash_core.parsing.numpy_archives import NumpyArchive

    archive = NumpyArchive(file)
    if PACKED in archive.names:
        return _preview_packed(file)
    units = _read_units(archive)
    names = [name for name in archive.names if name != _META]
    arrays = tuple(
        _describe(name, archive.read_beginning(name, FILE.values), units.get(name))
        for name in islice(names, FILE.arrays)
    )
    return Preview("arrays", arrays=arrays, is_truncated=len(names) > FILE.arrays)


def _preview_packed(file: BinaryIO) -> Preview:
    """Return the preview of raw data whose arrays are packed into one entry."""
    from qdash_core.artifacts.raw_data import RawDataFile
    from qdash_core.parsing.numpy_archives import ArrayBeginning

    stored = RawDataFile(file, "")
    arrays = []
    for name, unit in islice(stored.units.items(), FILE.arrays):
        array = stored.read(name)
        values = tuple(array.ravel()[: FILE.values].tolist())
        arrays.append(_describe(name, ArrayBeginning(array.shape, str(array.dtype), values), unit))
    return Preview("arrays", arrays=tuple(arrays), is_truncated=len(stored.units) > FILE.arrays)


def _read_units(archive: NumpyArchive) -> Mapping[str, str]:
    """Return the units of the arrays of raw data of QDash; none for other archives."""
    from qdash_core.parsing.json_parser import parse_json

    if _META not in archive.names:
        return {}
    try:
        [text] = archive.read_beginning(_META, 1).values
        units = parse_json(str(text))["units"]
        return {str(name): str(unit) for name, unit in units.items()}
    except (InvalidInputError, AttributeError, KeyError, TypeError, ValueError):
        return {}


def _describe(name: str, array: ArrayBeginning, unit: str | None) -> ArrayPreview:
    values = tuple(
        one if isinstance(one, str) else json.dumps(one) if isinstance(one, bool) else repr(one)
        for one in array.values
    )
    return ArrayPreview(name, array.shape, array.dtype, unit, values)
