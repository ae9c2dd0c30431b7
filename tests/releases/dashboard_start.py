"""Start of host, dashboard and worker from an installation."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING
from urllib.request import urlopen

from ..journeys.command_line import wait_until
from ..journeys.hosts import free_port

if TYPE_CHECKING:
    from release.environments import Environment


def require_dashboard(environment: Environment) -> None:
    """Run `qdash up` until a page of the dashboard responds, then end it by SIGTERM."""
    host, dashboard = free_port(), free_port()
    command = [str(environment.folder / "bin/qdash"), "up", "--port", str(host), "--ui-port", str(dashboard)]
    with subprocess.Popen(command, env=environment.get_variables(), cwd=environment.folder) as process:
        try:
            wait_until(
                lambda: process.poll() is not None or _is_served(f"http://127.0.0.1:{dashboard}/chip"),
                what="a page of the dashboard",
            )
            assert process.poll() is None
        finally:
            process.terminate()
            process.wait(timeout=60)
    assert process.returncode == 0


def _is_served(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
