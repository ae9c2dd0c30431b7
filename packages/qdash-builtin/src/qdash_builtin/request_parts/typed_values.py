"""Values as users write them: `t1=45.2±0.8`, `t1=45.2(8)`, `t1=45.2us`."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable

_VALUE = re.compile(
    r"(?P<value>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*"
    r"(?:\((?P<digits>[0-9]+)\)|(?:±|\+/?-)\s*(?P<error>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))?\s*"
    r"(?P<unit>%|[^\W\d_][^\s()]*)?"
)
_LONGEST = 200
"""Maximum number of characters of a value."""
_HELP = "write name=value, name=value±error or name=value(error of the last digits), as in t1=45.2±0.8"


def split_settings(texts: Iterable[str]) -> dict[str, str]:
    """Return the written values by name from texts such as `t1=45.2us`; InvalidInputError for another form, or a name that occurs twice."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, written = text.partition("=")
        name = name.strip()
        if not equals or not name:
            raise InvalidInputError(f"{text!r} is not a value: {_HELP}")
        if name in found:
            raise InvalidInputError(f"{name} is given twice")
        found[name] = written
    return found


def parse_values(texts: Iterable[str]) -> dict[str, Parameter]:
    """Return values with their errors and units from texts such as `t1=45.2±0.8us`; an empty unit stands for that of the parameter.

    Raises
    ------
    InvalidInputError
        If a text has another form, a name occurs twice, or an error is not positive.
    """
    return {name: parse_value(name, written) for name, written in split_settings(texts).items()}


def parse_value(name: str, written: str) -> Parameter:
    """Return a value with its error and unit from a text such as `45.2±0.8us`; InvalidInputError if it has another form."""
    plain = written.strip().replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", " ")
    found = _VALUE.fullmatch(plain) if len(plain) <= _LONGEST else None
    if found is None:
        raise InvalidInputError(f"{name}: {written!r} is not a value: write it as 45.2, 45.2±0.8 or 45.2(8)")
    value, error = float(found["value"]), None
    if not math.isfinite(value):
        raise InvalidInputError(f"{name}: {written!r} is not a finite number")
    if found["error"] is not None:
        error = float(found["error"])
    elif found["digits"] is not None:
        mantissa, _, exponent = found["value"].lower().partition("e")
        decimals = len(mantissa.partition(".")[2])
        error = float(f"{found['digits']}e{int(exponent or 0) - decimals}")
    if error is not None and not (math.isfinite(error) and error > 0):
        raise InvalidInputError(f"{name}: the error must be positive: leave it out if it is unknown")
    return Parameter(value, error, found["unit"] or "")
