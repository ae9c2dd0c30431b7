"""Values that users set by hand: their checks, and the result that records them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Protocol

from qdash_builtin.values.far_values import add_units, find_far_values
from qdash_core.errors import InvalidInputError, UnconfirmedError
from qdash_core.models.chip import CouplingModel, ParameterModel
from qdash_core.models.estimates import Parameter
from qdash_core.models.targets import get_control_qubit
from qdash_core.models.task import TaskResultModel, TaskStatus, Verdict
from qdash_core.parsing.similar_names import suggest
from qdash_core.values.gate import ValueDefinition
from qdash_core.values.manual_values import MANUAL_TASK, admit_values
from qdash_core.values.plausible_changes import ChangeDeclaration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, QubitModel


class ManualDefinition(ValueDefinition, ChangeDeclaration, Protocol):
    """Declared parameter with its limits and its plausible change."""


def check_values(
    values: Mapping[str, Parameter], definitions: Mapping[str, ValueDefinition], kind: str
) -> dict[str, ParameterModel]:
    """Check values set by hand, and return them as stored values without an origin; raise InvalidInputError with all that are invalid."""
    if not values:
        raise InvalidInputError("give at least one value, as in t1=45.2±0.8")
    unknown = [
        f"a {kind} has no parameter {name!r}"
        f"{suggest(name, definitions, otherwise='; `qdash task list` lists the tasks and their outputs')}"
        for name in values
        if name not in definitions
    ]
    known = {name: value for name, value in values.items() if name in definitions}
    admitted = admit_values(known, definitions, unknown)
    return {name: _make_model(value, definitions[name]) for name, value in admitted.items()}


def require_confirmation(
    models: Mapping[str, ParameterModel],
    target: QubitModel | CouplingModel,
    definitions: Mapping[str, ManualDefinition],
    reason: str,
    *,
    design_units: Mapping[str, str],
    confirmed: bool,
) -> str:
    """Return the reason, with the far values that the user has confirmed; raise UnconfirmedError if one is not confirmed."""
    values = {name: Parameter(one.value, one.error, one.unit) for name, one in models.items()}
    design = add_units(target.design, design_units)
    far = "; ".join(find_far_values(values, target.data, design, definitions))
    if not far:
        return reason
    if not confirmed:
        raise UnconfirmedError(
            f'{far}: check the number and its unit, and confirm it if it is right (`--yes`, over HTTP `"confirmed": true`)'
        )
    return f"{reason} (confirmed: {far})"


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
