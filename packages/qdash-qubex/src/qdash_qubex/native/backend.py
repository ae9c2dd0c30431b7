"""The `qubex-native` backend: the library's own procedures, and standard tasks for the rest."""

from __future__ import annotations

from qdash_qubex.backend import QubexBackend
from qdash_qubex.native.base import NATIVE


class QubexNativeBackend(QubexBackend):
    """Backend `qubex` in which the library's own tasks replace the standard ones of the same name."""

    name = NATIVE
    notes_pulses = False
