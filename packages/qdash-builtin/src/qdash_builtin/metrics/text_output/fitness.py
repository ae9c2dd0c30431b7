"""Text output of the fitness of targets: their numbers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from qdash_core.models.judgement import Fitness
from qdash_core.models.targets import TARGET_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping


def describe_fitness(targets: Mapping[str, Fitness]) -> str:
    """Return the number of qubits and of couplings by fitness, such as `qubits: 60 fit, 4 unfit`; without a kind that was never calibrated."""
    parts = []
    for kind in TARGET_KINDS:
        counts = Counter(one for qid, one in targets.items() if ("-" in qid) == (kind == "coupling"))
        if counts.keys() - {Fitness.UNKNOWN}:
            parts.append(f"{kind}s: {', '.join(f'{counts[one]} {one}' for one in Fitness if one in counts)}")
    return "; ".join(parts)
