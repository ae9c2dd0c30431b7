"""Versions of objects, from the times of their last changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qdash_core.errors import InvalidInputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def make_version(changed_at: datetime) -> str:
    """Return the version of an object from the time of its last change, to 1 µs."""
    return _base36((changed_at - _EPOCH) // _MICROSECOND)


def parse_version(text: str | None) -> datetime | None:
    """Return the time of the last change of a version, or of an ETag that begins with one; None for any version.

    Raises
    ------
    InvalidInputError
        If the text is not such a version.
    """
    if text is None or text == "*":
        return None
    try:
        return _EPOCH + int(text.strip('"').partition("-")[0], 36) * _MICROSECOND
    except (ValueError, OverflowError):
        raise InvalidInputError(
            "If-Match is not an ETag of this object: read the object again for its ETag"
        ) from None


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, last = divmod(number, 36)
        text = digits[last] + text
    return text or "0"
