"""Requirements of a distribution, direct and indirect, from the metadata of what is installed here."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from importlib.metadata import Distribution


def find_requirements(name: str, *extras: str) -> dict[str, Distribution]:
    """Return a distribution, and all that it requires with some of its extras, by name.

    Raises
    ------
    ValueError
        If one of them is not installed.
    """
    wanted = [(name, frozenset(extras))]
    reached = set(wanted)
    for one, with_extras in wanted:
        new = _list_requirements(one, with_extras) - reached
        reached |= new
        wanted += sorted(new, key=str)
    return {one: _find(one) for one, _ in reached}


@cache
def _list_requirements(name: str, extras: frozenset[str]) -> frozenset[tuple[str, frozenset[str]]]:
    requirements = map(Requirement, _find(name).requires or ())
    return frozenset(
        (canonicalize_name(one.name), frozenset(one.extras))
        for one in requirements
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras or {""})
    )


@cache
def _find(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise ValueError(f"{name} is not installed: run uv sync --group dev") from None
