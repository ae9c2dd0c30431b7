"""Features of one result, each with the other records that it is based on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.references import Reference


@dataclass(frozen=True, slots=True)
class Features:
    """Features by name.

    Parameters
    ----------
    values : dict of str to float
        The numbers; unknown ones are absent.
    sources : dict of str to tuple of Reference
        Other records on which they stand, for those that have any.
    partners : dict of str to str
        Other targets that they are about, for those that are about any.
    """

    values: dict[str, float] = field(default_factory=dict)
    sources: dict[str, tuple[Reference, ...]] = field(default_factory=dict)
    partners: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Self:
        """Return a copy that can be extended."""
        return type(self)(dict(self.values), dict(self.sources), dict(self.partners))

    def put(
        self, name: str, value: float | None, *, sources: Iterable[Reference] = (), partner: str = ""
    ) -> None:
        """Add a feature; an unknown or infinite number is left out."""
        if value is None or not math.isfinite(value):
            return
        self.values[name] = float(value)
        if stands_on := tuple(sources):
            self.sources[name] = stands_on
        if partner:
            self.partners[name] = partner
