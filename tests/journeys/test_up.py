"""`qdash up`: host and worker in one command; each survives the other's failure, and both end together."""

from __future__ import annotations

import re
import signal
import socket
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest

from .command_line import wait_for_end, wait_until
from .hosts import PASSWORD, Host, free_port, list_children, run_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .command_line import CommandLine


@pytest.fixture
def together(qdash: CommandLine) -> Iterator[Host]:
    """The host of a `qdash up` with a live worker."""
    with run_host(qdash, "--no-dashboard", command="up", port=free_port()) as found:
        admin = found.set_up()
        wait_until(lambda: "all processes have started: " in found.said.read_text(), what="all run")
        assert count_workers(admin) == 1, "all have started only when the worker is there"
        yield admin


def count_workers(found: Host) -> int:
    (line,) = [line for line in found.get("/prometheus").splitlines() if line.startswith("qdash_workers ")]
    return int(float(line.split()[1]))


def get_command_name(process: psutil.Process) -> str:
    """Return the `qdash` command of a part, or an empty string for an ended one."""
    try:
        return "".join(process.cmdline()[3:4])
    except psutil.Error:
        return ""


def get_part(found: Host, name: str) -> psutil.Process:
    """Return the process of a part."""
    (process,) = [one for one in list_children(found.process) if get_command_name(one) == name]
    return process


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, marks=pytest.mark.release),
    ],
)
def test_what_is_told_to_end_ends_its_parts_in_order(together: Host, number: signal.Signals) -> None:
    parts = list_children(together.process)
    together.process.send_signal(number)
    assert wait_for_end(together.process).status == 0
    _, alive = psutil.wait_procs(parts, timeout=0)
    assert not alive
    said = together.said.read_text()
    assert said.rstrip().endswith("ended")
    assert "restart in" not in said


# Further moments before all have started are those of test_end_while_starting.py.
@pytest.mark.parametrize(
    "has_started",
    [pytest.param(False, marks=pytest.mark.release), pytest.param(True, marks=pytest.mark.slow)],
)
def test_sigterm_ends_all_quietly_also_while_worker_and_dashboard_start(
    qdash: CommandLine, has_started: bool
) -> None:
    with run_host(qdash, "--ui-port", str(free_port()), command="up", port=free_port()) as found:
        if has_started:
            wait_until(lambda: "all processes have started: " in found.said.read_text(), what="all run")
        found.process.send_signal(signal.SIGTERM)
        assert wait_for_end(found.process).status == 0
    said = found.said.read_text()
    assert ("all processes have started: " in said) is has_started
    assert not [line for line in said.splitlines() if "Traceback" in line or "error" in line.lower()]


# The dying worker is the first one in the crashes below.
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("api", marks=pytest.mark.slow),
        pytest.param("worker", marks=pytest.mark.release),
    ],
)
def test_a_part_that_dies_is_started_again_beside_the_other(together: Host, name: str) -> None:
    other = get_part(together, {"api": "worker", "worker": "api"}[name])
    get_part(together, name).kill()
    wait_until(lambda: "restart in" in together.said.read_text(), what="it is started again")
    wait_until(lambda: together.is_ready() and count_workers(together) >= 1, what="both are there")
    assert other.is_running()
    assert get_part(together, name).is_running()


@pytest.mark.slow
def test_parts_end_with_who_started_them(together: Host) -> None:
    parts = list_children(together.process)
    together.process.kill()
    _, alive = psutil.wait_procs(parts, timeout=60)
    assert not alive


@pytest.mark.release
def test_what_crashes_again_and_again_is_started_again_each_time_later(together: Host) -> None:
    parts: set[psutil.Process] = set()
    for _ in range(3):
        wait_until(lambda: list_workers(together) - parts, what="a worker is there")
        new = list_workers(together) - parts
        parts.update(new)
        for one in new:
            one.kill()
    lines = [f"the worker was terminated by SIGKILL; restart in {delay_s} s" for delay_s in (1, 2, 4)]
    wait_until(lambda: lines[-1] in together.said.read_text(), what="the third restart is reported")
    assert all(line in together.said.read_text() for line in lines)
    assert together.is_ready()
    together.process.send_signal(signal.SIGTERM)
    assert wait_for_end(together.process).status == 0


@pytest.mark.release
def test_a_port_that_is_taken_while_the_host_starts_again_ends_all(together: Host) -> None:
    port = urlsplit(together.url).port
    with closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        get_part(together, "api").kill()
        wait_until(lambda: _is_listening(taken, port), what="the port is free, and taken by another")
        assert wait_for_end(together.process).status == 2
    assert "is not available" in together.said.read_text()


def _is_listening(listener: socket.socket, port: int | None) -> bool:
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        return False
    return True


def list_workers(found: Host) -> set[psutil.Process]:
    return {one for one in list_children(found.process) if get_command_name(one) == "worker"}


@pytest.mark.slow
def test_a_port_that_is_taken_ends_all_in_one_line(qdash: CommandLine) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "is not available" in qdash.run_refused("up", "--port", str(taken.getsockname()[1]))
        said = qdash.run_refused("up", "--port", str(free_port()), "--ui-port", str(taken.getsockname()[1]))
        assert "use another --host or --ui-port" in said


@pytest.mark.slow
def test_another_host_at_its_port_is_not_taken_for_its_own(qdash: CommandLine) -> None:
    with run_host(qdash) as other:
        port = str(urlsplit(other.url).port)
        assert "is not available" in qdash.run_refused("up", "--port", port)
        assert count_workers(other.set_up()) == 0


@pytest.mark.slow
def test_the_second_ctrl_c_ends_all_at_once(together: Host) -> None:
    worker = get_part(together, "worker")
    worker.suspend()
    together.process.send_signal(signal.SIGINT)
    wait_until(lambda: not together.is_ready(), what="the host, which ends before the worker, has ended")
    together.process.send_signal(signal.SIGINT)
    assert wait_for_end(together.process).status == 0
    assert not worker.is_running()


@pytest.mark.slow
def test_the_first_password_is_set_at_the_dashboard_and_logs_in_there(qdash: CommandLine) -> None:
    port, ui_port = free_port(), free_port()
    with run_host(qdash, "--ui-port", str(ui_port), command="up", port=port) as found:
        wait_until(lambda: "all processes have started: " in found.said.read_text(), what="all run")
        (code,) = re.findall(rf"http://127.0.0.1:{ui_port}/setup\?user=admin#(\S+)", found.said.read_text())
        dashboard = Host(f"http://127.0.0.1:{ui_port}", found.process, found.said)
        wait_until(lambda: dashboard.is_ready("/_stcore/health"), what="the dashboard answers")
        assert "Set your password" in dashboard.get("/setup?user=admin")
        answer = dashboard.send_request(
            "POST", "/auth/setup", {"code": code, "password": PASSWORD}, origin=dashboard.url
        )
        assert answer.status == 200, answer
        cookie = answer.headers["set-cookie"].partition(";")[0]
        me = dashboard.send_request("GET", "/host/-/auth/me", cookie=cookie)
        assert me.body["user"]["username"] == "admin"


@pytest.mark.release
@pytest.mark.parametrize("verbose", [False, True])
def test_requests_are_printed_only_on_request(qdash: CommandLine, verbose: bool) -> None:
    options = ("--no-worker", "--no-dashboard", *(("--verbose",) if verbose else ()))
    with run_host(qdash, *options, command="up", port=free_port()) as found:
        found.get("/health")
        wait_until(lambda: "all processes have started: " in found.said.read_text(), what="all run")
        assert ("/health" in found.said.read_text()) is verbose
