"""Names of the original that do not exist here, with the alternatives."""

from __future__ import annotations

_SERVICE = "qdash.workflow.service"
_VALUES = "CalibService.get_parameter and set_parameter read and set values; `qdash_core.open_qdash()` opens the services"
_STEP = "run a step, such as CustomOneQubit(tasks=[..], mode=..), or CalibService.execute_task within a step of your own"

ALTERNATIVES = {
    f"{_SERVICE}._internal": f"private in the original: {_STEP}",
    f"{_SERVICE}._internal.session_helpers": f"private in the original: import init_calibration, get_session and finish_calibration from {_SERVICE}.calib_service",
    f"{_SERVICE}.one_qubit_stage_runner": f"private in the original: {_STEP}",
    f"{_SERVICE}.agent_candidate_apply_flow": "`qdash values set` sets values, with a reason, and `qdash values undo` takes them back",
    "qdash.workflow.templates": "copy the template into a file of your own, or use a flow of `qdash flow list`",
    "qdash.workflow.worker": "`qdash worker` performs runs; on Prefect `QDASH_RUNNER=prefect`",
    "qdash.workflow.deployment": "every worker of `QDASH_RUNNER=prefect` deploys the saved flows",
    "qdash.workflow.engine": "CalibOrchestrator and the classes of docs/porting-from-qubex.md are there",
    "qdash.workflow.calibtasks": "a plugin provides tasks: docs/plugins/tasks.md",
    "qdash.repository": f"no private repository of the original exists here: {_VALUES}",
    "qdash.dbmodel": f"flows do not read the database: {_VALUES}",
    "qdash.dbmodel.initialize": "the store opens itself: omit the call",
    "qdash.common": "settings come from `QDASH_*` variables and qdash.toml: docs/operator.md",
    "qdash.common.utils.datetime": "datetime.now(UTC) of Python",
    "qdash.config": "settings come from `QDASH_*` variables and qdash.toml: docs/operator.md",
    "qdash.datamodel": "the stored models of `qdash docs data model` are there",
    "qdash.api": "the host's routes, docs/http.md, or the package qdash_remote",
    "qdash.client": "the package qdash_remote",
}
"""Alternative by module or name. It holds for everything below, unless a longer name has its own."""


def find_alternative(name: str) -> str | None:
    """Return the alternative to a dotted name that does not exist here, or None."""
    parts = name.split(".")
    heads = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((ALTERNATIVES[head] for head in heads if head in ALTERNATIVES), None)
