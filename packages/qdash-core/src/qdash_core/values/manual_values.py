"""Values that users set by hand: checks, and the result that records them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import CouplingModel, ParameterModel
from qdash_core.models.targets import get_control_qubit
from qdash_core.models.task import TaskResultModel, TaskStatus, Verdict
from qdash_core.similar_names import suggest
from qdash_core.values.gate import admit, state_units

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, QubitModel
    from qdash_core.models.estimates import Parameter
    from qdash_core.values.gate import ValueDefinition

MANUAL_TASK = "SetValues"
"""Task name of the results that record values set by hand."""


def check_values(
    values: Mapping[str, Parameter], definitions: Mapping[str, ValueDefinition], kind: str
) -> dict[str, ParameterModel]:
    """Check values set by hand, and return them as stored values without an origin; raise InvalidInputError if one is invalid."""
    if not values:
        raise InvalidInputError("give at least one value, as in t1=45.2±0.8")
    for name in values:  # names before units, units before ranges
        if name not in definitions:
            raise InvalidInputError(
                f"a {kind} has no parameter {name!r}"
                f"{suggest(name, definitions, otherwise='; `qdash task list` lists the tasks and their outputs')}"
            )
    return {
        name: _make_model(value, definitions[name])
        for name, value in admit_values(values, definitions).items()
    }


def admit_values(
    values: Mapping[str, Parameter], definitions: Mapping[str, ValueDefinition]
) -> dict[str, Parameter]:
    """Return declared values in their units; an empty unit stands for the declared one. Units are checked before ranges.

    Raises
    ------
    InvalidInputError
        If a value does not pass `values.gate.admit`.
    """
    stated = state_units(values, definitions)
    return {name: admit(name, value, definitions[name]) for name, value in stated.items()}


def _make_model(value: Parameter, declared: ValueDefinition) -> ParameterModel:
    return ParameterModel(
        value=value.value,
        value_type="int" if isinstance(value.value, int) else "float",
        error=value.error,
        unit=value.unit,
        description=declared.description,
    )


def make_manual_result(
    access: Access,
    header: ChipModel,
    target: QubitModel | CouplingModel,
    models: Mapping[str, ParameterModel],
    reason: str,
    *,
    now: datetime,
) -> TaskResultModel:
    task_id = str(uuid.uuid4())
    control = get_control_qubit(target) if isinstance(target, CouplingModel) else None
    return TaskResultModel(
        project_id=access.project_id,
        username=access.username,
        chip_id=header.chip_id,
        execution_id="",
        task_id=task_id,
        name=MANUAL_TASK,
        task_type="coupling" if control is not None else "qubit",
        qid=target.qid,
        control=control,
        status=TaskStatus.COMPLETED,
        message=reason,
        verdict=Verdict.ACCEPTED,
        reasons=[reason],
        output_parameters={
            name: model.model_copy(update={"calibrated_at": now, "task_id": task_id})
            for name, model in models.items()
        },
        output_parameter_names=[*models],
        measurement_complete=False,
        cooldown_id=header.current_cooldown_id,
        start_at=now,
        end_at=now,
        created_at=now,
        updated_at=now,
    )
