"""Service that compares a chip at two points in time, or two chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.comparisons.chip_state import read_state
from qdash_builtin.comparisons.comparison import compare_points
from qdash_builtin.comparisons.shared_resources import list_resources
from qdash_builtin.values.point_in_time import PointInTime, PointKind
from qdash_builtin.values.selection import TargetChoice
from qdash_core.chips.chip import read_chip
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.simulated_time import select_simulated_time
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.comparisons.chip_state import ChipState
    from qdash_builtin.comparisons.comparison import PointComparison
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.metrics.service import MetricsService
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

PRESENT = str(PointKind.NOW)


class ComparisonService:
    """Comparisons of the chips of one store; `zone` is the time zone of times that name none."""

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        metrics: MetricsService,
        judgements: JudgementReader,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._metrics = metrics
        self._judgements = judgements
        self._clock = clock

    def read_state(self, access: Access, point: str) -> ChipState:
        """Return the state of a chip at a point in time that names the chip; takes and raises as `compare`."""
        now = self._clock()
        parsed = PointInTime.parse(point, self._zone, now=now, kinds=tuple(PointKind))
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            chip_id = _find_chip_id(repositories, access, (parsed,))
            chip = read_chip(repositories, access.project_id, chip_id)
            return read_state(repositories, chip, parsed, self._judgements, now=now)

    def compare(
        self,
        access: Access,
        before: str,
        after: str = PRESENT,
        *,
        chip_id: str | None = None,
        targets: TargetChoice | None = None,
        names: Collection[str] | None = None,
    ) -> PointComparison:
        """Return the differences between two points in time.

        Parameters
        ----------
        before, after : str
            A time, a night (its start), an execution id (its end), `release:NAME`, `cooldown:ID` (its end), `cooldown-start:ID` (its first values),
            `chip:ID` (its present state), `day:DATE` (the last daily copies until its end), or `now`.
        chip_id : str or None
            The chip of the points other than `chip:ID`; None for the chip that a point names, or the only one of the project.
        targets, names
            The targets and parameters, or None for all.

        Raises
        ------
        NotFoundError
            If there is no such chip, execution, release, cool-down, target or parameter.
        InvalidInputError
            If a point is invalid or in the future, or the chip is not known from the points.
        ConflictError
            If an execution has not ended.
        """
        from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter  # needs numpy

        now = self._clock()
        first, second = (
            PointInTime.parse(text, self._zone, now=now, kinds=tuple(PointKind)) for text in (before, after)
        )
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            chip_id = chip_id or _find_chip_id(repositories, access, (first, second))
            chip = read_chip(repositories, access.project_id, chip_id)
            choice = targets or TargetChoice()
            chosen = choice.select(chip_id, list(chip.qubits.values()), list(chip.couplings.values()))
            states = (
                read_state(repositories, chip, first, self._judgements, now=now),
                read_state(repositories, chip, second, self._judgements, now=now),
            )
            is_one_chip = states[0].chip_id == states[1].chip_id
            scatter = (
                self._judgements.results.read_scatter(repositories, access.project_id, chip_id)
                if is_one_chip
                else UsualScatter()
            )
        known = {name for state in states for one in state.targets.values() for name in one.data}
        for name in names or ():
            if name not in known:
                raise NotFoundError(
                    f"neither state of chip {chip_id} has a value of {name!r}{suggest(name, known)}"
                )
        return compare_points(
            *states,
            self._metrics.file,
            list_resources(chip),
            scatter,
            targets=[one.qid for one in chosen] if choice else None,
            names=names,
            simulated_time=select_simulated_time(now),
        )


def _find_chip_id(repositories: Repositories, access: Access, points: Sequence[PointInTime]) -> str:
    """Return the chip that points name, or the only one of the project; raise InvalidInputError if this is not one chip."""
    named = []
    for point in points:
        if point.kind is PointKind.EXECUTION:
            named.append(repositories.of(ExecutionRepository).require(access.project_id, point.name).chip_id)
        elif point.kind in (PointKind.COOLDOWN, PointKind.COOLDOWN_START):
            chips = repositories.of(CooldownRepository).require(access.project_id, point.name).chip_ids
            named += chips if len(chips) == 1 else []
    named = named or [point.name for point in points if point.kind is PointKind.CHIP]
    found = [*dict.fromkeys(named)] or [
        one.chip_id for one in repositories.of(ChipRepository).list_by_project(access.project_id)
    ]
    if not found:
        raise NotFoundError(f"project {access.project_id} has no chip")
    if len(found) > 1 and not all(point.kind is PointKind.CHIP for point in points):
        raise InvalidInputError(f"name the chip with --chip: it can be {', '.join(sorted(found))}")
    return found[0]
