"""QDash: calibrate superconducting quantum processors, and keep them calibrated.

This distribution installs the core, the analysis and the simulated chips, and keeps the import paths that flows of the
original system use, with what only they need. `open_chip` opens a chip in a notebook. Everything else is defined in `qdash_core`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash.notebook import open_chip as open_chip

__all__ = ["open_chip"]


def __getattr__(name: str) -> Any:
    if name != "open_chip":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qdash.notebook import open_chip  # imports what only notebooks need

    return open_chip
