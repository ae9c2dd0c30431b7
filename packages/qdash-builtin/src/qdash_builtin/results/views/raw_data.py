"""View models of raw data, with numbers as JSON."""

from __future__ import annotations

from itertools import product, repeat
from typing import TYPE_CHECKING, Any, Literal, Self

from qdash_builtin.text_pages.csv_tables import make_csv
from qdash_core.documents.base import Document
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData

MOST_NUMBERS = 200_000
"""Maximum count of numbers written as JSON or CSV; larger raw data are read from the file."""


class RawArrayDocument(Document):
    """An array of raw data."""

    unit: str
    kind: Literal["boolean", "integer", "real", "complex"]
    shape: list[int]
    values: list[float | None]
    """In C order (the last index varies fastest); the real parts of complex numbers. Null: not a finite
    number.
    """
    imaginary: list[float | None] | None = None
    """The imaginary parts of complex numbers."""


class RawDataDocument(Document):
    """Raw data of a result."""

    task_id: str
    arrays: dict[str, RawArrayDocument]
    attributes: dict[str, Any]

    @classmethod
    def from_raw_data(cls, task_id: str, raw: RawData) -> Self:
        """Return the view model of raw data.

        Raises
        ------
        InvalidInputError
            If there are more than `MOST_NUMBERS` numbers.
        """
        numbers = sum(raw[name].size for name in raw.arrays)
        if numbers > MOST_NUMBERS:
            raise InvalidInputError(
                f"the raw data of {task_id} have {numbers:,} numbers, and at most {MOST_NUMBERS:,} are written as text: use the .npz file"
            )
        arrays = {name: _make_array(raw[name], unit) for name, (_, unit) in raw.arrays.items()}
        return cls(task_id=task_id, arrays=arrays, attributes=dict(raw.attributes))

    def as_csv(self) -> str:
        """Return a table with a row for each number: array, unit, indices such as `0 2`, value, imaginary part.

        A number that is not finite is empty; attributes are left out.
        """
        rows = (
            (name, array.unit, " ".join(map(str, place)), value, other)
            for name, array in self.arrays.items()
            for place, value, other in zip(
                product(*map(range, array.shape)),
                array.values,
                array.imaginary or repeat(None),
                strict=False,
            )
        )
        return make_csv(("array", "unit", "index", "value", "imaginary"), rows)


def _make_array(values: NDArray[Any], unit: str) -> RawArrayDocument:
    return RawArrayDocument(
        unit=unit,
        kind=_KINDS[values.dtype.kind],
        shape=list(values.shape),
        values=_list_numbers(values.real),
        imaginary=_list_numbers(values.imag) if values.dtype.kind == "c" else None,
    )


def _list_numbers(values: NDArray[Any]) -> list[float | None]:
    import numpy as np

    flat = values.ravel().astype(np.float64)
    return [one if finite else None for one, finite in zip(flat.tolist(), np.isfinite(flat), strict=True)]


_KINDS: dict[str, Literal["boolean", "integer", "real", "complex"]] = {
    "b": "boolean",
    "i": "integer",
    "u": "integer",
    "f": "real",
    "c": "complex",
}
