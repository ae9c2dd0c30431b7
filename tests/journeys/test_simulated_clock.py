"""Homes with a simulated clock: creation, refusals, damage, backups, and nights that pass in minutes."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from .command_line import CommandLine, wait_until
from .hosts import free_port, run_host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = "2026-01-05T18:00"
_LONGEST_WAIT_S = 1000.0
"""Several times the duration of fourteen nights on two quiet processors."""


@pytest.fixture
def home(qdash: CommandLine) -> CommandLine:
    """A command line whose home has a clock that starts on Monday, 2026-01-05, at 18:00 in Berlin."""
    qdash = qdash.with_settings(TZ="Europe/Berlin", COLUMNS="1000")
    qdash.does("init", "--simulated-clock", START)
    return qdash


def get_clock_file(qdash: CommandLine) -> Path:
    assert qdash.home is not None
    return qdash.home / "simulated-clock"


def refuse(qdash: CommandLine, *arguments: str, status: int = 2) -> str:
    """Run a command that must be refused, and return the error, which follows the line with the time of an open home."""
    outcome = qdash(*arguments)
    assert (outcome.status, outcome.out) == (status, ""), outcome
    (error,) = [line for line in outcome.err.splitlines() if not line.startswith("WARNING Simulated time: ")]
    assert error.startswith("error: ")
    return error


def create_twin(qdash: CommandLine, device: str = "jakarta", *options: str) -> None:
    qdash.does("twin", "create", "t", "--device", device, *options)


# ------------------------------------------------------------------------------------------------------------ creation


def test_what_is_recorded_has_the_time_of_the_home(home: CommandLine) -> None:
    create_twin(home)
    (chip,) = home.read_json("chip", "list")
    assert chip["installed_at"].startswith("2026-01-05T17:00:00.0"), "18:00 in Berlin"
    assert "01-05 18:00" in home.does("chip", "list")
    wait = home.read_json("twin", "wait", "--until", "2026-01-06T08:00")
    assert wait["now"].startswith("2026-01-06T07:00:00.0")
    assert home.read_json("twin", "list")["twins"][0]["clock_s"] == pytest.approx(14 * 3600, abs=1)


def test_only_a_new_home_gets_a_simulated_clock(qdash: CommandLine, home: CommandLine) -> None:
    before = get_clock_file(home).read_bytes()
    assert "a home keeps its clock" in refuse(home, "init", "--simulated-clock", "2027-01-01")
    assert get_clock_file(home).read_bytes() == before
    ordinary = qdash.with_home(qdash.folder / "ordinary")
    ordinary.does("init")
    assert "a home keeps its clock" in refuse(ordinary, "init", "--simulated-clock", START)
    assert "not a moment" in refuse(qdash.with_home(qdash.folder / "no"), "init", "--simulated-clock", "soon")
    assert not (qdash.folder / "no").exists()


def test_a_store_is_opened_with_its_kind_of_clock_only(qdash: CommandLine, home: CommandLine) -> None:
    ordinary = qdash.with_home(qdash.folder / "ordinary")
    ordinary.does("init")
    stores = {one.home: f"sqlite:///{one.home}/qdash.db" for one in (home, ordinary)}
    of_simulated = ordinary.with_settings(QDASH_STORE_URL=stores[home.home])
    assert "belongs to a home with a simulated clock" in refuse(of_simulated, "chip", "list")
    of_machine = home.with_settings(QDASH_STORE_URL=stores[ordinary.home])
    assert "belongs to a home with the clock of the machine" in refuse(of_machine, "chip", "list")


def test_a_damaged_or_lost_clock_is_reported_and_can_be_set_again(home: CommandLine) -> None:
    create_twin(home)
    for harm in (lambda: get_clock_file(home).write_bytes(b"123"), get_clock_file(home).unlink):
        harm()
        assert "simulated-clock" in refuse(home, "chip", "list")
        (found,) = [one for one in home("doctor", "--json").document["checks"] if one["name"] == "clock"]
        assert found["status"] == "failed"
        assert "--simulated-clock TIME" in found["detail"]
        home.does("init", "--simulated-clock", "2026-01-07T12:00")
        home.does("chip", "list")
        assert "01-07 12:00" not in home.does("chip", "list"), "what was recorded stays"
    (found,) = [one for one in home("doctor", "--json").document["checks"] if one["name"] == "clock"]
    assert (found["status"], found["detail"]) == ("ok", "Simulated time: 2026-01-07 12:00+01:00")


# ------------------------------------------------------------------------------------------------------------ refusals


def test_what_works_in_real_time_is_refused(home: CommandLine) -> None:
    create_twin(home)
    refused = "measures in real time"
    assert refused in refuse(home, "chip", "create", "real", "--topology", "linear-16", "--backend", "qubex")
    run = ("--flow", "CheckT1", "--qids", "0", "--backend", "qubex")
    assert refused in refuse(home, "calibrate", "t", *run)
    assert refused in refuse(home, "timetable", "add", "nightly", "t", *run, "--cron", "0 1 * * *")
    prefect = home.with_settings(QDASH_RUNNER="prefect")
    assert "starts runs by the real time of its service" in refuse(prefect, "chip", "list")
    assert home.read_json("executions", "list") == []
    assert [one["chip_id"] for one in home.read_json("chip", "list")] == ["t"]


def test_a_wait_in_a_home_with_the_clock_of_the_machine_needs_a_twin_and_hours(qdash: CommandLine) -> None:
    create_twin(qdash)
    for arguments in (("--hours", "1"), ("t", "--until", "2030-01-01")):
        assert "qdash twin wait CHIP --hours H" in refuse(qdash, "twin", "wait", *arguments)
    assert "is not a positive time" in refuse(qdash, "twin", "wait", "t", "--hours", "nan")
    assert "--hours H and --until TIME" in refuse(qdash, "twin", "wait", "t")


# ------------------------------------------------------------------------------------------------------------- backups


@pytest.mark.slow
def test_a_restored_home_goes_on_at_the_time_of_the_backup(qdash: CommandLine, home: CommandLine) -> None:
    create_twin(home)
    home.does("twin", "wait", "--hours", "10")
    home.does("store", "backup", "a.tar")
    restored = home.with_home(qdash.folder / "restored").with_settings(TZ="Europe/Berlin")
    restored.does("store", "restore", "a.tar")
    before, after = (one.read_json("twin", "wait", "--hours", "1")["now"] for one in (home, restored))
    assert before[:19] == after[:19] == "2026-01-06T04:00:00"
    ordinary = qdash.with_home(qdash.folder / "ordinary")
    create_twin(ordinary)
    ordinary.does("store", "backup", "b.tar")
    assert "of a home with the clock of the machine" in refuse(
        restored, "store", "restore", "b.tar", "--force"
    )


def test_a_damaged_clock_is_restored_from_a_backup(home: CommandLine) -> None:
    home.does("store", "backup", "a.tar")
    get_clock_file(home).write_bytes(b"")
    home.does("store", "restore", "a.tar", "--force")
    assert home.read_json("twin", "wait", "--hours", "1")["now"].startswith("2026-01-05T18:00:00")


def test_a_home_without_its_clock_is_not_backed_up(home: CommandLine) -> None:
    get_clock_file(home).unlink()
    assert "has lost its simulated clock" in refuse(home, "store", "backup", "a.tar")
    assert not (home.folder / "a.tar").exists()


# ----------------------------------------------------------------------------------------------------- days that pass


class _Webhook(ThreadingHTTPServer):
    """Receives the messages of notifiers."""

    def __init__(self) -> None:
        received: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.received = received


@pytest.fixture
def webhook() -> Iterator[_Webhook]:
    """A server for the messages of notifiers."""
    with _Webhook() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def list_starts(qdash: CommandLine) -> list[str]:
    """Return the starts of all runs by the clock of Berlin, in order."""
    found = qdash.read_json("executions", "list", "--limit", "100")
    return sorted(one["start_at"][:16] for one in found)


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    "number", [pytest.param(3, marks=pytest.mark.slow), pytest.param(14, marks=pytest.mark.release)]
)
def test_nights_of_a_16_qubit_twin_pass_in_minutes(
    qdash: CommandLine, home: CommandLine, webhook: _Webhook, number: int
) -> None:
    create_twin(home, "guadalupe", "--drift")
    home = home.with_settings(
        QDASH_NOTIFY_WEBHOOK_URL=f"http://127.0.0.1:{webhook.server_port}/", QDASH_NOTIFY_TIMEOUT_S="5"
    )
    home.does("calibrate", "t", "--flow", "bring-up")
    home.does("timetable", "add", "nightly", "t", "--flow", "CheckT1", "--cron", "0 1 * * *")
    home.does("timetable", "add", "morning", "t", "--digest", "--cron", "0 8 * * *")
    other = home.with_home(qdash.folder / "other").with_settings(TZ="Europe/Berlin")
    other.does("init", "--simulated-clock", "2031-06-01T12:00")
    began = time.monotonic()
    with run_host(
        home, command="up", port=free_port()
    ) as found:  # with worker and dashboard in processes of their own
        host = found.set_up()
        wait_until(lambda: "all processes have started: " in host.said.read_text(), what="all run")
        wait_until(lambda: host.get("/workers")["items"], what="the worker lives")
        with home.start("twin", "wait", "--until", f"2026-01-{5 + number:02}T12:00", "--json") as waiting:
            waited, said = waiting.communicate(timeout=_LONGEST_WAIT_S)
        assert waiting.returncode == 0, said
        digest = host.get(f"/chips/t/digest?since=2026-01-{3 + number:02}T18:00")
    took_s = time.monotonic() - began
    steps = json.loads(waited)["steps"]
    nights = [f"2026-01-{day:02}T00:00" for day in range(6, 6 + number)]  # 01:00 in Berlin
    assert list_starts(home)[1:] == nights
    events = [event for step in steps for event in step["events"]]
    assert events.count("timetable nightly: started") == number
    assert events.count("timetable morning: sent") == number
    assert sum(one.endswith(": completed") for one in events) == number
    assert len(webhook.received) >= number
    assert [one["start_at"][:16] for one in digest["runs"]] == nights[-2:]
    assert other.read_json("twin", "wait", "--hours", "1")["now"].startswith("2031-06-01T11:00")
    assert took_s < _LONGEST_WAIT_S, f"{took_s:.0f} s"
