"""Values with the judgement of a chip."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_core.models.chip_values import ChipValues, KnownValue
from qdash_core.models.judgement import Fitness
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from qdash_core.models.chip_judgement import Judgement


def judge_value(value: KnownValue, judgement: Judgement, target: str, name: str) -> KnownValue:
    """Return a value with its trust, the reasons and the fitness of its target; a value that is not in use stays as it is."""
    judged = judgement.get_values(target).get(name)
    if judged is None or value.verdict is not Verdict.ACCEPTED:
        return value
    is_usable = judgement.targets[target].fitness is not Fitness.UNFIT
    return replace(value, marks=judged.marks, trust=judged.trust, is_usable=is_usable)


def judge_values(values: ChipValues, judgement: Judgement) -> ChipValues:
    """Return the values of a chip with the trust of the accepted ones."""
    return ChipValues(
        *(
            {
                target: {name: judge_value(value, judgement, target, name) for name, value in had.items()}
                for target, had in targets.items()
            }
            for _, targets in values.iter_kinds()
        )
    )
