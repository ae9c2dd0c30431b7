"""The backend `qubex-native`: the library's own procedures where it has them, the standard tasks for the rest."""

from __future__ import annotations

from qdash_qubex.backend import QubexBackend
from qdash_qubex.native.base import NATIVE


class QubexNativeBackend(QubexBackend):
    """The connection of `qubex`, on which a task of the library's own wins over the standard one of its name."""

    name = NATIVE
    notes_pulses = False
