"""Runs that a command submits to a host and follows, and that go on without it."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.flows.feature import SAVED_FLOWS
from qdash_builtin.people.feature import TOKENS
from qdash_builtin.runs.commands.watched_runs import follow_run
from qdash_builtin.runs.feature import EXECUTIONS, QUEUE, RUNS
from qdash_cli.command_user import CommandUser
from qdash_cli.main import run
from qdash_core import CalibConfig, CalibOrchestrator
from qdash_core.errors import BackendError, InvalidInputError, QDashError
from qdash_core.models.progress import SilentProgress
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER
from qdash_core.models.request import RunRequest
from qdash_core.models.token import TokenScope
from qdash_core.operations.local_transport import LocalTransport
from qdash_core.settings import Settings

from ..api import sockets
from ..core.bench import LINE, make_backend_by_chip, make_raising, make_registry, make_task
from ..user_settings import remove_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash

PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Tasks of the bench, which need no laboratory, and a backend that cannot connect."""
    disconnected = make_backend_by_chip(name="away", connect=make_raising(OSError("no route to the fridge")))
    misled = make_backend_by_chip(name="misled", connect=make_raising(InvalidInputError("no such rack")))
    tasks = make_task(), make_task("Broken", measure=make_raising(OSError("cable")))
    return make_registry(tasks, [make_backend_by_chip(), disconnected, misled], http_host=True)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Iterator[sockets.Sockets]:
    with sockets.run_host(Settings(home=tmp_path_factory.mktemp("served") / "home"), registry) as found:
        qdash = found.host.qdash
        qdash.get(CHIPS).create(qdash.access(DEFAULT_USER), "a", LINE, backend="bench", controls={"2-3": "3"})
        yield found


@pytest.fixture
def qdash(served: sockets.Sockets, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> QDash:
    """Services of the host that commands ask."""
    remove_settings(monkeypatch, tmp_path)
    qdash = served.host.qdash
    secret, _ = qdash.get(TOKENS).create(DEFAULT_USER, f"token-{uuid4()}", scope=TokenScope.ADMIN)
    monkeypatch.setenv("QDASH_API_URL", f"http://{served.address[0]}:{served.address[1]}")
    monkeypatch.setenv("QDASH_TOKEN", secret)
    monkeypatch.setattr("qdash_builtin.runs.followers.LOOK_S", 0.02)
    return qdash


def wait_for_entry(qdash: QDash) -> str:
    """Return the id of the next run in the queue."""
    access, waited = qdash.access(DEFAULT_USER), threading.Event()
    for _ in range(int(PATIENCE_S / 0.02)):
        if entries := qdash.get(QUEUE).list_entries(access):
            return entries[0].entry.execution_id
        waited.wait(0.02)
    raise AssertionError("nothing was submitted")


def perform_next(qdash: QDash) -> str:
    """Perform the next run in the queue like the process of a worker, and return its id."""
    named = wait_for_entry(qdash)
    with suppress(QDashError):
        qdash.get(RUNS).perform(DEFAULT_PROJECT, named, SilentProgress(), alone=False)
    qdash.get(RUNS).queue.conclude(DEFAULT_PROJECT, named, died=False)
    return named


def test_calibrate_at_a_host_follows_its_run_to_the_end(
    qdash: QDash, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(1) as worker:
        performed = worker.submit(perform_next, qdash)
        status = run(["calibrate", "a", "--flow", "Measure", "--json"])
    said = capsys.readouterr()
    assert status == 0, said.err
    ended = json.loads(said.out)
    assert (ended["execution_id"], ended["status"]) == (performed.result(), "completed")
    assert f"execution {ended['execution_id']}" in said.err
    assert "1 task on 5 targets" in said.err
    assert "qubit 3: " in said.err
    assert run(["executions", "follow", ended["execution_id"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == ended


def test_flow_run_at_a_host_has_the_output_of_calibrate(
    qdash: QDash, capsys: pytest.CaptureFixture[str]
) -> None:
    given = "flow", "run", "Measure", "--chip", "a", "--qids", "0,2", "--json"
    status, out, error = run_at_host(qdash, capsys, *given)
    assert status == 0, error
    ended = json.loads(out)
    assert (ended["status"], ended["tasks"]) == ("completed", {"completed": 2})
    assert "1 task on 2 targets" in error


def test_flow_run_at_a_host_submits_a_saved_flow(qdash: QDash, capsys: pytest.CaptureFixture[str]) -> None:
    access = qdash.access(DEFAULT_USER)
    qdash.get(SAVED_FLOWS).save(access, "mine", "def mine(chip_id, qids, depth): ...")
    assert run(["flow", "run", "mine", "--chip", "a", "--qids", "0-1", "--param", "depth=3", "--detach"]) == 0
    named = capsys.readouterr().out.strip()
    request = qdash.get(EXECUTIONS).show(access, named)[0].request
    assert request is not None
    assert (request.flow, request.flow_version, request.targets.qubits) == ("mine", 1, ("0", "1"))
    assert request.parameters == {"depth": 3}
    qdash.get(RUNS).cancel(access, named)


@pytest.mark.parametrize(
    "arguments",
    [
        ("flow", "run", "night.py:look", "--chip", "a"),
        ("calibrate", "a", "--flow", "night.py:look", "--dry-run"),
        ("timetable", "add", "nightly", "a", "--flow", "night.py:look", "--cron", "0 3 * * *"),
    ],
)
def test_a_flow_in_a_file_of_this_machine_is_to_be_saved_at_the_host_first(
    qdash: QDash, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run([*arguments]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "night.py:look is a file of this machine, and QDASH_API_URL and QDASH_TOKEN name a host" in error
    assert "save the flow there by `qdash flow save night.py:look`, and use its name, `night`" in error
    assert not qdash.get(QUEUE).list_entries(qdash.access(DEFAULT_USER))


def test_a_run_that_is_cancelled_at_a_host_is_shown_when_it_has_ended(
    qdash: QDash, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qdash_builtin.runs.commands.runs._LOOK_S", 0.02)
    session = CalibOrchestrator(CalibConfig(username=DEFAULT_USER, chip_id="a"), qdash)
    session.initialize()
    named = session.execution.execution_id
    with ThreadPoolExecutor(1) as process:
        ended = process.submit(cancel_when_asked, qdash, session)
        status = run(["executions", "cancel", named])
    assert ended.result()
    said = capsys.readouterr()
    assert (status, said.out) == (0, f"{named} cancelled: no results\n"), said.err


def test_a_run_that_breaks_off_at_a_host_ends_with_the_error_that_it_raises_at_home(
    qdash: QDash, capsys: pytest.CaptureFixture[str]
) -> None:
    request = RunRequest(chip_id="a", flow="Measure", backend_name="away")
    with pytest.raises(BackendError) as raised:
        qdash.get(RUNS).run(qdash.access(DEFAULT_USER), request)
    status, out, error = calibrate_at_host(qdash, capsys, "--flow", "Measure", "--backend", "away")
    assert (status, out) == (1, "")
    assert error.endswith(f"error: {raised.value}")


def test_a_begun_run_with_invalid_input_has_failed_at_home_and_at_a_host(
    qdash: QDash, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def open_home(_user: CommandUser) -> Iterator[tuple[QDash, Access]]:
        yield qdash, qdash.access(DEFAULT_USER)

    given = "--flow", "Measure", "--backend", "misled"
    status, _, error = calibrate_at_host(qdash, capsys, *given)
    assert status == 1
    assert "no such rack" in error
    monkeypatch.setenv("QDASH_PROFILE", "local")
    monkeypatch.setattr(CommandUser, "open_for_writing", open_home)
    assert run(["calibrate", "a", *given]) == 1
    at_home = capsys.readouterr().err
    assert at_home.splitlines()[-1] == error[error.index("error: ") :]


def test_a_run_without_a_completed_task_at_a_host_has_the_outcome_that_it_has_at_home(
    qdash: QDash, capsys: pytest.CaptureFixture[str]
) -> None:
    at_home = qdash.get(RUNS).run(qdash.access(DEFAULT_USER), RunRequest(chip_id="a", flow="Broken"))
    status, out, _ = calibrate_at_host(qdash, capsys, "--flow", "Broken")
    shown = json.loads(out)
    assert (status, shown["status"], shown["message"]) == (1, at_home.status, at_home.message)


def test_a_run_that_is_cancelled_at_a_host_ends_like_one_at_home(
    qdash: QDash, capsys: pytest.CaptureFixture[str]
) -> None:
    def cancel(qdash: QDash) -> str:
        named = wait_for_entry(qdash)
        qdash.get(RUNS).cancel(qdash.access(DEFAULT_USER), named)
        return named

    status, out, error = calibrate_at_host(qdash, capsys, "--flow", "Measure", perform=cancel)
    assert (status, out) == (130, "")
    assert "is cancelled: `qdash executions resume" in error


def calibrate_at_host(
    qdash: QDash,
    capsys: pytest.CaptureFixture[str],
    *options: str,
    perform: Callable[[QDash], str] = perform_next,
) -> tuple[int, str, str]:
    """Return the exit status, the output and the last words of `calibrate`, which a worker performs."""
    return run_at_host(qdash, capsys, "calibrate", "a", *options, "--json", perform=perform)


def run_at_host(
    qdash: QDash,
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
    perform: Callable[[QDash], str] = perform_next,
) -> tuple[int, str, str]:
    """Return the exit status, the output and the last words of a command, whose run a worker performs."""
    with ThreadPoolExecutor(1) as worker:
        performed = worker.submit(perform, qdash)
        status = run([*arguments])
    performed.result()
    said = capsys.readouterr()
    return status, said.out, " ".join(said.err.split())


def cancel_when_asked(qdash: QDash, session: CalibOrchestrator) -> bool:
    """End a run, like its process, after the request to cancel it; return whether there was one."""
    named, waited = session.execution.execution_id, threading.Event()
    for _ in range(int(PATIENCE_S / 0.02)):
        if qdash.record.find(DEFAULT_PROJECT, named).cancel_request is not None:
            session.cancel()
            return True
        waited.wait(0.02)
    return False


def test_who_leaves_a_run_at_a_host_is_told_how_to_follow_it_again(
    qdash: QDash, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("qdash_builtin.runs.followers.time.sleep", interrupt)
        assert run(["calibrate", "a", "--flow", "Measure"]) == 130
        named = wait_for_entry(qdash)
        advice = f"execution {named} goes on at the host: `qdash executions follow {named}` follows it again"
        assert advice in " ".join(capsys.readouterr().err.split())
        assert run(["executions", "follow", named]) == 130
        assert advice in " ".join(capsys.readouterr().err.split())
    assert perform_next(qdash) == named
    home = LocalTransport(qdash, DEFAULT_USER)
    assert follow_run(home, named, CommandUser(DEFAULT_USER, None)).status == "completed"


def test_a_run_is_followed_over_a_restart_of_the_host(
    qdash: QDash, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = detach(capsys)
    lose_host(monkeypatch, times=3, back=lambda: perform_next(qdash))
    status = run(["executions", "follow", named])
    said = capsys.readouterr()
    assert status == 0, said.err
    assert said.err.count("cannot be reached: refused; trying again for 120 s") == 1
    assert "1 task on 5 targets" in said.err


def test_a_run_whose_host_stays_away_is_left_with_the_command_that_follows_it(
    qdash: QDash, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = detach(capsys)
    monkeypatch.setattr("qdash_builtin.runs.reconnection.PATIENCE_S", 0.01)
    with monkeypatch.context() as patch:
        lose_host(patch, times=100, back=lambda: None)
        assert run(["executions", "follow", named]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert f"the host was not reached for 0.01 s; execution {named} may go on: " in told
    assert f"`qdash executions follow {named}` follows it again" in told
    assert perform_next(qdash) == named


def detach(capsys: pytest.CaptureFixture[str]) -> str:
    """Leave a run to the workers of the host, and return its id."""
    assert run(["calibrate", "a", "--flow", "Measure", "--detach"]) == 0
    return capsys.readouterr().out.strip()


def lose_host(patch: pytest.MonkeyPatch, *, times: int, back: Callable[[], object]) -> None:
    """Refuse the next requests for the changes of a run; call `back` after the last of them."""
    send, left = httpx.Client.send, [times]

    def refuse(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        if not (left[0] and request.url.path.endswith("/changes")):
            return send(client, request, **options)
        left[0] -= 1
        if not left[0]:
            back()
        raise httpx.ConnectError("refused", request=request)

    patch.setattr(httpx.Client, "send", refuse)
    patch.setattr("qdash_builtin.runs.reconnection._PAUSE_S", 0.01)
