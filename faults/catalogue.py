"""Catalogue of all faults: action, stores and number of repetitions."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from faults import (
    bad_tasks,
    cancellations,
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
            "a bring-up: kill -9 of its process, of the command, or of both, at a random moment (one in four "
            "again while it is resumed); then `executions resume`",
            kills.kill_anything,
            times=50,
        ),
        Fault(
            "kill-full",
            "the same of a `full` of two qubits and the coupling between them",
            kills.kill_full,
            times=20,
        ),
        Fault(
            "kill-own-flow",
            "a flow of somebody's own: kill -9 at a random moment; then the same again with `QDASH_RESUME`",
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
            f"a bring-up and {queues.WAITING} commands that wait for it: kill -9 of one that waits, or of the one that "
            "runs, in turn; the others go on by themselves",
            queues.kill_waiting,
            times=12,
        ),
        Fault(
            "kill-host",
            f"a host that is asked for changes and runs and tells events: kill -9 of it, {host.KILLS} times, every other "
            "time of the worker too; the callers ask again",
            host.kill_host,
            times=6,
        ),
        Fault(
            "away",
            f"mongod stopped for {outages.AWAY_S:g} s in mid-run; the run goes on by itself",
            outages.away_for_a_while,
            times=3,
            stores=(MONGODB,),
        ),
        Fault(
            "away-for-good",
            "mongod stopped in mid-run until the run gives up; then started again and resumed",
            outages.away_for_good,
            times=2,
            stores=(MONGODB,),
        ),
        Fault(
            "primary-restart",
            "the primary restarted in mid-run, by SIGKILL and SIGTERM in turn; the run goes on by itself",
            outages.restarted,
            times=6,
            stores=(MONGODB,),
        ),
        Fault(
            "crowd",
            f"{crowds.CROWD} processes start a run at once: one runs, the others are told why",
            crowds.start_together,
            times=2,
        ),
        Fault(
            "numbers",
            "8 processes begin 25 sessions each at once, on chips of one project: every id once",
            crowds.draw_numbers,
            times=3,
        ),
        Fault(
            "one-qubit",
            "four processes write to one qubit, 100 times each: results, values by hand, status",
            crowds.write_to_one_qubit,
            times=3,
        ),
        Fault(
            "migrate",
            "`store migrate` killed at a random moment, three times; then run to its end, and back",
            migrations.killed,
            times=3,
        ),
        Fault(
            "clock",
            "the clock of the run's host, or of another host, set an hour back or on between heartbeats: the other "
            "host is refused, and takes over once the run is killed",
            clocks.set_between_heartbeats,
            times=4,
        ),
        Fault(
            "hang",
            "a task beyond its time: one that looks whether it is to stop, one that sleeps, one deaf in C",
            bad_tasks.hang,
            times=6,
        ),
        Fault("fail", "a task raises, returns NaN, calls `sys.exit`", bad_tasks.fail, times=6),
        Fault("die", "a task calls `os._exit`; then `executions resume`", bad_tasks.die, times=3),
        Fault("much", "a task returns a gigabyte", bad_tasks.return_much, times=1),
        Fault(
            "no-space",
            "a small file system becomes full in mid-run; then there is room, and it is resumed or run again",
            full_disks.no_space,
            times=6,
            possible=full_disks.can_mount,
        ),
        Fault(
            "file-size",
            "a limit to the size of files is met in mid-run; then it is lifted, and it is resumed or run again",
            full_disks.too_large,
            times=6,
        ),
        Fault(
            "cancel",
            "Ctrl-C, SIGTERM, `executions cancel`, and kill -9 followed by it, of tasks that let themselves be stopped",
            cancellations.while_it_measures,
            times=8,
        ),
        Fault(
            "cancel-hanging",
            "the same of tasks that wait, sleep, or hear nothing in C, with and without room for other threads",
            cancellations.while_it_hangs,
            times=16,
        ),
        Fault(
            "cancel-http",
            "a run of one of two workers cancelled over HTTP at a random moment; two of three times kill -9 of that "
            f"worker and all that it started, up to {cancellations.AROUND_S:g} s before or after",
            cancellations.by_http,
            times=50,
        ),
    )
}
