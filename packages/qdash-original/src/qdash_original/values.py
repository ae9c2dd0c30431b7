"""Conversion of single values of the original system; functions raise InvalidInputError for an invalid one."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import parse_coupling_id, parse_qubit_id

_SHOWN = 60

_CLOCK = re.compile(r"(?:(\d+) days?, )?(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_ISO_DURATION = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_DATE = re.compile(r"\d{8}")
_OBJECT_ID = re.compile(r"[0-9a-f]{24}")

_PREFIXES = {"G": 9, "M": 6, "k": 3, "": 0, "m": -3, "u": -6, "n": -9, "p": -12}
_POWERS = {f"{prefix}{base}": (base, power) for base in ("Hz", "s") for prefix, power in _PREFIXES.items()}
_POWERS |= {"": ("", 0), "a.u.": ("", 0), "%": ("", -2)}


def shorten(value: object) -> str:
    """Return a value for a message, shortened if it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def text(value: object) -> str:
    """Return text; an integer, as in some ids, is converted to its digits."""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    raise InvalidInputError(f"{shorten(value)} is not text")


def optional_text(value: object) -> str | None:
    """Return text, or None if it is empty."""
    return text(value) or None


def text_list(value: object) -> list[str]:
    """Return a list of text; a single text is a list of one."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, list | tuple):
        return [text(member) for member in value]
    raise InvalidInputError(f"{shorten(value)} is not a list of text")


def boolean(value: object) -> bool:
    """Return a boolean."""
    if isinstance(value, bool):
        return value
    raise InvalidInputError(f"{shorten(value)} is not true or false")


def number(value: object) -> float | int:
    """Return a finite number."""
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInputError(f"{shorten(value)} is not a number")
    if not math.isfinite(value):
        raise InvalidInputError(f"{value} is not a finite number")
    return value


def integer(value: object) -> int:
    """Return an integer."""
    converted = number(value)
    if converted != int(converted):
        raise InvalidInputError(f"{shorten(value)} is not an integer")
    return int(converted)


def timestamp(value: object) -> datetime | None:
    """Return a time in UTC, as without a time zone in the original, or None for an empty text."""
    if value == "":
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidInputError(f"{shorten(value)} is not a time in ISO 8601") from None
    if not isinstance(value, datetime):
        raise InvalidInputError(f"{shorten(value)} is not a time")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def seconds(value: object) -> float | None:
    """Return a duration in seconds, given as number, `1 day, 2:03:04.5` or `PT3M4.5S`, or None for an empty text."""
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
        raise InvalidInputError(f"{shorten(value)} is not a duration") from None


def date(value: object) -> str:
    """Return a date as YYYYMMDD."""
    written = text(value)
    if not _DATE.fullmatch(written):
        raise InvalidInputError(f"{shorten(value)} is not a date such as 20240131")
    return written


def qubit(value: object) -> str:
    """Return the id of a qubit."""
    return parse_qubit_id(text(value))


def coupling(value: object) -> str:
    """Return the id of a coupling; the order of its qubits in the original does not matter."""
    return parse_coupling_id(text(value))


def read_control(written: str) -> str | None:
    """Return the control qubit of a target as the original writes it: the first one of a coupling, None for a qubit."""
    first, dash, _ = written.partition("-")
    return qubit(first) if dash else None


def target(value: object) -> str:
    """Return the id of a qubit or coupling; empty for an empty text."""
    written = text(value)
    if not written:
        return ""
    return coupling(written) if "-" in written else qubit(written)


def json_value(value: object) -> Any:
    """Return a JSON value, with decimals as numbers, keys as text and times as datetimes."""
    if isinstance(value, dict):
        return {str(name): json_value(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(part) for part in value]
    if value is None or isinstance(value, str | bool | datetime):
        return timestamp(value) if isinstance(value, datetime) else value
    return number(value)


def creation_time(document_id: str) -> datetime | None:
    """Return the time of creation from an ObjectId, to the second, or None for other ids."""
    if not _OBJECT_ID.fullmatch(document_id):
        return None
    return datetime.fromtimestamp(int(document_id[:8], 16), UTC)


def unit(value: object) -> str:
    """Return a unit with the micro sign as `u`."""
    return text(value).replace("µ", "u").replace("μ", "u")  # both Unicode micro signs


def convert_unit(target_unit: str | None, name: str, quantity: float, written: str) -> tuple[float, str]:
    """Return a value and its unit, converted to the required unit; a value without a unit is unchanged.

    It is None to keep the unit of the original; `name` is for the message of an error.
    """
    if target_unit is None or written in ("", target_unit):
        return quantity, written
    base, power = _POWERS.get(written, (written, 0))
    wanted_base, wanted_power = _POWERS.get(target_unit, (target_unit, 0))
    if base != wanted_base:
        raise InvalidInputError(
            f"{name} in {written} cannot be converted to {target_unit or 'a number without unit'}"
        )
    shift = power - wanted_power
    return quantity * 10**shift if shift >= 0 else quantity / 10**-shift, target_unit
