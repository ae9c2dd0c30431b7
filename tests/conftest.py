"""What all tests share."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Let tests send Ctrl-C to processes: a shell's background ignores it, and what is ignored is inherited."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
