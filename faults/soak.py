"""Simulated days of a laboratory under faults: `python -m faults.soak --days 14`.

A home with a simulated clock, two workers, a host and two dashboards calibrates a drifting twin by timetables, which also remove
old raw data and make backups, while users read and write. Every other day has a fault. The table has a row for each day.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import httpx
import psutil
from playwright.sync_api import sync_playwright

from faults.commands import wait_until
from faults.host import free_port
from faults.laboratory import PROJECT, SQLITE, STORES, Laboratory, Place, place
from faults.record import examine
from qdash_builtin.people.feature import TOKENS
from qdash_builtin.record_lookup.newest_executions import list_newest
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.token import TokenScope
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.used_names import TagRepository
from qdash_core.runs.performing_process import PERFORMING_MODULE

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.commands import Command
    from qdash_core.runtime.application import QDash

START = datetime(2026, 1, 5, 18, tzinfo=UTC)
PER_DAY = 1 + 4 + 1 + 1
"""Occurrences of all timetables in a day."""
OUTCOMES = {f"timetable.{one}" for one in ("started", "pruned", "saved", "skipped", "missed", "failed")}
OUTAGE_S = 10.0
ROLES = {PERFORMING_MODULE: "runs", "up": "all", "api": "host", "worker": "workers", "ui": "dashboards"}
"""Roles of processes, by a word of their command lines."""
READS = ("/chips/bench", "/metrics/chips/bench", "/executions", "/task-results", "/timetables", "/queue")


@dataclass
class Users:
    """Requests to a host, five a second: reads, and tags, which must not be lost once acknowledged."""

    address: str
    token: str
    taken_ms: list[float] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    unanswered: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        """Send requests until the end."""
        number, headers = 0, {"authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=self.address, headers=headers, timeout=60.0) as client:
            while not self.over.wait(0.2):
                number += 1
                began, tag = time.perf_counter(), f"soak-{number}"
                try:
                    if number % 10:
                        answer = client.get(READS[number % len(READS)])
                    else:
                        answer = client.post("/tags", json={"name": tag})
                except httpx.HTTPError:
                    self.unanswered += 1
                    continue
                self.taken_ms.append((time.perf_counter() - began) * 1e3)
                self.unanswered += answer.is_error
                self.tags += [tag] if answer.is_success and answer.request.method == "POST" else []


@dataclass
class Soak:
    """A laboratory, and the commands that run all the time, by their arguments; `stack` ends them."""

    here: Place
    laboratory: Laboratory
    qdash: QDash
    stack: ExitStack
    commands: dict[tuple[str, ...], Command | None]

    def keep_alive(self) -> None:
        """Start the commands that do not run, as systemd would."""
        for arguments, command in self.commands.items():
            if command is None or not command.running:
                self.commands[arguments] = self.stack.enter_context(self.laboratory.start(*arguments))

    def list_role(self, role: str) -> list[psutil.Process]:
        """Return the processes of a role."""
        found = []
        for command in filter(None, self.commands.values()):
            for process in [psutil.Process(command.pid), *command.others()] if command.running else []:
                with suppress(psutil.Error):
                    words = process.cmdline()
                    if next((name for mark, name in ROLES.items() if mark in words), "") == role:
                        found.append(process)
        return found

    def count(self) -> int:
        """Return the number of handled occurrences of timetables."""
        events = self.qdash.repositories.of(EventRepository).list_since(PROJECT, 0, limit=10_000_000)
        return sum(event.kind in OUTCOMES for event in events)

    def measure(self) -> dict[str, object]:
        """Return memory, files and connections of the processes, and the sizes of what is stored."""
        found = {role: self.list_role(role) for role in ("host", "workers", "dashboards")}
        sizes = {role: sum(one.memory_info().rss for one in those) for role, those in found.items()}
        sizes["store"] = size_of(
            self.here.server.folder if self.here.server else self.here.folder / "soak.db"
        )
        sizes |= {folder: size_of(self.laboratory.home / folder) for folder in ("artifacts", "backups")}
        processes = [one for those in found.values() for one in those]
        return {
            **{f"{name} MB": round(size / 1e6) for name, size in sizes.items()},
            "files": sum(one.num_fds() for one in processes),
            "connections": sum(len(one.net_connections()) for one in processes),
        }

    def kill(self, *roles: str) -> None:
        """Kill the processes of some roles."""
        for process in [process for role in roles for process in self.list_role(role)]:
            with suppress(psutil.Error):
                process.kill()

    def fill_disk(self) -> None:
        """Let workers and runs write no file beyond some kB, for a while."""
        for limit, pause_s in ((4096, OUTAGE_S), (psutil.RLIM_INFINITY, 0.0)):
            for process in [*self.list_role("workers"), *self.list_role("runs")]:
                with suppress(psutil.Error):
                    process.rlimit(psutil.RLIMIT_FSIZE, (limit, psutil.RLIM_INFINITY))
            time.sleep(pause_s)

    def stop_store(self) -> None:
        """Stop the database server, or lock the SQLite file, for a while."""
        if self.here.server is not None:
            self.here.server.stop()
            time.sleep(OUTAGE_S)
            self.here.server.start()
            return
        with closing(sqlite3.connect(self.here.folder / "soak.db", isolation_level=None)) as connection:
            connection.execute("PRAGMA busy_timeout = 60000")
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(OUTAGE_S)

    def faults(self) -> dict[str, Callable[[], None]]:
        """Return the faults by name, in the order of their days."""
        return {
            "runs killed": lambda: self.kill("runs"),
            "workers killed": lambda: self.kill("workers"),
            "host killed": lambda: self.kill("host"),
            "disk full": self.fill_disk,
            "database away": self.stop_store,
            "all killed": lambda: self.kill(*ROLES.values()),
        }

    def pass_day(self, users: Users, day: int) -> dict[str, object]:
        """Let a day pass, every other one with a fault while a run measures, and return its row."""
        began, before = time.monotonic(), self.count()
        users.taken_ms, users.unanswered = [], 0
        name, do = [*self.faults().items()][day // 2 % len(self.faults())] if day % 2 else ("", None)
        until = START + timedelta(days=day + 1)
        while self.qdash.clock.now() < until:
            before_it = do
            with self.laboratory.start("twin", "wait", "--until", f"{until:%Y-%m-%dT%H:%M}") as waiting:
                while waiting.running:
                    self.keep_alive()
                    time.sleep(2.0)
                    if do is not None and self.list_role("runs"):
                        do()
                        do = None
                if waiting.ended() and do is before_it:  # only a fault may end it: a user repeats it then
                    raise RuntimeError(f"the day did not pass: {waiting.err}")
        times = sorted(users.taken_ms)
        return {
            "day": day + 1,
            "fault": name if do is None else f"no {name}",
            "occurrences": self.count() - before,
            **self.measure(),
            "requests": len(times),
            "unanswered": users.unanswered,
            **{f"p{n} ms": round(times[n * (len(times) - 1) // 100]) for n in (50, 99)},
            "minutes": round((time.monotonic() - began) / 60, 1),
        }

    def find_problems(self, users: Users, occurrences: int) -> list[str]:
        """Return what was lost, repeated or left in a wrong state."""
        found, repositories = examine(self.laboratory), self.qdash.repositories
        tags = {tag.name for tag in repositories.of(TagRepository).list_by_project(PROJECT)}
        found.lost += [f"tag {name} is not there" for name in users.tags if name not in tags]
        handled = self.count()
        found.expect(handled == occurrences, f"{handled} of {occurrences} occurrences were handled")
        for one in list_newest(repositories, PROJECT):
            completed = one.status is ExecutionStatus.COMPLETED
            found.expect(completed, f"{one.execution_id} {one.name} is {one.status}: {one.message}")
        return found.problems


def size_of(path: Path) -> int:
    """Return the size of a file, or of all files in a folder, in bytes."""
    return sum(one.stat().st_size for one in (path.rglob("*") if path.is_dir() else [path]) if one.is_file())


def prepare(folder: Path, store_url: str, device: str) -> Laboratory:
    """Return a laboratory with a calibrated twin and the timetables."""
    laboratory = Laboratory(folder / "home", store_url, {"TZ": "UTC"})
    laboratory.does("init", "--simulated-clock", f"{START:%Y-%m-%dT%H:%M}")
    laboratory.does("twin", "create", "bench", "--device", device, "--drift")
    laboratory.does("calibrate", "bench", "--flow", "bring-up")
    (backups := laboratory.home / "backups").mkdir()
    timetables = {
        "nightly": ("bench", "--flow", "check", "--cron", "0 1 * * *"),
        "relaxation": ("bench", "--flow", "CheckT1", "--cron", "30 */6 * * *"),
        "old": ("--keep", "raw=3d", "--cron", "0 3 * * *"),
        "saved": ("--backup", str(backups), "--keep", "3", "--cron", "0 4 * * *"),
    }
    for name, arguments in timetables.items():
        laboratory.does("timetable", "add", name, *arguments)
    return laboratory


def pass_days(here: Place, device: str, days: int) -> list[str]:
    """Let the days pass, print the table, and return the problems."""
    with ExitStack() as stack:
        laboratory = prepare(here.folder, here.url(here.folder, "soak"), device)
        qdash = stack.enter_context(laboratory.opened())
        token, _ = qdash.get(TOKENS).create("admin", "soak", scope=TokenScope.WRITE)
        ports = [str(free_port()) for _ in range(3)]
        users = Users(f"http://127.0.0.1:{ports[0]}", token)
        up = ("up", "--port", ports[0], "--ui-port", ports[1])
        commands = dict.fromkeys([up, ("worker",), ("ui", "--port", ports[2])])
        soak = Soak(here, laboratory.with_settings(QDASH_API_URL=users.address), qdash, stack, commands)
        soak.keep_alive()
        wait_until(lambda: len(soak.list_role("workers")) > 1, what="two workers")
        asking = threading.Thread(target=users.ask)
        asking.start()
        stack.callback(users.over.set)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        for address in (f"http://127.0.0.1:{port}" for port in ports[1:]):
            page = browser.new_page()  # it stays open
            page.context.add_cookies([{"name": "qdash_session", "value": token, "url": address}])
            page.goto(address)
        for day in range(days):
            row = soak.pass_day(users, day)
            if day == 0:
                print(f"| {' | '.join(row)} |", "|---" * len(row) + "|", sep="\n")
            print(f"| {' | '.join(map(str, row.values()))} |", flush=True)
        users.over.set()
        asking.join()
        return soak.find_problems(users, days * PER_DAY)


def main() -> int:
    """Let the days pass; return 1 if anything was lost, repeated or left in a wrong state."""
    parser = argparse.ArgumentParser(prog="python -m faults.soak", description=__doc__)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--device", default="square-lattice-mux-64", help="of the twin")
    parser.add_argument("--store", choices=STORES, default=SQLITE)
    parser.add_argument("--folder", type=Path, help="for the temporary home")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="soak-", dir=arguments.folder) as folder,
        place(arguments.store, Path(folder)) as here,
    ):
        problems = pass_days(here, arguments.device, arguments.days)
    print(*problems or ["nothing was lost, repeated or left in a wrong state"], sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
