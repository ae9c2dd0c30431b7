"""Connection to the backend of a session."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from qdash_core.attempts.measurement import read_library_note
from qdash_core.errors import BackendError, QDashError
from qdash_core.process.interrupts import allow_interrupts

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.execution import CalibrationNoteModel

logger = logging.getLogger(__name__)


class BackendConnection:
    """Connection of a session to its backend, which is not yet connected."""

    def __init__(self, backend: BaseBackend) -> None:
        self._backend = backend
        self._connected = False
        self._restored = False

    def open(self, read_note: Callable[[], CalibrationNoteModel | None]) -> None:
        """Connect the backend and load a stored calibration note, if there is one.

        Raises
        ------
        BackendError
            If it does not connect or refuses the note.
        """
        try:
            with allow_interrupts():
                self._backend.connect()
            self._connected = True
            note = read_note()
            if note is not None:
                with allow_interrupts():
                    self._backend.update_note(note.note)
            self._restored = True
        except QDashError:
            raise
        except (Exception, SystemExit) as error:
            raise BackendError(f"backend {self._backend.name} does not connect: {error}") from error

    @property
    def lab_seconds(self) -> float | None:
        """Return the laboratory time from opening to the end of the last measurement, or None if the backend has no clock."""
        clock = self._backend.clock if self._connected else None
        return None if clock is None else clock.passed_s

    def close(self, keep: Callable[[dict[str, Any]], None]) -> None:
        """Pass the last calibration note of the backend to `keep`, and disconnect the backend.

        A failure of the backend is only logged: it must not change the outcome of the run.
        """
        if not self._connected:
            return
        note = self._read_last_note()
        try:
            if note is not None:
                keep(note)
        finally:
            self._disconnect()

    def _disconnect(self) -> None:
        try:
            with allow_interrupts():
                self._backend.disconnect()
        except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001  the record has to be ended
            logger.warning("backend %s did not disconnect: %s", self._backend.name, error)

    def _read_last_note(self) -> dict[str, Any] | None:
        # A note from before the stored one was restored must not replace it.
        if not self._restored:
            return None
        try:
            return read_library_note(self._backend)
        except KeyboardInterrupt:
            logger.warning("the last note of backend %s is lost: interrupted", self._backend.name)
            return None
