"""Independent random streams, each named by its purpose.

A stream depends on the seed and its own labels only: results do not depend on other quantities or the order of threads.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np


def stream(seed: int, *labels: str | int) -> np.random.Generator:
    """Return a random generator for a seed and labels."""
    text = "/".join(map(str, (seed, *labels)))
    key = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(key=key))
