"""Commands that serve, and are told to end by SIGTERM before they serve: they end at once and without a message."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from .command_line import wait_for_end
from .hosts import free_port, list_children

if TYPE_CHECKING:
    from .command_line import CommandLine

DELAYS_S = (0.05, 0.1, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
_OTHERS = ("worker", "api --port 0", "ui --port 0")


@pytest.mark.parametrize(
    ("command", "delay_s"),
    [
        ("up", 0.2),
        *(pytest.param("up", delay_s, marks=pytest.mark.slow) for delay_s in DELAYS_S),
        *(
            pytest.param(command, delay_s, marks=pytest.mark.release)
            for command in _OTHERS
            for delay_s in DELAYS_S
        ),
    ],
)
def test_sigterm_ends_a_server_quietly_at_any_moment(
    qdash: CommandLine, command: str, delay_s: float
) -> None:
    ports = ("--port", str(free_port()), "--ui-port", str(free_port())) if command == "up" else ()
    with qdash.start(*command.split(), *ports, fresh=True) as process:
        time.sleep(delay_s)
        parts = list_children(process)
        process.send_signal(signal.SIGTERM)
        outcome = wait_for_end(process)

    assert outcome.status in (0, -signal.SIGTERM)
    assert not [line for line in outcome.err.splitlines() if "Traceback" in line or "error" in line.lower()]
    assert not [one for one in parts if one.is_running()]
