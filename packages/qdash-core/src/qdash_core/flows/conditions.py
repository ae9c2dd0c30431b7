"""Selection of targets by condition, for runs and their previews."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.judgement.conditions import describe_conditions
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.flows import Lacks
    from qdash_core.judgement.conditions import Condition
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.runtime.runtime import Runtime


def make_requirement(
    runtime: Runtime, chip: Chip, conditions: Collection[Condition], names: Collection[str] | None
) -> Lacks:
    """Return the requirement that a target of a chip meets one of these conditions now; parameters and errors are those of `Judge.make_test`."""
    with runtime.store.read() as snapshot:
        meets = runtime.judge.make_test(Repositories(snapshot), chip, conditions, names)

    def find_lack(target: QubitModel | CouplingModel) -> str | None:
        return None if meets(target) else f"not {describe_conditions(conditions)}"

    return find_lack
