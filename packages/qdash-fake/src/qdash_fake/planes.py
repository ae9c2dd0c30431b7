"""Scale and rotation of each qubit's IQ plane; the angle changes with every call if requested."""

from __future__ import annotations

import cmath
import math
import threading
from collections import Counter
from typing import TYPE_CHECKING

from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_fake.options import TwinOptions


class IQPlanes:
    """IQ planes of one session of a twin, with its options `iq` and `plane_turns`. Thread-safe.

    Their rotation depends on the seed of the twin and the number of the session alone.
    """

    def __init__(self, options: TwinOptions, *, seed: int, number: int) -> None:
        self._usual = options.iq_factor
        self._turns_rad = math.radians(options.plane_turns)
        self._stream = (seed, number)
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._turned_rad: dict[str, float] = {}

    def begin_call(self, qids: Iterable[str]) -> None:
        """Begin a call that reads these qubits: each plane gets a new angle about the origin."""
        if not self._turns_rad:
            return
        seed, number = self._stream
        with self._lock:
            for qid in qids:
                self._calls[qid] += 1
                noise = stream(seed, "plane", number, qid, self._calls[qid])
                self._turned_rad[qid] = self._turns_rad * noise.standard_normal()

    def factor(self, qid: str) -> complex:
        """Return the factor on all IQ data of a qubit in this call."""
        return self._usual * cmath.rect(1.0, self._turned_rad.get(qid, 0.0))
