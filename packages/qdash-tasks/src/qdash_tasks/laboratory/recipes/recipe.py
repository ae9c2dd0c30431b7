"""A recipe: programs with a known outcome, which tell a right laboratory from one with a certain mistake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.recipes.finding import Finding, Judgement, NotClear, NotPossible, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One thing to know about a laboratory that plays pulses. Calling it touches hardware.

    A frequency within 1 MHz of the qubit and pulses within 20 % of their angle suffice, and any IQ plane.

    Attributes
    ----------
    name
        As commands take it.
    question
        What it answers.
    judge
        Plays the programs on a target and says what they mean.
    couplings
        Whether its targets are couplings, and not qubits.
    safe
        Whether it plays nothing on a connected chip but calibrated pulses of each qubit within 25 MHz of its frequency.
    after
        Recipe without which its numbers mean nothing: it must not have failed, nor gone unasked because of another one.
    """

    name: str
    question: str
    judge: Callable[[PulseLaboratory, str, Shots], Judgement]
    couplings: bool = False
    safe: bool = True
    after: str | None = None

    def __call__(self, laboratory: PulseLaboratory, target: str, shots: Shots) -> Finding:
        """Play the programs and return what they mean. Touches hardware.

        Raises
        ------
        Exception
            What the laboratory raises outside of `play`; what that raises makes the recipe not clear.
        """
        try:
            found = self.judge(laboratory, target, shots)
        except NotPossible as reason:
            found = Judgement(Outcome.NOT_POSSIBLE, (), str(reason))
        except (NotClear, InvalidInputError) as reason:
            found = Judgement(Outcome.NOT_CLEAR, (), str(reason))
        return Finding(
            recipe=self.name,
            target=target,
            outcome=found.outcome,
            values=found.values,
            reading=found.reading,
        )
