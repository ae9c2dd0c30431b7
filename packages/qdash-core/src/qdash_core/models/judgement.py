"""Trust of values and fitness of targets."""

from __future__ import annotations

from enum import StrEnum


class Trust(StrEnum):
    """Answer to the question whether the number of a value is right."""

    TRUSTED = "trusted"
    DOUBTFUL = "doubtful"
    """Evidence speaks against it: it failed twice in a row, an input moved, a newer flagged result contradicts it, or it is old."""
    NOT_LOOKED_AT = "not-looked-at"
    """The signal of its target is absent since a later time, so that nothing is known about it since."""
    WITHDRAWN = "withdrawn"
    """A user took it back, and no earlier value is in its place."""
    ABSENT = "absent"
    """It was measured, but no value was ever accepted."""

    @property
    def in_use(self) -> bool:
        """True if there is a value."""
        return self not in (Trust.WITHDRAWN, Trust.ABSENT)

    @property
    def words(self) -> str:
        """Words in a sentence."""
        return self.replace("-", " ")


class Fitness(StrEnum):
    """Answer to the question whether a target may be used."""

    FIT = "fit"
    DEGRADED = "degraded"
    """It may be used, but a value is doubtful or out of specification."""
    UNFIT = "unfit"
    EXCLUDED = "excluded"
    DEAD = "dead"
    UNKNOWN = "unknown"
    """It was never calibrated."""

    @property
    def permits_use(self) -> bool:
        """True unless it must not be used. A target of unknown fitness may be: its values may be imported."""
        return self is not Fitness.UNFIT and not self.set_aside

    @property
    def set_aside(self) -> bool:
        """True if a user has set the target aside."""
        return self in (Fitness.EXCLUDED, Fitness.DEAD)


class FailureKind(StrEnum):
    """Outcome of a measurement that gave no accepted value."""

    NO_SIGNAL = "no-signal"
    """The expected signal is absent: noise explains the data."""
    COULD_NOT_TELL = "could-not-tell"
    """The data do not determine the value: noise, window or model."""
    REJECTED = "rejected"
    """A validator rejected the value."""
    REJECTED_BY_USER = "rejected-by-user"
    """A user rejected the value."""
