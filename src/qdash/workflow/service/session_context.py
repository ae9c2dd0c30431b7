"""The calibration session of the current thread, or of the process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash.workflow.service.calibration_session import CalibrationSession

__all__ = ["SessionContext", "clear_current_session", "get_current_session", "set_current_session"]


class SessionContext:
    """Holder of the current session. Another thread than the one that set it sees the last session of the process."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._last: CalibrationSession | None = None

    def set_session(self, session: CalibrationSession | None) -> None:
        """Make a session the current one."""
        self._local.session = self._last = session

    def get_session(self) -> CalibrationSession | None:
        """Return the current session, or None."""
        return getattr(self._local, "session", None) or self._last

    def clear_session(self) -> None:
        """Make no session the current one."""
        self.set_session(None)


_current = SessionContext()


def set_current_session(session: CalibrationSession | None) -> None:
    """Make a session the current one of this process."""
    _current.set_session(session)


def get_current_session() -> CalibrationSession | None:
    """Return the current session of this process, or None."""
    return _current.get_session()


def clear_current_session() -> None:
    """Make no session the current one of this process."""
    _current.clear_session()
