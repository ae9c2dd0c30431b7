"""Conflicts of targets that need the same resource exclusively."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.models.execution import StageModel


@dataclass(frozen=True)
class Conflicts:
    """Resources of each target. Targets that share a resource are never measured simultaneously.

    A rule about a pair (static ZZ between neighbours, a frequency collision) is a resource of this pair. `resources`
    has the resources that each target occupies, as text: `"mux 3"`, `"qubit 7"`, `"module U10"`, `"ZZ 0-1"`. The
    order of targets is that of the plan. `max_parallel` is the largest number of targets measured at once, or None
    for no limit.
    """

    resources: Mapping[str, frozenset[str]]
    max_parallel: int | None = None

    def __post_init__(self) -> None:
        if self.max_parallel is not None and self.max_parallel < 1:
            raise InvalidInputError(
                f"max_parallel is {self.max_parallel}: at least one target is measured at a time"
            )

    @classmethod
    def from_stage(cls, stage: StageModel) -> Self:
        """Return the conflicts of a recorded stage."""
        needed = {target: frozenset(names) for target, names in stage.resources.items()}
        return cls(needed, stage.max_parallel)

    def only(self, targets: Iterable[str]) -> Conflicts:
        """Return the conflicts among some of the targets, in their order."""
        return Conflicts({target: self.resources[target] for target in targets}, self.max_parallel)

    def with_limit(self, max_parallel: int | None) -> Conflicts:
        """Return the same conflicts with a lower or equal maximum number of simultaneous targets."""
        if max_parallel is None or (self.max_parallel is not None and self.max_parallel <= max_parallel):
            return self
        return replace(self, max_parallel=max_parallel)

    def with_resources(self, more: Mapping[str, frozenset[str]]) -> Conflicts:
        """Return the same conflicts with further resources of targets; those of other targets are ignored."""
        if not more:
            return self
        extended = {
            target: needed | more.get(target, frozenset()) for target, needed in self.resources.items()
        }
        return replace(self, resources=extended)

    @property
    def targets(self) -> tuple[str, ...]:
        """Every target, in order."""
        return tuple(self.resources)

    @cached_property
    def users(self) -> Mapping[str, tuple[str, ...]]:
        """Targets that need each resource; no two of them can be measured together."""
        found: dict[str, list[str]] = {}
        for target, needed in self.resources.items():
            for resource in sorted(needed):
                found.setdefault(resource, []).append(target)
        return {resource: tuple(targets) for resource, targets in found.items()}

    @cached_property
    def neighbours(self) -> Mapping[str, frozenset[str]]:
        """Targets that cannot be measured together with each target."""
        return {
            target: frozenset(
                other for resource in needed for other in self.users[resource] if other != target
            )
            for target, needed in self.resources.items()
        }
