"""Report server of relays: arrival, termination, dismissal, and their end with the server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from qdash_prefect import relay as program
from qdash_prefect.report_server import ReportServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_prefect.report_server import Relay

pytestmark = pytest.mark.slow  # each starts a process

PATIENCE_S = 30.0


class Arrivals:
    """Relays that have arrived at a report server."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self.relay: Relay | None = None

    def __call__(self, relay: Relay) -> None:
        self.relay = relay
        self._came.set()

    def one(self) -> Relay:
        assert self._came.wait(PATIENCE_S)
        assert self.relay is not None
        return self.relay


@contextmanager
def begun(post: ReportServer, flow_run_id: str = "f1") -> Iterator[subprocess.Popen[bytes]]:
    """Start a relay like Prefect's worker."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", program.__file__],
        env={**os.environ, program.REPORT_SERVER: post.address_text, "PREFECT__FLOW_RUN_ID": flow_run_id},
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def polled() -> None:
    raise AssertionError("no worker of Prefect's is there")


def test_a_relay_reports_its_flow_run_and_ends_when_dismissed() -> None:
    arrivals = Arrivals()
    with ReportServer(on_start=arrivals, on_poll=polled) as post, begun(post, "f7") as process:
        relay = arrivals.one()
        assert relay.flow_run_id == "f7"
        assert process.poll() is None
        relay.dismiss()
        assert process.wait(PATIENCE_S) == 0


def test_a_relay_reports_sigterm_and_continues() -> None:
    arrivals, told = Arrivals(), threading.Event()
    with ReportServer(on_start=arrivals, on_poll=polled) as post, begun(post) as process:
        relay = arrivals.one()
        relay.on_termination = told.set
        process.send_signal(signal.SIGTERM)
        assert told.wait(PATIENCE_S)
        assert process.poll() is None
        relay.dismiss(3)
        assert process.wait(PATIENCE_S) == 3


def test_a_relay_ends_with_its_report_server() -> None:
    arrivals = Arrivals()
    with ExitStack() as ends, ExitStack() as stack:
        post = stack.enter_context(ReportServer(on_start=arrivals, on_poll=polled))
        process = ends.enter_context(begun(post))
        arrivals.one()
        stack.close()
        assert process.wait(PATIENCE_S) == 1
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_connection_without_the_key_is_refused() -> None:
    arrivals = Arrivals()
    with (
        ReportServer(on_start=arrivals, on_poll=polled) as post,
        ReportServer(on_start=arrivals, on_poll=polled) as other,
    ):
        stranger = ReportServer.__new__(ReportServer)
        stranger.address_text = post.address_text.replace(_key(post), _key(other))
        with begun(stranger, "stranger") as process:
            assert process.wait(PATIENCE_S) == 1
        with begun(post, "friend"):
            assert arrivals.one().flow_run_id == "friend"


@pytest.mark.parametrize("stays", [False, True], ids=["hangs up", "is silent"])
def test_a_silent_connection_does_not_delay_the_shutdown(stays: bool) -> None:
    with ExitStack() as stack, ReportServer(on_start=Arrivals(), on_poll=polled) as post:
        address = json.loads(post.address_text)["address"]
        caller = stack.enter_context(socket.socket(socket.AF_UNIX))
        caller.connect(address)
        caller.recv(1)  # it is being let in
        if not stays:
            caller.close()


def test_a_long_temporary_folder_is_not_used_for_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    arrivals = Arrivals()
    with ReportServer(on_start=arrivals, on_poll=polled) as post, begun(post, "f7"):
        assert arrivals.one().flow_run_id == "f7"


def _key(post: ReportServer) -> str:
    return post.address_text.rpartition(": ")[2]
