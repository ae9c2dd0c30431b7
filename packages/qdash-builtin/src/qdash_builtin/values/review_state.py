"""State of a flagged result."""

from enum import StrEnum


class ReviewState(StrEnum):
    """State of a flagged result."""

    WAITING = "waiting"
    """It awaits a decision."""
    SUPERSEDED = "superseded"
    """A later result replaced it: all its values have a later value in use, or its task was completed again."""
    EXCLUDED = "excluded"
    """A user has excluded its target, or a qubit of its coupling, or marked it as dead."""
    DECIDED = "decided"
    """A user has decided on all its values."""
