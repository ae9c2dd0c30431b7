"""Effects of all timed faults on the truth of a qubit, by the names of `fault_kinds`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_fake.physics.t1_falls import fall_t1
from qdash_fake.physics.warm_ups import warm_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_fake.physics.timed_changes import FaultEffect

FAULT_EFFECTS: Mapping[str, FaultEffect] = MappingProxyType({"t1-fall": fall_t1, "warm-up": warm_up})
