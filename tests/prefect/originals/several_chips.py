"""A flow over several chips: workers perform other flows beside it."""

from prefect import flow
from prefect.deployments import run_deployment

from qdash.workflow.service import CalibService
from qdash.workflow.service.steps import CustomOneQubit
from qdash.workflow.service.targets import QubitTargets


@flow
def several_chips(username: str, chip_id: str, others: list[str], deployment: str):
    begun = [run_deployment(deployment, parameters={"chip_id": other}, timeout=0) for other in others]
    cal = CalibService(username, chip_id)
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["CheckResonatorSpectroscopy"])])
    cal.finish_calibration()
    return [one.id for one in begun]
