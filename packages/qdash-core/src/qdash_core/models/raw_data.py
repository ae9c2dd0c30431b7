"""Raw data of a measurement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class RawData:
    """Measured arrays with their units, as the hardware delivers them.

    Parameters
    ----------
    arrays : mapping of str to (array, str)
        Name to (array of any shape, unit). The unit is empty for dimensionless arrays. The dtype is boolean,
        integer, real or complex. NaN and infinities are kept.
    attributes : mapping of str to JSON value
        Other data that the analysis needs, such as settings, axes and choices. JSON values are text, finite numbers,
        booleans, None, lists, and mappings with text keys. Numpy scalars and arrays become numbers and lists.
    options : mapping of str to value
        Analysis options of a refit that differ from their defaults (`BaseTask.analysis_options`). They are recorded with
        the result, not stored with the data.

    Raises
    ------
    InvalidInputError
        If an array is given without its unit.

    Notes
    -----
    `postprocess` receives exactly what `run` returned; a refit and `figure` receive the stored data. These
    differ in data that is not numeric or not JSON: an array that is not numeric is left out, an attribute (a
    time, a path, an enum, NaN) is stored as its text, and the stored attribute `not_stored` lists each such
    change. The task fails if the raw data has arrays but none is numeric.
    """

    arrays: Mapping[str, tuple[npt.ArrayLike, str]]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise an error for an array without a unit: later readers could not tell ns from µs."""
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
