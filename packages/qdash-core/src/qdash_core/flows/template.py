"""A flow by name: what `qdash calibrate --flow NAME` runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.flows.steps import Step


@dataclass(frozen=True, slots=True)
class FlowTemplate:
    """Steps under a name."""

    name: str
    description: str
    steps: Sequence[Step]
