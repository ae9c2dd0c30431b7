"""View models of the measurement schedule of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict, Field

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_core.scheduling.schedule import Schedule

_DIRECTION: dict[str, Any] = {
    "control": "0",
    "target": "1",
    "reason": "predicted error 0.0087, the other way 0.027",
    "predicted_error": 0.0087,
}


class DirectionDocument(Document):
    """Control and target qubit of a coupling, with the reason for the choice."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DIRECTION]})

    control: str
    target: str
    reason: str
    predicted_error: float | None = None
    """None if a frequency is unknown."""


class ScheduleDocument(Document):
    """Targets in groups, with a lower bound on their number; laboratory times in seconds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "groups": [["0-1", "3-5"], ["1-2"]],
                    "lower_bound": 2,
                    "limited_by": "qubit 1 is needed by 2 targets, one at a time",
                    "proved_optimal": True,
                    "strategy": "best",
                    "barriers": [],
                    "makespan_s": 229.0,
                    "makespan_lower_bound_s": 229.0,
                    "makespan_by_groups_s": 249.8,
                    "group_durations_s": [124.9, 124.9],
                    "resources": {"0-1": ["qubit 0", "qubit 1"], "1-2": ["qubit 1", "qubit 2"]},
                    "directions": {"0-1": _DIRECTION},
                    "seconds": 0.003,
                }
            ]
        }
    )

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
