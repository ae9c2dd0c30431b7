"""Faults that last from one laboratory time until another, as texts: falls of T1 and warm-ups."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import parse_qubit_id
from qdash_fake.option_numbers import parse_number

_DEEPEST_FALL = 1e3
_COLDEST_MK, _WARMEST_MK = 10.0, 300.0
_FALL = re.compile(r"(?P<qid>[^:@]+):(?P<factor>[^:@]+)@(?P<begin>[^:@-]+)(?:-(?P<end>[^:@-]+))?")
_WARM_UP = re.compile(r"(?P<temperature>[^:@]+)@(?P<begin>[^:@-]+)(?:-(?P<end>[^:@-]+))?")


class FallOfT1(NamedTuple):
    """Fall of the T1 of a qubit by a factor between two hours of laboratory time, or from one hour on."""

    qid: str
    factor: float
    from_h: float
    until_h: float = math.inf

    @classmethod
    def parse(cls, text: str) -> FallOfT1:
        """Parse `QID:FACTOR@HOUR` or `QID:FACTOR@HOUR-HOUR`; raise ValueError if the text is something else."""
        found = _FALL.fullmatch(text.strip())
        if found is None:
            raise ValueError(
                f"{text.strip()!r} is not a fall of T1: write QID:FACTOR@HOUR or QID:FACTOR@HOUR-HOUR, as in 0:4@12-13"
            )
        try:
            qid = parse_qubit_id(found["qid"])
        except InvalidInputError as error:
            raise ValueError(str(error)) from error
        factor = parse_number(found["factor"], "the factor of a fall of T1", _DEEPEST_FALL)
        if factor <= 1:
            raise ValueError("the factor of a fall of T1 must be above 1")
        return cls(qid, factor, *_parse_hours(found, "a fall of T1"))

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return f"{self.qid}:{self.factor:.12g}{_format_hours(self.from_h, self.until_h)}"


class WarmUpOfChip(NamedTuple):
    """Temperature of the chip between two hours of laboratory time, or from one hour on."""

    temperature_mk: float
    from_h: float
    until_h: float = math.inf

    @classmethod
    def parse(cls, text: str) -> WarmUpOfChip:
        """Parse `MILLIKELVIN@HOUR` or `MILLIKELVIN@HOUR-HOUR`; raise ValueError if the text is something else."""
        found = _WARM_UP.fullmatch(text.strip())
        if found is None:
            raise ValueError(
                f"{text.strip()!r} is not a warm-up: write MILLIKELVIN@HOUR or MILLIKELVIN@HOUR-HOUR, as in 140@12-18"
            )
        temperature = parse_number(found["temperature"], "the temperature of a warm-up in mK", _WARMEST_MK)
        if temperature < _COLDEST_MK:
            raise ValueError(f"the temperature of a warm-up must be at least {_COLDEST_MK:g} mK")
        return cls(temperature, *_parse_hours(found, "a warm-up"))

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return f"{self.temperature_mk:.12g}{_format_hours(self.from_h, self.until_h)}"


def _parse_hours(found: re.Match[str], what: str) -> tuple[float, float]:
    """Return begin and end of a fault; the end is infinite if it is not given."""
    from_h = parse_number(found["begin"], f"the hour of {what}")
    if found["end"] is None:
        return from_h, math.inf
    until_h = parse_number(found["end"], f"the end of {what}")
    if until_h <= from_h:
        raise ValueError(f"{what} must end after it begins")
    return from_h, until_h


def _format_hours(from_h: float, until_h: float) -> str:
    return f"@{from_h:.12g}" + ("" if math.isinf(until_h) else f"-{until_h:.12g}")
