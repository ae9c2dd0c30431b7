"""View models of the measurement schedule of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_core.scheduling.schedule import Schedule


class DirectionDocument(Document):
    """Control and target qubit of a coupling, with the reason for the choice."""

    control: str
    target: str
    reason: str
    predicted_error: float | None = None
    """None if a frequency is unknown."""


class ScheduleDocument(Document):
    """Targets in groups, with a lower bound on their number; laboratory times in seconds."""

    groups: list[list[str]]
    lower_bound: int
    limited_by: str
    proved_optimal: bool
    strategy: str
    barriers: list[int] = Field(default_factory=list)
    """Numbers of the groups, from 1, that start only after the end of all earlier groups; the first group is number 0."""
    makespan_s: float
    makespan_lower_bound_s: float
    makespan_by_groups_s: float
    group_durations_s: list[float] = Field(default_factory=list)
    """Expected time of each group: that of its slowest target."""
    resources: dict[str, list[str]] = Field(default_factory=dict)
    """Resources that each target occupies alone: targets that share one exclude each other."""
    directions: dict[str, DirectionDocument] | None = None
    """None if qubits are scheduled."""
    seconds: float | None = None
    """Elapsed time of the search for the schedule."""

    @classmethod
    def from_schedule(cls, made: Schedule, *, seconds: float | None = None) -> Self:
        """Return the view model of a schedule."""
        return cls.from_record(
            made,
            limited_by=made.colouring.limited_by,
            strategy=made.colouring.strategy,
            barriers=sorted(made.colouring.barriers),
            group_durations_s=[
                max(made.durations_s[target] for target in group) for group in made.groups if group
            ],
            resources={target: sorted(needed) for target, needed in made.occupied.resources.items()},
            directions=made.directions if made.kind == "coupling" else None,
            seconds=seconds,
        )
