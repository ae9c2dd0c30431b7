"""Recipe: programs with a known outcome, which reveal one mistake of a laboratory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.recipes.recipe_finding import Finding, Judgement, NotClear, NotPossible, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Test of one convention of a laboratory that plays pulses. Calling it touches hardware.

    A frequency within 1 MHz of the qubit and pulses within 20 % of their angle suffice, in any IQ plane.

    Attributes
    ----------
    couplings
        Whether its targets are couplings rather than qubits.
    safe
        Whether it plays only calibrated pulses of each qubit within 25 MHz of its frequency.
    after
        Name of the recipe that it depends on, which must have neither failed nor been skipped.
    """

    name: str
    question: str
    judge: Callable[[PulseLaboratory, str, Shots], Judgement]
    couplings: bool = False
    safe: bool = True
    after: str | None = None

    def __call__(self, laboratory: PulseLaboratory, target: str, shots: Shots) -> Finding:
        """Play the programs and return the finding. Touches hardware.

        Raises any exception of the laboratory, except those of `play`, which make the recipe "not clear".
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
