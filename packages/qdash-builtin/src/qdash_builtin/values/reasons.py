"""Checks of the reasons that users give for changes of values."""

from qdash_core.errors import InvalidInputError

LONGEST_REASON = 2000
"""Maximum number of characters of a reason."""


def require_reason(reason: str) -> str:
    """Return a reason without spaces around it; raise InvalidInputError if it is empty or too long."""
    if not reason.strip():
        raise InvalidInputError("a reason is needed: say why the value changes")
    return check_reason(reason)


def check_reason(reason: str) -> str:
    """Return a reason without spaces around it; raise InvalidInputError if it is too long."""
    if len(reason) > LONGEST_REASON:
        raise InvalidInputError(
            f"the reason has {len(reason)} characters; at most {LONGEST_REASON} are allowed"
        )
    return reason.strip()
