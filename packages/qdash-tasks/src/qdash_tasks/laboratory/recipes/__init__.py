"""Recipes that test whether a laboratory follows the conventions of `program`, and name the setting to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks.laboratory.recipes.answer_order import ANSWER_ORDER
from qdash_tasks.laboratory.recipes.clock import CLOCK
from qdash_tasks.laboratory.recipes.cross_resonance import CROSS_RESONANCE
from qdash_tasks.laboratory.recipes.envelope_sign import ENVELOPE_SIGN
from qdash_tasks.laboratory.recipes.generators import GENERATORS
from qdash_tasks.laboratory.recipes.handedness import HANDEDNESS
from qdash_tasks.laboratory.recipes.long_delays import LONG_DELAYS
from qdash_tasks.laboratory.recipes.phase_sign import PHASE_SIGN
from qdash_tasks.laboratory.recipes.plane import PLANE
from qdash_tasks.laboratory.recipes.readout_reference import READOUT_REFERENCE
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Finding, Outcome, Value
from qdash_tasks.laboratory.recipes.shot_interval import SHOT_INTERVAL
from qdash_tasks.laboratory.recipes.shot_noise import SHOT_NOISE
from qdash_tasks.laboratory.recipes.virtual_z import VIRTUAL_Z

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots

__all__ = ["RECIPES", "Finding", "Outcome", "Recipe", "Value", "run_recipes"]

RECIPES: tuple[Recipe, ...] = (
    ANSWER_ORDER,
    PLANE,
    SHOT_NOISE,
    SHOT_INTERVAL,
    PHASE_SIGN,
    HANDEDNESS,
    ENVELOPE_SIGN,
    VIRTUAL_Z,
    CLOCK,
    LONG_DELAYS,
    GENERATORS,
    READOUT_REFERENCE,
    CROSS_RESONANCE,
)
"""Recipes in the order in which they run: first those that the others depend on."""


def run_recipes(
    laboratory: PulseLaboratory, target: str, shots: Shots, recipes: Sequence[Recipe] = RECIPES
) -> Iterator[Finding]:
    """Run all recipes for a target and yield their findings one by one. Touches hardware.

    A recipe is skipped if a recipe that it depends on is not met or was skipped. A target that cannot be
    measured is "not clear", and so is a recipe whose programs make `play` raise.
    """
    without: set[str] = set()
    for recipe in recipes:
        if recipe.couplings != (target in laboratory.couplings):
            continue
        if recipe.after in without:
            without.add(recipe.name)
            reading = f"skipped: it has no meaning until {recipe.after} is met"
            yield Finding(
                recipe=recipe.name, target=target, outcome=Outcome.NOT_CLEAR, values=(), reading=reading
            )
            continue
        found = recipe(laboratory, target, shots)
        if found.outcome is Outcome.NOT_MET:
            without.add(recipe.name)
        yield found
