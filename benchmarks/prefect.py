"""Overhead of Prefect: `python -m benchmarks.prefect` starts and stops its own Prefect server and workers.

Each run of null tasks by the local runner and by Prefect alternates with one in a process that performs it
itself, so that the speed of the machine cancels. The time to the first task is compared with Prefect's own
hello world.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.hello_world import prefects_worker, seconds_to_hello
from benchmarks.null_plugin import installed
from benchmarks.null_runs import USER, by_a_worker, by_itself, laboratory, submitted, worker
from benchmarks.servers import memory_mb
from benchmarks.table import Row, as_markdown, spread
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.runs.performing_process import PERFORMING_MODULE
from qdash_prefect.client import PrefectClient
from qdash_prefect.server import PrefectServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.runtime.application import QDash

TABLE = Path(__file__).with_name("prefect.md")
_LOOK_S = 0.1
_AS_OURS = {"PREFECT_WORKER_QUERY_SECONDS": "0.5", "PREFECT_WORKER_PREFETCH_SECONDS": "0"}
"""Polling of the worker for the hello world: as often as that of QDash, instead of every 10 s."""
_PARTS = {
    "Prefect's server": "prefect server start",
    "`qdash worker`": "qdash worker",
    "Prefect's worker below it": "qdash_prefect.pool_worker",
    "what that starts for a run": "qdash_prefect/relay.py",
    "process of a run": PERFORMING_MODULE,
}

_QUICK = {"tasks": 50, "runs": 2}
_FULL = {"tasks": 500, "runs": 7}
_PAGE = """\
# What Prefect costs

`python -m benchmarks.prefect` on {when}: Prefect 3.8 on SQLite, server and worker on the same cores as the runs. {tasks} null tasks, {runs}
runs of each kind. Their time goes from the start of the first task to the end of the run, as the record says it: the start of
processes is not in it, and has a row of its own. A ratio is to what is above it, done in turn with it. The hello world is a flow that
Prefect starts in its own way, by a worker of a process pool that asks as often as that of QDash.

{table}"""


def rows(folder: Path, *, tasks: int, runs: int) -> Iterator[Row]:
    """Measure `runs` runs of each kind, with `tasks` null tasks each."""
    chip = f"linear-{tasks}"
    found = {"PYTHONPATH": installed(folder / "site")}
    here = partial(by_itself, folder / "here", chip, found)
    measured = partial(_in_turn, chip=chip, here=here, runs=runs, what=f"{tasks} null tasks")
    with laboratory(folder / "here", chip), laboratory(folder / "away", chip) as qdash:
        with worker(folder / "away", found):
            yield from measured(qdash, by="the local runner")
        with PrefectServer(folder / "prefect") as server, PrefectClient(server.settings) as client:
            on_prefect = {**found, **server.environment, "QDASH_RUNNER": "prefect"}
            with worker(folder / "away", on_prefect):
                yield from measured(qdash, by="Prefect")
                yield from _memory(qdash, chip)
                at_server = {**server.environment, **_AS_OURS}
                with prefects_worker(folder / "hello", client, at_server) as deployment:
                    hello = partial(seconds_to_hello, folder / "hello", client, deployment)
                    yield from _starts(qdash, chip, hello, runs)
            with worker(folder / "away", {**on_prefect, "QDASH_PREFECT_TASK_RUNNER": "true"}):
                yield from measured(qdash, by="Prefect with `task_runner`")


def _in_turn(
    qdash: QDash, *, chip: str, here: Callable[[], float], runs: int, what: str, by: str
) -> Iterator[Row]:
    """Time runs by a worker, each after one that its own process performs."""
    by_a_worker(qdash, chip)  # waits for the start of the worker
    alone, away = [], []
    for _ in range(runs):
        alone.append(here())
        away.append(by_a_worker(qdash, chip))
    yield Row(f"{what} in the process that asks, in turn with {by}", "s", *spread(alone))
    yield Row(f"{what} by {by}", "s", *spread([one.tasks for one in away]), against=alone)
    yield Row(f"from submit to the first of them, by {by}", "s", *spread([one.start for one in away]))


def _starts(qdash: QDash, chip: str, hello: Callable[[], float], runs: int) -> Iterator[Row]:
    """Time the start up to the first task, in turn with that of Prefect's hello world up to its first line."""
    hellos, ours = [], []
    for _ in range(runs):
        hellos.append(hello())
        ours.append(by_a_worker(qdash, chip).start)
    yield Row("from asking for Prefect's own hello world to its first line", "s", *spread(hellos))
    yield Row(
        "from submit to the first task by Prefect, in turn with these", "s", *spread(ours), against=hellos
    )


def _memory(qdash: QDash, chip: str) -> Iterator[Row]:
    """Measure the peak memory of the processes during a run."""
    execution_id = submitted(qdash, chip).execution_id
    most = dict.fromkeys(_PARTS, 0.0)
    while qdash.get(EXECUTIONS).show(qdash.access(USER), execution_id)[0].end_at is None:
        for process in psutil.Process().children(recursive=True):
            for part, words in _PARTS.items():
                if words in _command_of(process):
                    most[part] = max(most[part], memory_mb(process))
        time.sleep(_LOOK_S)
    for part, memory in most.items():
        yield Row(f"memory of {part}", "MB", memory, memory, memory)


def _command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def main() -> None:
    """Run the benchmark, print the table, and store it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prefect", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few and short runs, and nothing is stored")
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk that is to be measured")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.folder, prefix=".benchmark-") as name:
        table = as_markdown(_told(rows(Path(name), **(_QUICK if given.quick else _FULL))))
    print(table)
    if not given.quick:
        TABLE.write_text(_PAGE.format(when=_where_and_when(), table=table, **_FULL), "utf-8")


def _told(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        print(as_markdown([row]).splitlines()[-1], file=sys.stderr)
        yield row


def _where_and_when() -> str:
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return f"{psutil.cpu_count()} cores ({system}, {datetime.now(UTC).date()})"


if __name__ == "__main__":
    main()
