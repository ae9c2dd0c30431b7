"""What hardware delivers: arrays with their units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class RawData:
    """Measured arrays with their units, as they came from the hardware.

    Parameters
    ----------
    arrays : mapping of str to (array, str)
        Name to (array of any shape, unit); the unit is empty where there is none. The dtype is boolean, integer, real or
        complex; NaN and infinities are kept.
    attributes : mapping of str to JSON value
        What else the analysis needs to read the arrays: settings in use, axes, choices. JSON is text, finite numbers,
        true, false, None, lists, and mappings with text as keys; numpy scalars and arrays are kept as numbers and lists.

    Raises
    ------
    InvalidInputError
        If an array is given without its unit.

    Notes
    -----
    `postprocess` is given what `run` returned, as it is; a refit and `figure` are given what was stored. They differ where
    something is no number or not JSON: an array that is not numeric is left out, an attribute (a time, a path, an enum,
    NaN) is stored as its text, and the stored attribute `not_stored` lists each such change. Raw data with arrays of which
    none is numeric fail the task.
    """

    arrays: Mapping[str, tuple[npt.ArrayLike, str]]
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an array without its unit: nobody who reads it later could tell ns from us."""
        for name, entry in self.arrays.items():
            match entry:
                case (_, str()):
                    pass
                case _:
                    raise InvalidInputError(
                        f"array {name!r} is given without its unit: (array, unit) is expected, as in (values, 'us'), and "
                        "'' for none"
                    )

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Return the array called `name`, without its unit."""
        import numpy as np

        return np.asarray(self.arrays[name][0])
