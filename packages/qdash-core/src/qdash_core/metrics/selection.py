"""Which values of a chip are meant: of what targets and metrics, chosen how, of which time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from qdash_core.metrics.values import Kind


class Mode(StrEnum):
    """How one value is made of the recorded ones."""

    LATEST = "latest"
    """That of the newest measurement."""
    BEST = "best"
    """The best by `evaluation` of the metrics file; metrics of which no value is better have none."""
    AVERAGE = "average"
    """The mean, each result with the same weight."""
    MEDIAN = "median"
    """The median."""


@dataclass(frozen=True, slots=True)
class Period:
    """When results were measured. A bound that is None does not bind.

    Parameters
    ----------
    cooldown_id : str or None
        In this cool-down.
    since, until : datetime or None
        From one moment on, and before another one; aware.
    """

    cooldown_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return self != Period()

    def check(self) -> None:
        """Refuse bounds between which nothing can be."""
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise InvalidInputError(
                f"the range of time from {self.since.isoformat()} to {self.until.isoformat()} does not end after its beginning"
            )


ALL_TIME = Period()


@dataclass(frozen=True, slots=True)
class Selection:
    """What is wanted of a chip.

    Parameters
    ----------
    targets : tuple of str
        Qubits and couplings. Empty: every one.
    metrics : tuple of str
        Names of metrics. Empty: every one.
    mode : Mode
        How one value is made of the recorded ones.
    period : Period
        Of which time. Where it is not bound, the latest value is that in use; the other modes take the cool-down that goes on or, without
        one, all since the chip was made.
    flagged : bool
        Whether a newer value that was flagged takes the place of the accepted one.
    older_than : timedelta or None
        Only values that were measured longer ago.
    failed : bool
        Only what the newest result of a task that makes it has failed to give.
    out_of_specification : bool
        Only values that are not within the thresholds of the metrics file.
    """

    targets: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    mode: Mode = Mode.LATEST
    period: Period = Period()
    flagged: bool = False
    older_than: timedelta | None = None
    failed: bool = False
    out_of_specification: bool = False

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.flagged and self.mode is not Mode.LATEST:
            raise InvalidInputError(
                f"flagged values are shown among the latest ones, not in mode {self.mode}"
            )
        self.period.check()

    @property
    def leaves_out(self) -> bool:
        """Whether values are left out for what they are, so that those that are left say nothing of the chip."""
        return self.failed or self.out_of_specification or self.older_than is not None

    @property
    def narrow(self) -> bool:
        """Whether values are left out for what they are or of which metric."""
        return self.leaves_out or bool(self.metrics)

    @property
    def in_use(self) -> bool:
        """Whether it is the values in use that are wanted, all of them: of some targets or of every one."""
        return not (self.flagged or self.narrow or self.recorded)

    @property
    def recorded(self) -> bool:
        """Whether recorded results are looked through, and not only the values in use."""
        return self.mode is not Mode.LATEST or bool(self.period)


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of a chip that were named, in the order of the chip; all of them where none were."""

    qubits: tuple[str, ...]
    couplings: tuple[str, ...]

    def of_kind(self, kind: Kind) -> tuple[str, ...]:
        """Return the qubits, or the couplings."""
        return self.qubits if kind == "qubit" else self.couplings

    @classmethod
    def of(
        cls,
        chip_id: str,
        qubits: Iterable[str],
        couplings: Iterable[str],
        named: Sequence[str],
    ) -> Targets:
        """Return what is meant of a chip.

        Raises
        ------
        NotFoundError
            If one that is named is not there.
        """
        known = list(qubits), list(couplings)
        for target in named:
            kind, there = ("coupling", known[1]) if "-" in target else ("qubit", known[0])
            if target not in there:
                raise NotFoundError(
                    f"chip {chip_id} has no {kind} {target}; `qdash chip show {chip_id}` has what there is"
                )
        return cls(*(tuple(one for one in there if not named or one in named) for there in known))
