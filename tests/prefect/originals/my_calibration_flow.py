"""The flow of the original's quick start, completed."""

from prefect import flow

from qdash.workflow.service.calib_service import CalibService, on_flow_cancellation
from qdash.workflow.service.steps import CustomOneQubit
from qdash.workflow.service.targets import QubitTargets


@flow(on_cancellation=[on_flow_cancellation])
def my_calibration_flow(
    username: str,
    chip_id: str,
    project_id: str | None = None,
    flow_name: str | None = None,
    qids: list[str] | None = None,
    tasks: list[str] | None = None,
):
    cal = CalibService(username, chip_id, project_id=project_id, flow_name=flow_name)
    try:
        steps = [CustomOneQubit(tasks or ["CheckResonatorSpectroscopy", "CheckQubitSpectroscopy"])]
        cal.run(QubitTargets(qids or ["0"]), steps)
        cal.finish_calibration()
    except BaseException as e:
        from qdash.workflow.service.calib_service import _is_cancellation

        if _is_cancellation(e):
            cal.cancel_calibration()
        else:
            cal.fail_calibration(str(e))
        raise
