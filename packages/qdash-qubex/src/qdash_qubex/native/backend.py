"""Backend `qubex-native`: the library's own procedures if it has them, the standard tasks for the rest."""

from __future__ import annotations

from qdash_qubex.backend import QubexBackend
from qdash_qubex.native.base import NATIVE


class QubexNativeBackend(QubexBackend):
    """Backend `qubex` with the library's own tasks in place of the standard ones of the same name."""

    name = NATIVE
    notes_pulses = False
