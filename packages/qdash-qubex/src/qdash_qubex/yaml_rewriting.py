"""Editing of hand-written YAML that preserves comments, order, quotes and line breaks.

The library reads YAML 1.1 with PyYAML; the text written here has the same meaning there.
"""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.representer import RoundTripRepresenter

from qdash_core.parsing.yaml_parser import parse_yaml

_WIDE = 4096
"""Line width that avoids wrapping, because laboratories compare files line by line."""


class _Representer(RoundTripRepresenter):
    def of_float(self, value: float) -> Any:
        mantissa, exponent, power = repr(value).partition("e")
        if not exponent or "." in mantissa:
            return self.represent_float(value)
        # 1e-05 is text in YAML 1.1, where a number with an exponent needs a point.
        return self.represent_scalar("tag:yaml.org,2002:float", f"{mantissa}.0e{power}")


_Representer.add_representer(float, _Representer.of_float)


def _make_yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Representer = _Representer
    yaml.preserve_quotes = True
    yaml.width = _WIDE
    return yaml


def load(text: str) -> Any:
    """Return the editable contents of a text for `dump`, or None for an empty text.

    Raises InvalidInputError if it is not YAML, or exceeds a limit of `parse_yaml`: this parser, which keeps comments,
    has no limits.
    """
    parse_yaml(text)
    return _make_yaml().load(text)


def dump(content: Any) -> str:
    """Return the text of contents from `load`, or of new contents."""
    stream = io.StringIO()
    _make_yaml().dump(content, stream)
    return stream.getvalue()
