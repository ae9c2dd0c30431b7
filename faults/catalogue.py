"""Catalogue of all faults: action, stores and number of repetitions."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from faults import (
    bad_tasks,
    cancellations,
    claims,
    clocks,
    crowds,
    full_disks,
    host,
    kills,
    migrations,
    outages,
    queues,
)
from faults.laboratory import MONGODB, STORES
from faults.table import Findings

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.laboratory import Place


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is injected into a run.

    Attributes
    ----------
    name, does : str
        Name and description of the fault.
    once : callable
        Injects it once in a place, given the number of the repetition and a random generator.
    times : int
        Number of repetitions.
    stores : tuple of str
        Stores on which it is tested.
    possible : callable
        Returns whether this machine can inject it.
    """

    name: str
    does: str
    once: Callable[[Place, int, Random], Findings]
    times: int
    stores: tuple[str, ...] = STORES
    possible: Callable[[], bool] = lambda: True

    def repeated(
        self, place: Place, times: int, tell: Callable[[int, Findings], None] = lambda _number, _found: None
    ) -> Findings:
        """Inject the fault `times` times with reproducible random numbers; report each repetition to `tell`."""
        rng = Random(f"{self.name} {place.store}")
        together = Findings(times=0)
        for number in range(times):
            try:
                found = self.once(place, number, rng)
            except Exception as error:  # noqa: BLE001  a test that raises is a finding, and the others continue
                found = Findings(other=[f"{type(error).__name__}: {error}"])
            together.take_in(found, times=1)
            tell(number, found)
        return together


FAULTS = {
    fault.name: fault
    for fault in (
        Fault(
            "kill",
            "a bring-up: kill -9 of its process, of the command, or of both, at a random moment (one in four again "
            "during the resume); then `executions resume`",
            kills.kill_run,
            times=50,
        ),
        Fault(
            "kill-full",
            "the same for a `full` of two qubits and their coupling",
            kills.kill_full,
            times=20,
        ),
        Fault(
            "kill-own-flow",
            "a user's flow: kill -9 at a random moment; then the flow is run again with `QDASH_RESUME`",
            kills.kill_own_flow,
            times=6,
        ),
        Fault(
            "kill-worker",
            "two detached runs: kill -9 of the worker, of the process of its run, or of both, at a random moment (one in "
            "four again, then `queue release`); then another worker",
            queues.kill_worker,
            times=12,
        ),
        Fault(
            "kill-waiting",
            f"a bring-up and {queues.WAITING} waiting commands: kill -9 of a waiting one or of the running one, in "
            "turn; the others continue by themselves",
            queues.kill_waiting,
            times=12,
        ),
        Fault(
            "kill-claims",
            "two runs at once on two multiplexers, and three commands that wait for one or both, on two hosts: kill -9 of each "
            "in turn; the others continue by themselves",
            claims.kill_claims,
            times=10,
        ),
        Fault(
            "kill-host",
            f"a host that receives changes and runs and sends events: kill -9 of it, {host.KILLS} times, every other "
            "time also of the worker; the clients repeat their requests",
            host.kill_host,
            times=6,
        ),
        Fault(
            "away",
            f"mongod stopped for {outages.OUTAGE_S:g} s during a run, which continues by itself",
            outages.stop_server_briefly,
            times=3,
            stores=(MONGODB,),
        ),
        Fault(
            "away-for-good",
            "mongod stopped during a run until the run gives up; then mongod is started again and the run resumed",
            outages.stop_server_until_run_ends,
            times=2,
            stores=(MONGODB,),
        ),
        Fault(
            "primary-restart",
            "the primary restarted during a run, by SIGKILL and SIGTERM in turn; the run continues by itself",
            outages.restart_primary,
            times=6,
            stores=(MONGODB,),
        ),
        Fault(
            "crowd",
            f"{crowds.CROWD} processes start a run at once: one runs, the others are refused with the reason",
            crowds.start_together,
            times=2,
        ),
        Fault(
            "numbers",
            "8 processes start 25 executions each at once, on chips of one project: every id occurs once",
            crowds.draw_numbers,
            times=3,
        ),
        Fault(
            "one-qubit",
            "four processes write to one qubit, 100 times each: results, values entered by hand, status",
            crowds.write_to_one_qubit,
            times=3,
        ),
        Fault(
            "migrate",
            "`store migrate` killed at a random moment, three times; then completed, and migrated back",
            migrations.kill_migration,
            times=3,
        ),
        Fault(
            "clock",
            "the clock of the run's host, or of another host, set an hour back or forward between heartbeats: the "
            "other host is refused, and takes over after the run was killed",
            clocks.set_between_heartbeats,
            times=4,
        ),
        Fault(
            "hang",
            "a task beyond its time limit: one that checks `cancelled`, one that sleeps, one that blocks in C",
            bad_tasks.hang,
            times=6,
        ),
        Fault("fail", "a task raises, returns NaN, calls `sys.exit`", bad_tasks.fail, times=6),
        Fault("die", "a task calls `os._exit`; then `executions resume`", bad_tasks.die, times=3),
        Fault("much", "a task returns a gigabyte", bad_tasks.return_much, times=1),
        Fault(
            "no-space",
            "a small file system becomes full during a run; then space is freed, and the run is resumed or repeated",
            full_disks.fill_disk,
            times=6,
            possible=full_disks.can_mount,
        ),
        Fault(
            "file-size",
            "a run reaches a limit on the size of files; then the limit is lifted, and the run is resumed or repeated",
            full_disks.limit_file_size,
            times=6,
        ),
        Fault(
            "cancel",
            "Ctrl-C, SIGTERM, `executions cancel`, and kill -9 followed by it, of tasks that can be stopped",
            cancellations.cancel_while_measuring,
            times=8,
        ),
        Fault(
            "cancel-hanging",
            "the same for tasks that wait, sleep, or block in C, with and without the GIL released",
            cancellations.cancel_while_hanging,
            times=16,
        ),
        Fault(
            "cancel-http",
            "a run of one of two workers cancelled over HTTP at a random moment; two of three times kill -9 of that "
            f"worker and all its child processes, up to {cancellations.AROUND_S:g} s before or after",
            cancellations.cancel_over_http,
            times=50,
        ),
    )
}
