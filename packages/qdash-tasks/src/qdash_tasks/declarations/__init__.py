"""What the standard tasks declare: names, inputs, outputs, units, run parameters."""

from qdash_tasks.declarations.coupling import (
    CheckBellState,
    CheckBellStateTomography,
    CheckCrossResonance,
    CheckZX90,
    CheckZZInteraction,
    CreateZX90,
    ZX90InterleavedRandomizedBenchmarking,
)

__all__ = [
    "CheckBellState",
    "CheckBellStateTomography",
    "CheckCrossResonance",
    "CheckZX90",
    "CheckZZInteraction",
    "CreateZX90",
    "ZX90InterleavedRandomizedBenchmarking",
]
