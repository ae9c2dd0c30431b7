"""Raw data in notebooks: arrays with unit and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.models.estimates import unit_symbol
from qdash_core.tasks.parameters import find_declared_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from qdash_builtin.runs.views.tasks import ArrayDocument
    from qdash_core.models.raw_data import RawData


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredArray:
    """A measured array. NumPy's functions take it as an array; `values` has the arithmetic of one.

    Parameters
    ----------
    name : str
        Its name in the raw data.
    values : array
        The numbers, of any shape; boolean, integer, real or complex.
    unit : str
        Their unit, or empty.
    description : str or None
        Meaning of the numbers, and their axes, as the task declares it; None if it does not.
    """

    name: str
    values: npt.NDArray[Any]
    unit: str
    description: str | None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return the numbers for NumPy."""
        return np.array(self.values, dtype=dtype) if copy else np.asarray(self.values, dtype=dtype)

    def __getitem__(self, place: Any) -> Any:
        """Return a part of the numbers, as NumPy selects it."""
        return self.values[place]

    def __len__(self) -> int:
        """Return the length of the first axis."""
        return len(self.values)

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.values.shape))
        return f"{self.name}: {shape}{f' in {unit_symbol(self.unit)}' if self.unit else ''}: {self.description or 'not declared'}"


class RawArrays(Mapping[str, MeasuredArray]):
    """Raw data of a result: measured arrays by name.

    Parameters
    ----------
    declared : mapping of str to ArrayDocument
        Arrays that its task declares, by name or pattern; empty if the task is not installed.
    """

    def __init__(self, task_id: str, raw: RawData, declared: Mapping[str, ArrayDocument]) -> None:
        self.task_id = task_id
        self.attributes = dict(raw.attributes)
        """Other data of the measurement, such as settings and choices."""
        self._arrays = {
            name: MeasuredArray(name, raw[name], unit, _find_description(declared, name))
            for name, (_, unit) in raw.arrays.items()
        }

    def __getitem__(self, name: str) -> MeasuredArray:
        """Return an array; the KeyError of an unknown name names those there are."""
        if name not in self._arrays:
            raise KeyError(f"no array {name!r} in the raw data of {self.task_id}: {', '.join(self._arrays)}")
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._arrays)

    def __len__(self) -> int:
        """Return the number of arrays."""
        return len(self._arrays)

    def __repr__(self) -> str:
        return "\n".join((f"raw data of {self.task_id}", *(f"  {one!r}" for one in self.values())))


def _find_description(declared: Mapping[str, ArrayDocument], name: str) -> str | None:
    found = find_declared_array(declared, name)
    return None if found is None else found.description
