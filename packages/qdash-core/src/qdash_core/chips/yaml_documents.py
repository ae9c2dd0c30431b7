"""YAML as laboratories write it by hand: a key that is there twice is refused, where YAML itself keeps the last one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import yaml

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from yaml import SafeLoader as _Loader
else:
    # libyaml's where PyYAML is built with it: it reads six times as fast.
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> object:
    """Return what a YAML text holds.

    Raises
    ------
    InvalidInputError
        If it is not YAML, or a mapping has a key twice; one line that says where.
    """
    try:
        return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506  a safe loader
    # The last three are what PyYAML makes of a tag that its value does not fit, such as `!!timestamp x`.
    except (yaml.YAMLError, RecursionError, ValueError, AttributeError, TypeError, LookupError) as error:
        raise InvalidInputError(f"not YAML: {' '.join(str(error).split())}") from error


class _UniqueKeys(_Loader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        written = Counter(key.value for key, _ in pairs if isinstance(key, yaml.ScalarNode))
        for key, times in written.items():
            if times > 1:
                line = node.start_mark.line + 1
                raise yaml.YAMLError(
                    f"{key!r} is there {times} times in the mapping that begins in line {line}"
                )
        return super().construct_mapping(node, deep)
