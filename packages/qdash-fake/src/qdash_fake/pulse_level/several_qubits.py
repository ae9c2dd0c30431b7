"""What a program does to coupled qubits that it drives together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth
    from qdash_tasks.laboratory.program import Play


def solve_together(
    chip: ChipTruth,  # noqa: ARG001
    qids: tuple[str, ...],
    plays: Sequence[Play],  # noqa: ARG001
    until_ns: Mapping[str, float],  # noqa: ARG001
) -> NDArray[np.float64]:
    """Return the populations of the computational outcomes by start, shape (2^n, 2^n)."""
    raise InvalidInputError(f"qubits {', '.join(qids)}: coupled qubits cannot be driven together yet")
