"""Updates of values in the library of a connected backend.

A run updates them before each task. Parameter files are written by `qdash export` only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.backends.base import BaseBackend
from qdash_core.models.estimates import Parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ParameterModel


@dataclass(frozen=True, slots=True)
class ParamsUpdater:
    """Updater of values in the library of a backend.

    Parameters
    ----------
    backend : BaseBackend
        The connected backend.
    """

    backend: BaseBackend

    def update(self, qid: str, output_parameters: Mapping[str, ParameterModel]) -> Mapping[str, float]:
        """Set values of a target in the library.

        Returns
        -------
        mapping of str to float
            The values that the library uses instead, where they differ.
        """
        values = {
            name: Parameter(one.value, one.error, one.unit, one.calibrated_at)
            for name, one in output_parameters.items()
        }
        self.backend.apply({qid: values})
        return self.backend.read_back(qid)


def get_params_updater(backend: BaseBackend) -> ParamsUpdater | None:
    """Return the updater of a backend, or None if its library takes no values."""
    return None if type(backend).apply is BaseBackend.apply else ParamsUpdater(backend)
