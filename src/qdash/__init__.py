"""QDash: calibrate superconducting quantum processors, and keep them calibrated.

This distribution installs the core, the analysis and the simulated chips, and keeps the import paths that flows of the
original system use, with what only they need. `open_chip` opens a chip in a notebook. Everything else is defined in `qdash_core`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash.notebook import open_chip as open_chip
    from qdash.qiskit_devices import qiskit_target as qiskit_target
    from qdash.qiskit_devices import usable_device as usable_device

_MODULES = {
    "open_chip": "qdash.notebook",
    "qiskit_target": "qdash.qiskit_devices",
    "usable_device": "qdash.qiskit_devices",
}
"""Modules of the functions for notebooks, each imported on first use."""


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
