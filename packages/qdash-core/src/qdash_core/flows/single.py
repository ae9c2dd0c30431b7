"""One task on one target, run by itself: the target is the one that is named, whatever is said about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.flows.targets import Targets

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip


@dataclass(frozen=True, slots=True)
class OneTarget(Targets):
    """A target of any kind, set aside by a person or not; empty: the whole chip."""

    target: str

    def named(self, chip: Chip) -> list[str]:  # noqa: ARG002  the task checks it
        return [self.target]

    def resolve(self, chip: Chip) -> list[str]:
        return self.named(chip)

    def left_out(self, chip: Chip) -> dict[str, str]:  # noqa: ARG002
        return {}
