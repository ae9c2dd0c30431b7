"""Selection of values of a chip: targets, metrics, mode, period and filters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.marks import Mark
from qdash_core.models.target_lists import require_known_targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.repositories import Repositories

ANY_MARK = "any"
"""Name that stands for all marks in a selection."""
MARK_CHOICES = f"{', '.join(f'`{one}`' for one in Mark)}, or `{ANY_MARK}`"
"""Names in a selection, for descriptions of options."""


class Mode(StrEnum):
    """Method that reduces recorded values to one."""

    LATEST = "latest"
    """The value of the newest measurement."""
    BEST = "best"
    """The best value by `evaluation` of the metrics file; none for metrics without a direction."""
    AVERAGE = "average"
    """The mean with equal weights."""
    MEDIAN = "median"
    """The median."""


@dataclass(frozen=True, slots=True)
class Period:
    """Period of measurements from `since`, inclusive, to `until`, exclusive, both aware; None is no bound."""

    cooldown_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        """Return whether the period is bounded."""
        return self != Period()

    def check(self) -> None:
        """Raise InvalidInputError if the bounds enclose no time."""
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise InvalidInputError(
                f"the range of time from {self.since.isoformat()} to {self.until.isoformat()} does not end after its beginning"
            )


ALL_TIME = Period()


def resolve_period(repositories: Repositories, chip: ChipModel, period: Period, mode: Mode) -> Period:
    """Return a period of a chip; without bounds, values computed from several results use the current cool-down.

    Raises
    ------
    NotFoundError
        If there is no such cool-down.
    """
    from qdash_core.repositories.cooldowns import CooldownRepository

    if period.cooldown_id is not None:
        repositories.of(CooldownRepository).require(chip.project_id, period.cooldown_id)
    if period or mode is Mode.LATEST:
        return period
    return Period(cooldown_id=chip.current_cooldown_id)


@dataclass(frozen=True, slots=True)
class Selection:
    """Selection of values of a chip; empty targets or metrics select all, None and False do not filter.

    Parameters
    ----------
    period : Period
        If it is unbounded, the latest value is the value in use, and the other modes use the current cool-down or,
        without one, all results since the chip was created.
    flagged : bool
        Whether a newer flagged value replaces the accepted one.
    older_than : timedelta or None
        Minimum age of the values.
    failed : bool
        Whether to keep only values whose most recent task failed.
    out_of_specification : bool
        Whether to keep only values outside the thresholds of the metrics file.
    marks : tuple of Mark
        Keeps values in use with at least one of these marks; empty for all values.
    usable : bool
        Whether to keep only values in use of targets that are not unfit, excluded or dead.
    """

    targets: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    mode: Mode = Mode.LATEST
    period: Period = Period()
    flagged: bool = False
    older_than: timedelta | None = None
    failed: bool = False
    out_of_specification: bool = False
    marks: tuple[Mark, ...] = ()
    usable: bool = False

    def __post_init__(self) -> None:
        """Raise InvalidInputError if the options contradict each other."""
        if self.flagged and self.mode is not Mode.LATEST:
            raise InvalidInputError(
                f"flagged values are shown among the latest ones, not in mode {self.mode}"
            )
        if self.marks and self.recorded:
            raise InvalidInputError(
                "only values in use have marks: a selection by marks takes no mode, cool-down or time range"
            )
        if self.usable and self.recorded:
            raise InvalidInputError(
                "only values in use are of usable targets: such a selection takes no mode, cool-down or time range"
            )
        self.period.check()

    @property
    def leaves_out(self) -> bool:
        """True if values are filtered by age, failure, specification, marks or fitness, so that a summary would be biased."""
        return bool(
            self.failed
            or self.out_of_specification
            or self.older_than is not None
            or self.marks
            or self.usable
        )

    @property
    def narrow(self) -> bool:
        """True if values are filtered by any property or by metric."""
        return self.leaves_out or bool(self.metrics)

    @property
    def in_use(self) -> bool:
        """True if the selection is all values in use, of some targets or of all."""
        return not (self.flagged or self.narrow or self.recorded)

    @property
    def recorded(self) -> bool:
        """True if recorded results are needed, and not only the values in use."""
        return self.mode is not Mode.LATEST or bool(self.period)


@dataclass(frozen=True, slots=True)
class SelectedTargets:
    """The selected targets of a chip in its order; all of them if none were named."""

    qubits: tuple[str, ...]
    couplings: tuple[str, ...]

    def get_targets(self, kind: TargetKind) -> tuple[str, ...]:
        """Return the qubits, or the couplings."""
        return self.qubits if kind == "qubit" else self.couplings

    @classmethod
    def select(
        cls,
        chip_id: str,
        qubits: Iterable[str],
        couplings: Iterable[str],
        named: Sequence[str],
    ) -> SelectedTargets:
        """Return the selected targets of a chip.

        Raises
        ------
        NotFoundError
            If a named target does not exist.
        """
        known = dict.fromkeys(qubits), dict.fromkeys(couplings)
        require_known_targets(named, chip_id, qubits=known[0], couplings=known[1])
        return cls(*(tuple(one for one in there if not named or one in named) for there in known))


def resolve_groups(file: MetricsFile, names: Iterable[str]) -> tuple[str, ...]:
    """Return names of metrics without duplicates, with each group replaced by its metrics."""
    groups = {group.id: group.metrics for group in (*file.cdf_groups.qubit, *file.cdf_groups.coupling)}
    alone = {*file.qubit_metrics, *file.coupling_metrics}
    return tuple(
        dict.fromkeys(
            metric for name in names for metric in (groups.get(name, [name]) if name not in alone else [name])
        )
    )


def parse_marks(names: Iterable[str]) -> tuple[Mark, ...]:
    """Return the named marks, or all of them for the name `any`; raise InvalidInputError for another name."""
    found: list[Mark] = []
    known = [*map(str, Mark), ANY_MARK]
    for name in names:
        if name not in known:
            raise InvalidInputError(f"there is no mark {name!r}: the marks are {', '.join(known)}")
        found += Mark if name == ANY_MARK else (Mark(name),)
    return tuple(dict.fromkeys(found))
