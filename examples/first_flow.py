"""A first flow: three tasks on one qubit, each using the values of the one before.

Make the chip once, then run this file:

    qdash twin create 64Qv3 --device brooklyn
    python first_flow.py
"""

from qdash.workflow.engine import CalibConfig, CalibOrchestrator

config = CalibConfig(
    username="alice", chip_id="64Qv3", qids=["0", "1"], backend_name="fake", name="first-flow"
)

orchestrator = CalibOrchestrator(config)
orchestrator.initialize()
try:
    for name in ("CheckResonatorSpectroscopy", "CheckQubitSpectroscopy", "CheckRabi"):
        result = orchestrator.run_task(name, qid="0")
        print(f"{name}: {result.status} {result.message}".rstrip())
        for parameter, found in result.output_parameters.items():
            print(f"  {parameter} = {found.value:.7g} +- {found.error} {found.unit}")
except BaseException as error:
    orchestrator.fail(str(error) or type(error).__name__)
    raise
execution = orchestrator.complete()
print(f"{execution.execution_id} {execution.status}")
