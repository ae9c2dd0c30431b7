"""Differences between named values of two results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Difference:
    """Value that differs between two results; None where it is unknown or absent."""

    name: str
    first: object
    second: object


def list_differences(first: Mapping[str, object], second: Mapping[str, object]) -> list[Difference]:
    """Return the differing entries of two mappings, in their order."""
    names = dict.fromkeys([*first, *second])
    found = (Difference(name, first.get(name), second.get(name)) for name in names)
    return [one for one in found if one.first != one.second]
