"""JSON, parsed within limits of size, depth and number of values.

The parser of the standard library limits its own recursion; the limit of depth protects code that recurses over the value
afterwards. NaN and infinities are accepted as Python writes them, unless the caller passes `parse_constant`.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import JSON_FILE
from qdash_core.parsing.text_error import TextError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.parsing.limits import JsonLimits

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_TOKEN = re.compile(r'(?P<key>"[^"\\]*(?:\\.[^"\\]*)*")(?P<colon>\s*:)?|[\[\]{}]', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(
    text: str | bytes,
    *,
    limits: JsonLimits = JSON_FILE,
    parse_constant: Callable[[str], Any] | None = None,
) -> Any:
    """Parse a JSON text or its bytes in UTF-8; refuse a key that an object has twice.

    `parse_constant` is as in `json.loads`.

    Raises
    ------
    InvalidInputError
        If it is not JSON or exceeds a limit; a `RepeatedKeyError` for a key that is there twice.
    """
    if len(text) > limits.size:
        raise InvalidInputError(f"JSON of {len(text)} bytes: the limit is {limits.size} bytes")
    try:
        decoded = (text if isinstance(text, str) else text.decode()).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"not JSON: {error}") from error
    if (excess := find_exceeded_limit(decoded, limits)) is not None:
        raise InvalidInputError(f"JSON {excess}")
    try:
        value = json.loads(decoded, parse_constant=parse_constant, object_pairs_hook=_make_object)
        if _SURROGATE.search(decoded):
            # Half a surrogate pair is no Unicode: it cannot be encoded.
            json.dumps(value, ensure_ascii=False).encode()
    except _NotUniqueError:
        raise _find_repeated_key(decoded) from None
    except json.JSONDecodeError as error:
        raise TextError(f"not JSON: {error}", line=error.lineno, column=error.colno) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"not JSON: {error}") from error
    return value


class RepeatedKeyError(TextError):
    """An object has a key twice."""


class _NotUniqueError(Exception):
    """An object has a key twice, at an unknown place."""


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _NotUniqueError
    return made


def _find_repeated_key(text: str) -> RepeatedKeyError:
    open_objects: list[set[str] | None] = []
    for token in _TOKEN.finditer(text):
        match token[0][0]:
            case "{":
                open_objects.append(set())
            case "[":
                open_objects.append(None)
            case "}" | "]":
                open_objects.pop()
            case _ if token["colon"] and (keys := open_objects[-1]) is not None:
                key = json.loads(token["key"])
                if key in keys:
                    line = text.count("\n", 0, token.start()) + 1
                    column = token.start() - text.rfind("\n", 0, token.start())
                    return RepeatedKeyError(
                        f"{key[:80]!r} is there 2 times in one object, again in line {line}",
                        line=line,
                        column=column,
                    )
                keys.add(key)
    return RepeatedKeyError("a key is there 2 times in one object")


def find_exceeded_limit(text: str, limits: JsonLimits) -> str | None:
    """Return which limit of depth or values a JSON text exceeds, or None if it exceeds neither."""
    if exceeds_depth(text, limits.depth):
        return f"nested more than {limits.depth} levels deep"
    if limits.values is not None and has_more_values(text, limits.values):
        return f"with more than {limits.values} values"
    return None


def exceeds_depth(text: str, depth: int) -> bool:
    """Return whether arrays and objects of a JSON text are nested deeper than `depth`; valid syntax is not required."""
    if text.count("[") + text.count("{") <= depth:
        return False
    steps = map(_STEP.__getitem__, _BRACKET.findall(_STRING.sub("", text)))
    return max(accumulate(steps), default=0) > depth


def has_more_values(text: str, values: int) -> bool:
    """Return whether a JSON text has more scalars, arrays and objects; an empty array or object is counted twice."""
    if _count_values(text) <= values:
        return False
    return _count_values(_STRING.sub("", text)) > values


def _count_values(text: str) -> int:
    return 1 + sum(map(text.count, ",[{"))
