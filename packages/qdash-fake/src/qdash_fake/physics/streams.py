"""Independent random streams, each named by its purpose.

A stream depends on its own labels only. So a newly drawn quantity changes no other, and the result of a
measurement does not depend on which thread came first.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np


def stream(seed: int, *labels: str | int) -> np.random.Generator:
    """Return the generator of (`seed`, `labels`)."""
    text = "/".join(map(str, (seed, *labels)))
    key = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(key=key))
