"""Command `qdash worker`: perform background runs."""

from __future__ import annotations

import threading
from functools import partial
from pkgutil import resolve_name
from typing import TYPE_CHECKING

import click

from qdash_builtin.runs.feature import RUNS
from qdash_cli.app import ServerCommand
from qdash_cli.rendering.output import print_message

if TYPE_CHECKING:
    from types import FrameType

    from qdash_core.runs.background_work import BackgroundWork


_ACTIVITIES_S = 10.0
"""Time for background work that are in progress when the worker ends, in seconds."""


@click.command(cls=ServerCommand)
@click.option(
    "--max-runs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Largest number of parallel runs; default: one for each processor, at least four.",
)
def worker(max_runs: int | None) -> None:
    """Perform background runs: detached runs, and runs of timetables and of the host.

    A worker also does everything else that timetables do.

    Any number of workers may run, on any machine that reaches the store. After Ctrl-C or SIGTERM, current runs are
    recorded as interrupted; the next worker resumes them first.
    """
    from qdash_builtin.runs.worker import Worker, get_default_max_runs
    from qdash_core.errors import InvalidInputError
    from qdash_core.process.interrupts import handle_ending_signals
    from qdash_core.process.process_start import announce_ready, limit_memory_arenas
    from qdash_core.runtime.application import open_qdash

    limit_memory_arenas()  # each run and each activity of a timetable has a thread of its own
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    report = partial(print_message, err=True)

    def begin() -> None:
        report("waiting for runs; Ctrl-C ends the worker")
        announce_ready()

    with open_qdash() as qdash:
        if not qdash.store.shared:
            raise InvalidInputError(
                "workers cannot use a store in memory; set QDASH_STORE_URL to another store"
            )
        background: list[BackgroundWork] = [
            resolve_name(place)(qdash) for _, place in qdash.registry.list_named("background_work")
        ]
        with handle_ending_signals(stop):
            Worker(
                qdash,
                qdash.get(RUNS),
                max_runs=max_runs or get_default_max_runs(),
                notify=report,
                start_due=lambda: [one.handle_due() for one in background],
            ).work(stopped, started=begin)
            for one in background:
                one.wait_for_activities(_ACTIVITIES_S)
    report("the worker has ended")
