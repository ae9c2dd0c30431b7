"""Edits of hand-written YAML: comments, order, quotes and line breaks stay.

The library reads with PyYAML, which knows YAML 1.1; what is written here means the same to that.
"""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.representer import RoundTripRepresenter

from qdash_core.parsing.yaml_parser import parse_yaml

_WIDE = 4096
"""Lines are never wrapped: a laboratory compares files line by line."""


class _Representer(RoundTripRepresenter):
    def of_float(self, value: float) -> Any:
        mantissa, exponent, power = repr(value).partition("e")
        if not exponent or "." in mantissa:
            return self.represent_float(value)
        # 1e-05 is text in YAML 1.1, where a number with an exponent needs a point.
        return self.represent_scalar("tag:yaml.org,2002:float", f"{mantissa}.0e{power}")


_Representer.add_representer(float, _Representer.of_float)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Representer = _Representer
    yaml.preserve_quotes = True
    yaml.width = _WIDE
    return yaml


def loaded(text: str) -> Any:
    """Return what a text holds, to be changed in place and given to `dumped`; None: nothing.

    Raises
    ------
    InvalidInputError
        If it is not YAML, or beyond a limit of `parse_yaml`: this parser, which keeps comments, has none of its own.
    """
    parse_yaml(text)
    return _yaml().load(text)


def dumped(content: Any) -> str:
    """Return the text of what `loaded` returned, or of new contents."""
    stream = io.StringIO()
    _yaml().dump(content, stream)
    return stream.getvalue()
