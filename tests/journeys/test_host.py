"""`qdash api`: start, login, events, and a shutdown that interrupts nothing."""

from __future__ import annotations

import json
import signal
import socket
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil
import pytest

from .command_line import wait_for_end, wait_until
from .hosts import PASSWORD, Host, list_children, run_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .command_line import CommandLine


@pytest.fixture
def running(qdash: CommandLine) -> Iterator[Host]:
    """A host, with the token of its administrator."""
    with run_host(qdash) as found:
        yield found.set_up()


def send_half_request(found: Host) -> socket.socket:
    """Return a connection with half a request, which the host waits for."""
    address = urlsplit(found.url)
    assert address.hostname is not None
    connection = socket.create_connection((address.hostname, address.port or 80), timeout=60)
    connection.sendall(
        b"POST /auth/login HTTP/1.1\r\nHost: host\r\nContent-Type: application/json\r\n"
        b"Expect: 100-continue\r\nContent-Length: 40\r\n\r\n"
    )
    assert connection.recv(1024).startswith(b"HTTP/1.1 100")
    return connection


def test_a_host_starts_lets_its_first_user_in_and_ends_when_it_is_told_to(qdash: CommandLine) -> None:
    with run_host(qdash) as found:
        assert found.get("/health")["status"] == "alive"
        refused = found.send_request("GET", "/auth/me", **{"x-forwarded-for": "192.0.2.7"})
        assert (refused.status, refused.body["type"]) == (401, "/problems/set-up-needed")
        admin = found.set_up()
        assert admin.get("/auth/me")["user"]["username"] == "admin"
        link = admin.send_request("POST", "/users/admin/setup-link").body["url"]
        assert link.startswith(f"{found.url}/auth/setup#"), "it leads to this host"
        again = {"code": found.get_code(), "password": PASSWORD}
        assert found.send_request("POST", "/auth/setup", again).status == 401
        found.process.send_signal(signal.SIGTERM)
        assert found.process.wait() == 0
        said = found.said.read_text()
        assert PASSWORD not in said
        assert admin.token not in said
        lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        assert {"GET /health 200", "POST /auth/setup 401"} <= {line["message"] for line in lines}
        assert not [line for line in lines if line["level"] != "INFO"]
        assert "192.0.2.7" not in said


@pytest.mark.slow
def test_a_port_that_is_taken_is_refused_in_one_line(qdash: CommandLine) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refusal = qdash.run_refused("api", "--port", str(taken.getsockname()[1]))
        assert "is not available" in refusal
        assert qdash.home is not None
        assert not qdash.home.exists()


@pytest.mark.slow
def test_a_store_in_memory_is_refused(qdash: CommandLine) -> None:
    for command in ("api", "up"):
        refusal = qdash.with_settings(QDASH_STORE_URL="memory://").run_refused(command, "--port", "1024")
        assert "QDASH_STORE_URL" in refusal


@pytest.mark.slow
def test_behind_a_proxy_it_is_found_below_its_path_and_knows_whence_requests_come(qdash: CommandLine) -> None:
    with run_host(qdash, "--root-path", "/lab/", "--forwarded-allow-ips", "127.0.0.1") as found:
        assert found.url.endswith("/lab")
        answer = found.send_request("GET", "/ready", **{"x-forwarded-for": "192.0.2.7"})
        assert answer.body == {"status": "ready"}
        assert found.set_up().get("/auth/me")["administers"]
        found.process.send_signal(signal.SIGTERM)
        assert found.process.wait() == 0
        lines = [json.loads(line) for line in found.said.read_text().splitlines() if line.startswith("{")]
        assert [
            line["address"] for line in lines if line["request_id"] == answer.headers["x-request-id"]
        ] == ["192.0.2.7"]


@pytest.mark.slow
def test_a_run_is_asked_for_heard_live_cancelled_and_resumed(running: Host, qdash: CommandLine) -> None:
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.05")
    asked = {"chip_id": "slow", "flow": "bring-up", "targets": {"qubits": ["0"]}}
    with running.follow_events("?chip_id=slow&kind=execution.*") as live, qdash.start("worker"):
        submitted = running.send_request("POST", "/executions", asked, **{"idempotency-key": "once"})
        assert submitted.status == 202
        run = submitted.body["execution_id"]
        heard = [*iter_until(live, "execution.running")]
        assert running.send_request("POST", f"/executions/{run}/cancel").status == 202
        heard += iter_until(live, "execution.cancelled")
        wait_until(lambda: not running.get("/queue")["items"], what="the worker has put it away")
        assert running.send_request("POST", f"/executions/{run}/resume").status == 202
        heard += iter_until(live, "execution.completed")
    assert {event["execution_id"] for _, event in heard} == {run}
    with running.follow_events("?kind=execution.*", **{"last-event-id": heard[0][0]}) as again:
        assert [next(again) for _ in heard[1:]] == heard[1:]


def iter_until(live: Iterator[tuple[str, Any]], kind: str) -> Iterator[tuple[str, Any]]:
    """Yield events up to one of a kind."""
    for heard in live:
        yield heard
        if heard[1]["kind"] == kind:
            return


@pytest.mark.slow
def test_a_token_that_is_revoked_hears_no_more(running: Host) -> None:
    """This tests only the refusal of a reconnection: the end of a stream is tested in the host's own process."""
    made = running.send_request("POST", "/tokens", {"name": "mine", "scope": "read"}).body
    mine = running.with_token(made["secret"])
    with mine.follow_events():
        assert running.send_request("DELETE", "/tokens/mine").status == 204
    assert mine.send_request("GET", "/events").status == 401


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.release),
    ],
)
def test_what_is_being_answered_is_finished_and_streams_are_ended(
    running: Host, number: signal.Signals
) -> None:
    with closing(send_half_request(running)) as asked, running.follow_events() as live:
        running.process.send_signal(number)
        assert not list(live)
        assert running.process.poll() is None
        asked.sendall(b'{"username": "admin", "password": "not"}')
        assert b"HTTP/1.1 401" in asked.recv(65_536)
    assert running.process.wait() == 0


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.release),
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
    ],
)
def test_the_second_signal_ends_it_at_once(running: Host, number: signal.Signals) -> None:
    with closing(send_half_request(running)), running.follow_events() as live:
        running.process.send_signal(number)
        assert not list(live)
        running.process.send_signal(number)
        assert running.process.wait() == 130


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.release),
        pytest.param(signal.SIGKILL, marks=pytest.mark.slow),
    ],
)
def test_several_processes_answer_count_together_and_end_together(
    qdash: CommandLine, number: signal.Signals
) -> None:
    with run_host(qdash, "--workers", "2") as first:
        found = first.set_up()
        assert found.send_request("POST", "/users/admin/setup-link").body["url"].startswith(found.url)
        for _ in range(20):
            found.get("/health")
        counted = 'qdash_requests_total{method="GET",route="/health",status="200"} 20.0'
        # The other process may answer before the last request is counted.
        wait_until(lambda: counted in found.get("/prometheus"), what="all requests are counted")
        started = list_children(found.process)
        found.process.send_signal(number)
        found.process.wait()
        gone, alive = psutil.wait_procs(started, timeout=60)
        assert not alive, gone


@pytest.mark.release
def test_one_of_several_processes_that_dies_is_replaced(qdash: CommandLine) -> None:
    with run_host(qdash, "--workers", "2") as found:
        found.get("/health")
        before = {one.pid for one in list_children(found.process)}
        for child in list_children(found.process):
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()
        wait_until(
            lambda: len({one.pid for one in list_children(found.process)} - before) == 2, what="new ones"
        )
        assert found.get("/health")["status"] == "alive"
        found.process.send_signal(signal.SIGINT)
        assert wait_for_end(found.process).status == 0
