"""TOML, parsed within limits."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import exceeds_depth
from qdash_core.parsing.limits import TOML
from qdash_core.parsing.text_error import TextError

_DEEP_KEY = re.compile(
    rf"""(?:(?:(?<![\w-])[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{TOML.depth}}}"""
)
"""Key with too many parts: the parser of the standard library takes a time that grows with their square."""
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)$")


def parse_toml(text: str) -> dict[str, Any]:
    """Parse a TOML text.

    Raises
    ------
    InvalidInputError
        If it is not TOML or exceeds a limit; a `TextError` has the position.
    """
    if (size := len(text.encode(errors="surrogatepass"))) > TOML.size:
        raise InvalidInputError(f"TOML of {size} bytes: the limit is {TOML.size} bytes")
    if exceeds_depth(text, TOML.depth) or _DEEP_KEY.search(text):
        raise InvalidInputError(f"TOML nested more than {TOML.depth} levels deep")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise InvalidInputError("TOML is nested too deeply") from error
    except ValueError as error:
        place = _PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (None, None)
        raise TextError(f"not TOML: {error}", line=line, column=column) from error
