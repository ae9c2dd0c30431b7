"""Service for the specifications of chips."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_builtin.metrics.specification import propose_specification
from qdash_builtin.record_lookup.stored_states import list_states
from qdash_builtin.request_parts.typed_values import parse_value
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import make_later_time, refuse_stale
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.project import ProjectRole
from qdash_core.models.specification import AskedLimits, FormerSpecification
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chip_events import log_chip
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.metrics.service import MetricsService
    from qdash_builtin.metrics.specification import ProposedLimits
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.specification import Specification
    from qdash_core.repositories.store import Store
    from qdash_core.values.gate import ValueDefinition


class SpecificationService:
    """Specifications of the chips of one store: the limits that are asked of their values."""

    def __init__(
        self,
        store: Store,
        metrics: MetricsService,
        *,
        quantities: Callable[[], Mapping[str, ValueDefinition]] = lambda: MappingProxyType({}),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._quantities = quantities
        self._clock = clock

    def get_header(self, access: Access, chip_id: str) -> ChipModel:
        """Return a chip with its specification; NotFoundError if there is none."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(ChipRepository).require(access.project_id, chip_id)

    def propose(self, access: Access, chip_id: str) -> dict[str, ProposedLimits]:
        """Return limits by metric, derived from the first values of a chip; NotFoundError if there is no such chip."""
        from qdash_builtin.metrics.judgement.value_history import read_usual_scatter  # needs numpy

        with self._store.read() as snapshot:
            repositories, where = Repositories(snapshot), (access.project_id, chip_id)
            scatter = read_usual_scatter(repositories, *where)
            states = (
                *list_states(repositories.of(QubitCalibrationRepository), *where),
                *list_states(repositories.of(CouplingCalibrationRepository), *where),
            )
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
        limits: Mapping[str, float | str],
        minima: Mapping[str, float | str],
        *,
        withdrawn: Collection[str] = (),
        as_of: datetime | None = None,
    ) -> ChipModel:
        """Set or remove limits of the values of a chip; others stay.

        Parameters
        ----------
        access : Access
            Access of an editor.
        limits, minima : mapping of str to float or str
            The worst value within specification, and the worst one with which a target may be used, by metric, in the unit of stored values;
            a text may have the display unit, such as `60us`.
        as_of : datetime or None
            `ChipModel.changed_at` when the chip was read, or None to skip the check.

        Raises
        ------
        NotFoundError
            If there is no such chip or metric.
        InvalidInputError
            If nothing is named, a metric has no better direction, no value can meet a limit, a minimum is better than the limit in force, or a
            withdrawn metric has no limits.
        StaleError
            If the chip was changed since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        if not (limits or minima or withdrawn):
            raise InvalidInputError(f"name a limit of chip {chip_id} to ask for or to withdraw")
        limits, minima = (_convert_limits(self._metrics.file, one) for one in (limits, minima))
        with self._store.transaction() as transaction:
            repositories, now = Repositories(transaction), self._clock()
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            refuse_stale(f"chip {chip_id}", header.changed_at, as_of)
            asked: Specification = {**header.specification}
            for name in dict.fromkeys(withdrawn):
                if asked.pop(name, None) is None:
                    raise InvalidInputError(f"chip {chip_id} has no limits of {name} to remove")
            for name in dict.fromkeys((*limits, *minima)):
                metric, former = _find_metric(self._metrics.file, name), asked.get(name)
                for given in (limits, minima):
                    if name in given:
                        _require_possible(name, metric, given[name], self._quantities().get(name))
                wanted = AskedLimits(
                    limit=limits.get(name, former.limit if former else None),
                    minimum=minima.get(name, former.minimum if former else None),
                    username=access.username,
                    asked_at=now,
                )
                _require_order(name, metric, wanted)
                if former is None or (former.limit, former.minimum) != (wanted.limit, wanted.minimum):
                    asked[name] = wanted
            if asked == header.specification:
                return header
            earlier = [
                *header.former_specifications,
                FormerSpecification(
                    asked=header.specification, until=make_later_time(header.changed_at, now)
                ),
            ]
            changed = header.with_changes(specification=asked, former_specifications=earlier, now=now)
            repositories.of(ChipRepository).put(changed)
            log_chip(repositories, access.project_id, chip_id, "specification", username=access.username)
        return changed


def _convert_limits(file: MetricsFile, given: Mapping[str, float | str]) -> dict[str, float]:
    """Return limits in the unit of stored values; a written unit is the display unit of the metric.

    NotFoundError for an unknown metric, InvalidInputError for another unit or a limit with an error.
    """
    found = {}
    for name, limit in given.items():
        metric = _find_metric(file, name)
        if not isinstance(limit, str):
            found[name] = float(limit)
            continue
        one = parse_value(name, limit)
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


def _require_possible(name: str, metric: Metric, limit: float, declared: ValueDefinition | None) -> None:
    """Raise InvalidInputError for a limit that no value can meet, and for a negative one of a positive quantity: a slip of the number or its unit."""
    low, high = (None, None) if declared is None else (declared.minimum, declared.maximum)
    if metric.is_fraction:
        low, high = 0.0 if low is None else low, 100 / metric.scale if high is None else high
    # A limit far worse than any value asks nothing, and may be proposed as a minimum for use.
    if metric.evaluation.mode == "minimize":
        high = None
    elif low is not None:
        low = min(low, 0.0)
    if metric.evaluation.magnitude:
        low = 0.0
    if not math.isfinite(limit * metric.scale):
        raise InvalidInputError(f"{name}: the limit is not a finite number")
    for bound, beyond, side in ((low, -1, "below"), (high, 1, "above")):
        if bound is not None and beyond * (limit - bound) > 0:
            raise InvalidInputError(
                f"{name}: {metric.format_limit(limit)} is {side} all possible values, which {'end' if beyond > 0 else 'begin'} at "
                f"{metric.format_limit(bound)}: a number without a unit is in the unit of stored values"
            )


def _require_order(name: str, metric: Metric, asked: AskedLimits) -> None:
    """Raise InvalidInputError if the minimum in force is better than the limit in force; each is that of the metrics file unless it is asked."""
    in_force = metric.ask(asked)
    limit = None if in_force.threshold is None else in_force.threshold.value
    if limit is None or in_force.minimum is None or metric.compute_lead(limit, in_force.minimum) >= 0:
        return
    of_limit, of_minimum = (
        f"{metric.format_limit(one)}{'' if is_asked else ' in the metrics file'}"
        for one, is_asked in (
            (limit, asked.limit is not None),
            (in_force.minimum, asked.minimum is not None),
        )
    )
    raise InvalidInputError(
        f"{name}: the minimum {of_minimum} is better than the limit {of_limit}: give a worse one"
    )
