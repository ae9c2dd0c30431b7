"""Replaceable host name and clock; Python imports this module at its start if this folder is on the path.

`FAULTS_HOST` replaces the host name that the process sees. `FAULTS_CLOCK` is a file with the offset of its
clock in seconds; it is read at every use, so that the clock can be changed while the process runs.
"""

import os


def _pretend_host(name: str) -> None:
    import socket

    socket.gethostname = lambda: name


def _pretend_time(path: str) -> None:
    from datetime import datetime, timedelta
    from pathlib import Path

    from qdash_core.process import clock

    right = clock.machine_now

    def machine_now() -> datetime:
        return right() + timedelta(seconds=float(Path(path).read_text("utf-8")))

    # Before any other module imports it by name.
    clock.machine_now = machine_now


if "FAULTS_HOST" in os.environ:
    _pretend_host(os.environ["FAULTS_HOST"])
if "FAULTS_CLOCK" in os.environ:
    _pretend_time(os.environ["FAULTS_CLOCK"])
