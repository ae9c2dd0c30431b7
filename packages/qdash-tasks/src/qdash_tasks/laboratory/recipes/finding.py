"""What a recipe found: values beside what a right laboratory gives, and a sentence that names the mistake."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a recipe ended."""

    MET = "met"
    NOT_MET = "not met"
    NOT_CLEAR = "not clear"
    NOT_POSSIBLE = "not possible"


@dataclass(frozen=True, slots=True)
class Value:
    """One number that was found.

    Attributes
    ----------
    error
        Standard error, as it follows from the shots.
    expected
        What a right laboratory gives; None: it may be anything.
    tolerance
        By how much more than noise a right laboratory may be off, as settings in use are known roughly; 0: not said.
    """

    name: str
    value: float
    error: float
    expected: float | None = None
    unit: str = ""
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one recipe found on one target.

    Attributes
    ----------
    reading
        What it means, and what to set where it is not met.
    """

    recipe: str
    target: str
    outcome: Outcome
    values: tuple[Value, ...]
    reading: str

    @property
    def met(self) -> bool:
        """Whether the laboratory does what the recipe expects."""
        return self.outcome is Outcome.MET

    @property
    def passed(self) -> bool:
        """Whether nothing is to be done about it: it is met, or not possible on such a laboratory."""
        return self.outcome in (Outcome.MET, Outcome.NOT_POSSIBLE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the numbers of a recipe mean."""

    outcome: Outcome
    values: tuple[Value, ...]
    reading: str


class NotPossible(Exception):  # noqa: N818  an outcome, and no error of anybody
    """The limits of a laboratory do not allow the programs of a recipe; the message says why."""


class NotClear(Exception):  # noqa: N818  an outcome, and no error of anybody
    """The signal is too weak to say anything; the message says what is missing."""
