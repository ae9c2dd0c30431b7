"""Units of quantities: dimensions, and exact conversions between units of one dimension.

Known are the units of `_PREFIXED` with SI prefixes, `%`, and their products and quotients (`MHz/a.u.`, `rad/us`). Empty text, `1` and `a.u.` are
one unit. A unit that is not known equals only itself. Hz counts cycles: it is neither rad/s, which is 2π times smaller, nor 1/s.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter, unit_symbol

_PREFIXES = {
    prefix: Decimal(1).scaleb(power)
    for prefix, power in (
        ("f", -15),
        ("p", -12),
        ("n", -9),
        ("u", -6),
        ("m", -3),
        ("", 0),
        ("k", 3),
        ("M", 6),
        ("G", 9),
        ("T", 12),
    )
}
_ONE = Decimal(1)
_PLAIN: dict[str, tuple[str, Decimal]] = {
    **dict.fromkeys(("", "1", "a.u."), ("", _ONE)),
    "%": ("", Decimal("0.01")),
    "min": ("s", Decimal(60)),
    "h": ("s", Decimal(3600)),
    "d": ("s", Decimal(86400)),
    **dict.fromkeys(("deg", "°"), ("rad", Decimal(math.pi) / 180)),
}
"""Units without prefixes: the unit that they are multiples of, and the factor."""
_FACTOR = re.compile(r"([*/·])")
_PREFIXED = re.compile(r"([fpnumkMGT]?)(s|Hz|rad|V|A|W|K|T|F|H|Ohm|J|eV|Wb|Phi0)")
_OF_TURNS = {(("Hz", 1),), (("rad", 1), ("s", -1))}
"""Dimensions of frequencies in cycles and in radians."""
_SPELLINGS = str.maketrans(
    {
        "\N{MICRO SIGN}": "u",
        "\N{GREEK SMALL LETTER MU}": "u",
        "\N{GREEK CAPITAL LETTER OMEGA}": "Ohm",
        "\N{OHM SIGN}": "Ohm",
        "Φ": "Phi",
    }
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: the powers of the units that it is made of, empty for a number, and its factor to their product."""

    dimension: tuple[tuple[str, int], ...]
    factor: Decimal


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Unit:
    """Return the unit of a text; one that is not known is a dimension of its own."""
    plain = normalize_unit(text)
    powers: dict[str, int] = {}
    factor, sign = _ONE, 1
    for part in _FACTOR.split(plain):
        if _FACTOR.fullmatch(part):
            sign = -1 if part == "/" else 1
            continue
        found = _parse_part(part)
        if found is None or (not part and plain):
            return Unit(((plain, 1),), _ONE)
        base, size = found
        factor *= size**sign
        if base:
            powers[base] = powers.get(base, 0) + sign
    return Unit(tuple(sorted((base, power) for base, power in powers.items() if power)), factor)


def normalize_unit(text: str) -> str:
    """Return a unit as QDash writes it: `us` for `µs`, without spaces."""
    return "".join(text.translate(_SPELLINGS).split())


def _parse_part(text: str) -> tuple[str, Decimal] | None:
    """Return the base and the factor of a unit without products, or None if it is not known."""
    if text in _PLAIN:
        return _PLAIN[text]
    found = _PREFIXED.fullmatch(text)
    return None if found is None else (found[2], _PREFIXES[found[1]])


def are_alike(unit: str, other: str) -> bool:
    """Return whether two units have one dimension, so that values can be converted."""
    return parse_unit(unit).dimension == parse_unit(other).dimension


def are_same(unit: str, other: str) -> bool:
    """Return whether two units are one, in two spellings."""
    return parse_unit(unit) == parse_unit(other)


def convert(value: float, unit: str, to: str) -> float:
    """Return a number in another unit, without a rounding error where the factor is a power of ten.

    Raises
    ------
    InvalidInputError
        If the units have different dimensions; the message names both.
    """
    given, wanted = parse_unit(unit), parse_unit(to)
    if given.dimension != wanted.dimension:
        raise InvalidInputError(f"{describe_unit(unit)} is not convertible to {describe_unit(to)}")
    if given.factor == wanted.factor:
        return value
    number = Decimal(value) if isinstance(value, int) else Decimal(repr(float(value)))
    return float(number * given.factor / wanted.factor)


def require_alike(name: str, unit: str, declared: str) -> None:
    """Raise InvalidInputError, naming both units, unless values in `unit` can be converted to the declared unit."""
    if are_alike(unit, declared):
        return
    wanted = f"is in {describe_unit(declared)}" if parse_unit(declared).dimension else "has no unit"
    given = f"not in {describe_unit(unit)}" if parse_unit(unit).dimension else "and no unit is given"
    dimensions = {parse_unit(unit).dimension, parse_unit(declared).dimension}
    turns = "; 1 Hz is 2π rad/s" if dimensions == _OF_TURNS else ""
    raise InvalidInputError(f"{name} {wanted}, {given}{turns}")


def convert_parameter(name: str, given: Parameter, to: str) -> Parameter:
    """Return an estimate in another unit; raise InvalidInputError with the name and both units if that is not possible."""
    require_alike(name, given.unit, to)
    error = None if given.error is None else convert(given.error, given.unit, to)
    return replace(given, value=convert(given.value, given.unit, to), error=error, unit=to)


def complete_unit(unit: str, declared: str) -> str:
    """Return the unit of a stored value: its own, else the declared one, or none if that is a part of a number, such as `%`."""
    known = parse_unit(declared)
    return declared if not unit and (known.dimension or known.factor == _ONE) else unit


def convert_alike(given: Parameter, to: str) -> Parameter:
    """Return an estimate in another unit of its dimension; in its own if there is none. `complete_unit` completes that of the estimate."""
    unit = complete_unit(given.unit, to)
    if are_same(unit, to):
        return given if given.unit == to else replace(given, unit=to)
    return convert_parameter("", given, to) if are_alike(unit, to) else given


def describe_unit(unit: str) -> str:
    """Return a unit for a message: `µs`, or `no unit`."""
    return unit_symbol(normalize_unit(unit)) or "no unit"
