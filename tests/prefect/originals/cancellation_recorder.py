"""A flow of the original that records the exceptions on its cancellation."""

from pathlib import Path

from prefect import flow
from prefect.exceptions import TerminationSignal

from qdash.workflow.service import CalibService, on_flow_cancellation
from qdash.workflow.service.steps import BringUp
from qdash.workflow.service.targets import QubitTargets


def note(flow, flow_run, state):
    with Path(flow_run.parameters["notes"]).open("a") as notes:
        notes.write(f"hook {state.name} {flow_run.id}\n")


@flow(on_cancellation=[on_flow_cancellation, note])
def cancellation_recorder(username: str, chip_id: str, notes: str):
    cal = CalibService(username, chip_id)
    try:
        cal.run(QubitTargets(list("0123456")), [BringUp()])
        cal.finish_calibration()
    except TerminationSignal:
        Path(notes).write_text("raised TerminationSignal\n")
        cal.cancel_calibration()
        raise
