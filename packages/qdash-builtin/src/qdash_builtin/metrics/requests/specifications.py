"""Request body for the specification of a chip."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_core.models.base import StrictNumber
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body

_Name = Annotated[str, Field(min_length=1, max_length=100)]
_MOST_LIMITS = 200
_Limits = Annotated[
    dict[
        Annotated[_Name, ENTRY],
        Annotated[StrictNumber | Annotated[str, Field(min_length=1, max_length=200)], ENTRY],
    ],
    Field(max_length=_MOST_LIMITS),
]


class SpecificationRequest(Body):
    """Limits by metric in the unit of stored values, or as texts with the display unit (`60us`); those of other metrics stay."""

    limits: _Limits = {}
    """The worst value within specification."""
    minima: _Limits = {}
    """The worst value with which a target may be used."""
    withdrawn: Annotated[list[Annotated[_Name, ENTRY]], Field(max_length=_MOST_LIMITS)] = []
    """Metrics whose limits are removed."""
