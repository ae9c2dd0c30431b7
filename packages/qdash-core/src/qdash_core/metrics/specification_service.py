"""Service for the specifications of chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.clock import utc_now
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.metrics.specification import propose_specification
from qdash_core.models.base import refuse_stale
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.project import ProjectRole
from qdash_core.models.specification import AskedLimits
from qdash_core.repositories.chip_events import log_chip
from qdash_core.repositories.repositories import Repositories
from qdash_core.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from qdash_core.metrics.definitions import Metric, MetricsFile
    from qdash_core.metrics.service import MetricsService
    from qdash_core.metrics.specification import ProposedLimits
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.specification import Specification
    from qdash_core.repositories.store import Store


class SpecificationService:
    """Specifications of the chips of one store: the limits that are asked of their values.

    Parameters
    ----------
    store : Store
        The store.
    metrics : MetricsService
        Definitions of metrics.
    clock : callable
        Returns the current time in UTC.
    """

    def __init__(
        self, store: Store, metrics: MetricsService, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._clock = clock

    def propose(self, access: Access, chip_id: str) -> dict[str, ProposedLimits]:
        """Return limits by metric, derived from the first values of a chip; NotFoundError if there is no such chip."""
        from qdash_core.metrics.value_history import read_usual_scatter  # needs numpy

        with self._store.read() as snapshot:
            repositories, where = Repositories(snapshot), (access.project_id, chip_id)
            scatter = read_usual_scatter(repositories, *where)
            states = (*repositories.qubits.list_states(*where), *repositories.couplings.list_states(*where))
        used = [one["qid"] for one in states if not one["status"].set_aside]
        return propose_specification(self._metrics.file, used, scatter)

    def accept(self, access: Access, chip_id: str) -> ChipModel:
        """Set the proposed limits of a chip; those of other metrics stay.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        InvalidInputError
            If it has no values from which limits follow.
        """
        access.require(ProjectRole.EDITOR)
        proposed = self.propose(access, chip_id)
        if not proposed:
            raise InvalidInputError(
                f"chip {chip_id} has no values from which limits follow: calibrate it first"
            )
        limits = {name: one.limit for name, one in proposed.items()}
        return self.ask(access, chip_id, limits, {name: one.minimum for name, one in proposed.items()})

    def ask(
        self,
        access: Access,
        chip_id: str,
        limits: Mapping[str, float],
        minima: Mapping[str, float],
        *,
        withdrawn: Collection[str] = (),
        as_of: datetime | None = None,
    ) -> ChipModel:
        """Set or remove limits of the values of a chip; others stay.

        Parameters
        ----------
        access : Access
            Access of an editor.
        chip_id : str
            The chip.
        limits, minima : mapping of str to float
            The worst value within specification, and the worst one with which a target may be used, by metric, in the unit of stored values.
        withdrawn : collection of str
            Metrics whose limits are removed.
        as_of : datetime or None
            `ChipModel.changed_at` when the chip was read, or None to skip the check.

        Raises
        ------
        NotFoundError
            If there is no such chip or metric.
        InvalidInputError
            If a metric has no better direction, a minimum is better than the limit, or a withdrawn metric has no limits.
        StaleError
            If the chip was changed since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories, now = Repositories(transaction), self._clock()
            header = repositories.chips.require(access.project_id, chip_id)
            refuse_stale(f"chip {chip_id}", header.changed_at, as_of)
            asked: Specification = {**header.specification}
            for name in withdrawn:
                if asked.pop(name, None) is None:
                    raise InvalidInputError(f"chip {chip_id} has no limits of {name} to remove")
            for name in dict.fromkeys((*limits, *minima)):
                metric, former = _find_metric(self._metrics.file, name), asked.get(name)
                asked[name] = AskedLimits(
                    limit=limits.get(name, former.limit if former else None),
                    minimum=minima.get(name, former.minimum if former else None),
                    username=access.username,
                    asked_at=now,
                )
                _require_order(name, metric, asked[name])
            changed = header.with_validated_changes({"specification": asked}, {"specification"}, now=now)
            repositories.chips.put(changed)
            log_chip(repositories, access.project_id, chip_id, "specification", username=access.username)
        return changed


def convert_limits(file: MetricsFile, written: Mapping[str, Parameter]) -> dict[str, float]:
    """Return limits in the unit of stored values; a written unit is the display unit of the metric.

    NotFoundError for an unknown metric, InvalidInputError for another unit or a limit with an error.
    """
    found = {}
    for name, one in written.items():
        metric = _find_metric(file, name)
        if one.error is not None:
            raise InvalidInputError(f"{name}: a limit has no error")
        if one.unit and unit_symbol(one.unit) != unit_symbol(metric.unit):
            raise InvalidInputError(f"{name}: the unit is {metric.unit or 'none'}, not {one.unit}")
        found[name] = one.value / metric.scale if one.unit else float(one.value)
    return found


def _find_metric(file: MetricsFile, name: str) -> Metric:
    """Return the definition of a metric with a direction."""
    metric = file.find_metric(name)
    if metric is None:
        known = [*file.qubit_metrics, *file.coupling_metrics]
        raise NotFoundError(f"there is no metric {name!r} in the metrics file{suggest(name, known)}")
    if metric.evaluation.mode == "none":
        raise InvalidInputError(
            f"no value of {name} is better than another: give its range in the metrics file"
        )
    return metric


def _require_order(name: str, metric: Metric, asked: AskedLimits) -> None:
    if asked.limit is None or asked.minimum is None or metric.compute_lead(asked.limit, asked.minimum) >= 0:
        return
    limit, minimum = (metric.format_limit(one) for one in (asked.limit, asked.minimum))
    raise InvalidInputError(
        f"{name}: the minimum {minimum} is better than the limit {limit}: give a worse one"
    )
