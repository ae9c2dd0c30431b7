"""Imported by Python at its start wherever this folder is on the path: a host name and a clock to choose.

`FAULTS_HOST` is what the process takes for the name of its host. `FAULTS_CLOCK` is a file with the seconds by which its
clock is wrong; it is read anew each time, so that the clock can be set while the process runs.
"""

import os


def _pretend_host(name: str) -> None:
    import socket

    socket.gethostname = lambda: name


def _pretend_time(path: str) -> None:
    from datetime import datetime, timedelta
    from pathlib import Path

    from qdash_core.models import base

    right = base.utc_now

    def utc_now() -> datetime:
        return right() + timedelta(seconds=float(Path(path).read_text("utf-8")))

    # Before anybody else imports it by name.
    base.utc_now = utc_now


if "FAULTS_HOST" in os.environ:
    _pretend_host(os.environ["FAULTS_HOST"])
if "FAULTS_CLOCK" in os.environ:
    _pretend_time(os.environ["FAULTS_CLOCK"])
