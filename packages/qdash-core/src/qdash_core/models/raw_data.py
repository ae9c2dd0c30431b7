"""What hardware delivers: arrays with their units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class RawData:
    """Measured arrays with their units, as they came from the hardware.

    Parameters
    ----------
    arrays : mapping of str to (array, str)
        Name to (array of any shape, unit). The dtype is boolean, integer, real or complex; NaN and infinities are kept.
    attributes : mapping of str to JSON value
        What else the analysis needs to read the arrays: settings in use, axes, choices. JSON is text, finite numbers,
        true, false, None, lists, and mappings with text as keys; numpy scalars and arrays are kept as numbers and lists.

    Notes
    -----
    `postprocess` is given what `run` returned, as it is; a refit and `figure` are given what was stored. They differ where
    something is no number or not JSON: an array that is not numeric is left out, an attribute (a time, a path, an enum,
    NaN) is stored as its text, and the stored attribute `not_stored` lists each such change. Raw data with arrays of which
    none is numeric fail the task.
    """

    arrays: Mapping[str, tuple[npt.ArrayLike, str]]
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Return the array called `name`, without its unit."""
        import numpy as np

        return np.asarray(self.arrays[name][0])
