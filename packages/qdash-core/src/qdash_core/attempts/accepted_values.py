"""Accepted values on one target: the last of several results, and their order in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.repositories.chips import WITHOUT_DIRECTION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import TaskResultModel


def collect_accepted(
    results: Iterable[TaskResultModel], *, control: str | None = None
) -> dict[str, ParameterModel]:
    """Return the last accepted value of each parameter; omit values of a coupling that hold only for the other control qubit."""
    values: dict[str, ParameterModel] = {}
    for result in tuple(results):
        if result.accepted:
            values |= {
                name: value
                for name, value in result.output_parameters.items()
                if result.control in (None, control) or name in WITHOUT_DIRECTION
            }
    return values


def is_later(known: ParameterModel | None, than: ParameterModel | None) -> bool:
    """Return whether a value was measured after another one; False if one of them or its time is unknown."""
    if known is None or than is None or known.calibrated_at is None or than.calibrated_at is None:
        return False
    return known.calibrated_at > than.calibrated_at
