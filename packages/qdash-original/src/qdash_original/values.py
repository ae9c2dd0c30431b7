"""Conversion of single values of the original system. `InvalidInputError` says what cannot be converted, and why."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import coupling_id, qubit_id

_SHOWN = 60

_CLOCK = re.compile(r"(?:(\d+) days?, )?(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_ISO_DURATION = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_DATE = re.compile(r"\d{8}")
_OBJECT_ID = re.compile(r"[0-9a-f]{24}")

_PREFIXES = {"G": 9, "M": 6, "k": 3, "": 0, "m": -3, "u": -6, "n": -9, "p": -12}
_POWERS = {f"{prefix}{base}": (base, power) for base in ("Hz", "s") for prefix, power in _PREFIXES.items()}
_POWERS |= {"": ("", 0), "a.u.": ("", 0), "%": ("", -2)}


def shown(value: object) -> str:
    """Return a value as a message shows it: not all of a large one."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def text(value: object) -> str:
    """Return text; a whole number, as some ids were written, becomes its digits."""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    raise InvalidInputError(f"{shown(value)} is not text")


def texts(value: object) -> list[str]:
    """Return a list of text; a single text is a list of one."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, list | tuple):
        return [text(member) for member in value]
    raise InvalidInputError(f"{shown(value)} is not a list of text")


def flag(value: object) -> bool:
    """Return true or false."""
    if isinstance(value, bool):
        return value
    raise InvalidInputError(f"{shown(value)} is neither true nor false")


def number(value: object) -> float | int:
    """Return a finite number."""
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInputError(f"{shown(value)} is not a number")
    if not math.isfinite(value):
        raise InvalidInputError(f"{value} is not a finite number")
    return value


def whole(value: object) -> int:
    """Return a whole number."""
    converted = number(value)
    if converted != int(converted):
        raise InvalidInputError(f"{shown(value)} is not a whole number")
    return int(converted)


def moment(value: object) -> datetime | None:
    """Return a time in UTC; an empty text is none. The original kept UTC: a time that names no zone is in UTC."""
    if value == "":
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidInputError(f"{shown(value)} is not a time in ISO 8601") from None
    if not isinstance(value, datetime):
        raise InvalidInputError(f"{shown(value)} is not a time")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def seconds(value: object) -> float | None:
    """Return a duration in seconds: a number, `1 day, 2:03:04.5`, `PT3M4.5S`; an empty text is none."""
    if value == "":
        return None
    if not isinstance(value, str):
        return float(number(value))
    if (
        found := _CLOCK.fullmatch(value)
        or (value not in ("P", "PT") and _ISO_DURATION.fullmatch(value))
        or None
    ):
        days, hours, minutes, rest = (float(part or 0) for part in found.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=rest).total_seconds()
    try:
        return float(number(float(value)))
    except ValueError:
        raise InvalidInputError(f"{shown(value)} is not a duration") from None


def date(value: object) -> str:
    """Return a date as YYYYMMDD."""
    written = text(value)
    if not _DATE.fullmatch(written):
        raise InvalidInputError(f"{shown(value)} is not a date such as 20240131")
    return written


def qubit(value: object) -> str:
    """Return the id of a qubit."""
    return qubit_id(text(value))


def coupling(value: object) -> str:
    """Return the id of a coupling, whichever way round it was written."""
    return coupling_id(text(value))


def target(value: object) -> str:
    """Return the id of a qubit or coupling; empty for what has no target."""
    written = text(value)
    if not written:
        return ""
    return coupling(written) if "-" in written else qubit(written)


def plain(value: object) -> Any:
    """Return any JSON value; decimals become numbers, keys text."""
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if value is None or isinstance(value, str | bool | datetime):
        return moment(value) if isinstance(value, datetime) else value
    return number(value)


def made_at(document_id: str) -> datetime | None:
    """Return when a document was made, which an ObjectId tells to the second; None for other ids."""
    if not _OBJECT_ID.fullmatch(document_id):
        return None
    return datetime.fromtimestamp(int(document_id[:8], 16), UTC)


def unit(value: object) -> str:
    """Return a unit with the micro sign as `u`."""
    return text(value).replace("µ", "u").replace("μ", "u")  # both Unicode micro signs


def in_unit(wanted: str | None, name: str, quantity: float, written: str) -> tuple[float, str]:
    """Return a value of a parameter in the unit that is wanted of it; None: in the one that is written.

    What is written without a unit stays as it is.
    """
    if wanted is None or written in ("", wanted):
        return quantity, written
    base, power = _POWERS.get(written, (written, 0))
    wanted_base, wanted_power = _POWERS.get(wanted, (wanted, 0))
    if base != wanted_base:
        raise InvalidInputError(
            f"{name} in {written} cannot be converted to {wanted or 'a number without unit'}"
        )
    shift = power - wanted_power
    return quantity * 10**shift if shift >= 0 else quantity / 10**-shift, wanted
