"""The calibration session of the original's quick start, as a flow."""

from prefect import flow, get_run_logger
from prefect.runtime import flow_run

from qdash.workflow.engine import CalibConfig, CalibOrchestrator


@flow
def orchestrator_flow(username: str, chip_id: str):
    get_run_logger().info("this is flow run %s", flow_run.id)
    config = CalibConfig(username=username, chip_id=chip_id, qids=["0", "1"])
    orchestrator = CalibOrchestrator(config)
    orchestrator.initialize()
    orchestrator.run_task("CheckResonatorSpectroscopy", qid="0")
    orchestrator.complete()
