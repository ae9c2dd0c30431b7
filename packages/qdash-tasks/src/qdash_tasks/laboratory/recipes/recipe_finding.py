"""Finding of a recipe: values beside their expected values, and the fault in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Outcome of a recipe."""

    MET = "met"
    NOT_MET = "not met"
    NOT_CLEAR = "not clear"
    NOT_POSSIBLE = "not possible"


@dataclass(frozen=True, slots=True)
class Value:
    """Number measured by a recipe.

    Attributes
    ----------
    error
        Standard error from the shots.
    expected
        Value of a correct laboratory, or None if any value is correct.
    tolerance
        Allowed deviation of a correct laboratory beyond noise, as settings in use are approximate; 0 if none.
    """

    name: str
    value: float
    error: float
    expected: float | None = None
    unit: str = ""
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Finding of one recipe on one target; `reading` is its meaning, and the setting to change if it is not met."""

    recipe: str
    target: str
    outcome: Outcome
    values: tuple[Value, ...]
    reading: str

    @property
    def met(self) -> bool:
        """True if the laboratory behaves as the recipe expects."""
        return self.outcome is Outcome.MET

    @property
    def passed(self) -> bool:
        """True if nothing needs to be done: the recipe is met, or not possible on this laboratory."""
        return self.outcome in (Outcome.MET, Outcome.NOT_POSSIBLE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Judgement on the measured values of a recipe."""

    outcome: Outcome
    values: tuple[Value, ...]
    reading: str


class NotPossible(Exception):  # noqa: N818  an outcome, and no error of anybody
    """Exception for a recipe whose programs exceed the limits of a laboratory; the message gives the reason."""


class NotClear(Exception):  # noqa: N818  an outcome, and no error of anybody
    """Exception for a signal too weak for a judgement; the message names the missing signal."""
