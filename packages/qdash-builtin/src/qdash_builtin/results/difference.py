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


@dataclass(frozen=True, slots=True)
class RecordedDifferences:
    """Differences of values that old results may not have on record; empty unless both have."""

    first_recorded: bool
    second_recorded: bool
    differences: list[Difference]


def list_differences(first: Mapping[str, object], second: Mapping[str, object]) -> list[Difference]:
    """Return the differing entries of two mappings, in their order."""
    names = dict.fromkeys([*first, *second])
    found = (Difference(name, first.get(name), second.get(name)) for name in names)
    return [one for one in found if one.first != one.second]


def compare_recorded(
    first: Mapping[str, object] | None, second: Mapping[str, object] | None
) -> RecordedDifferences:
    """Return the differing entries of two mappings, each None if it is not recorded."""
    found = [] if first is None or second is None else list_differences(first, second)
    return RecordedDifferences(first is not None, second is not None, found)
