"""A user's own program with Prefect flows that calibrate, started in one of the ways that Prefect offers.

`python -m tests.prefect.called_flows_program FILE FLOW WAY [POOL]`, as a module with a file for progress, which it does not use.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from prefect import flow
from prefect.exceptions import TerminationSignal

from qdash.workflow.service.calib_service import CalibService, on_flow_cancellation
from qdash.workflow.service.steps import BringUp, CustomOneQubit
from qdash.workflow.service.targets import QubitTargets

QIDS = list("0123456")


@flow
def unguarded(chip_id: str = "bench"):
    """Calibrate as a flow that handles no cancellation."""
    cal = CalibService("admin", chip_id)
    cal.run(QubitTargets(QIDS), [BringUp()])
    cal.finish_calibration()


@flow(on_cancellation=[on_flow_cancellation])
def guarded(chip_id: str = "bench"):
    """Calibrate as a flow of the original, which ends the execution when it is cancelled."""
    cal = CalibService("admin", chip_id)
    try:
        cal.run(QubitTargets(QIDS), [BringUp()])
        cal.finish_calibration()
    except BaseException as error:
        if CalibService._is_cancellation(error):
            cal.cancel_calibration()
        raise


@flow
def returning(chip_id: str = "bench"):
    """Calibrate, and return as if nothing had happened after a cancellation."""
    cal = CalibService("admin", chip_id)
    try:
        cal.run(QubitTargets(QIDS), [BringUp()])
    except TerminationSignal:
        cal.cancel_calibration()


@flow
def resting(chip_id: str = "bench"):
    """Measure one qubit, and do something else before the next one."""
    cal = CalibService("admin", chip_id, QIDS)
    cal.execute_task("CheckResonatorSpectroscopy", QIDS[0])
    time.sleep(600)


@flow
def brief(chip_id: str = "bench"):
    """Measure one qubit once."""
    cal = CalibService("admin", chip_id)
    cal.run(QubitTargets(QIDS[:1]), [CustomOneQubit(tasks=["CheckResonatorSpectroscopy"])])
    cal.finish_calibration()


@flow
def calling():
    """Call another flow."""
    unguarded()


@flow
def catching():
    """Call another flow, and go on after its cancellation."""
    try:
        unguarded()
    except TerminationSignal:
        sys.stdout.write("goes on\n")


def work(name: str, pool: str) -> None:
    """Deploy a flow and become a worker of Prefect."""
    source = flow.from_source(source=str(Path(__file__).parents[2]), entrypoint=f"{__file__}:{name}")
    source.deploy(name="deployed", work_pool_name=pool)
    worker = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool, "--type", "process"]
    subprocess.run(worker, env={**os.environ, "PREFECT_WORKER_QUERY_SECONDS": "1"}, check=True)


def main() -> None:
    """Start the flow that the arguments name."""
    name, way, *pool = sys.argv[2:]
    if way == "serve":
        globals()[name].serve(name="deployed")
    elif way == "work":
        work(name, *pool)
    else:
        globals()[name]()
        sys.stdout.write("the program goes on\n")


if __name__ == "__main__":
    main()
