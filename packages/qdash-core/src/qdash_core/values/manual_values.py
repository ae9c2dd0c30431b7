"""Values that users set by hand: checks, and the result that records them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import CouplingModel, ParameterModel
from qdash_core.models.estimates import LARGEST_NUMBER, is_usable_number, unit_symbol
from qdash_core.models.targets import get_control_qubit
from qdash_core.models.task import TaskResultModel, TaskStatus, Verdict
from qdash_core.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, QubitModel
    from qdash_core.models.estimates import Parameter

MANUAL_TASK = "SetValues"
"""Task name of the results that record values set by hand."""


class ValueDefinition(Protocol):
    """Declared parameter of qubits or couplings."""

    @property
    def unit(self) -> str:
        """Unit of the value."""

    @property
    def description(self) -> str:
        """Meaning of the value."""

    @property
    def minimum(self) -> float | None:
        """Lower physical bound."""

    @property
    def maximum(self) -> float | None:
        """Upper physical bound."""


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
    check_units(values, definitions)
    return {name: _check_value(name, value, definitions[name]) for name, value in values.items()}


def check_units(values: Mapping[str, Parameter], definitions: Mapping[str, ValueDefinition]) -> None:
    """Raise InvalidInputError if a value is given in another unit than the declared one."""
    for name, value in values.items():
        unit = definitions[name].unit
        if value.unit and value.unit.replace("µ", "u").replace("μ", "u") != unit.replace("µ", "u"):
            raise InvalidInputError(
                f"{name} is in {unit_symbol(unit)}, not in {value.unit}"
                if unit
                else f"{name} has no unit: leave out {value.unit!r}"
            )


def check_number(name: str, value: Parameter) -> None:
    """Raise InvalidInputError unless a value is finite and its error positive or unknown."""
    if not is_usable_number(value.value):
        raise InvalidInputError(
            f"{name} must be a finite number of at most {LARGEST_NUMBER:g}, not {value.value}"
        )
    if value.error is not None and not (is_usable_number(value.error) and value.error > 0):
        raise InvalidInputError(
            f"the error of {name} must be positive and at most {LARGEST_NUMBER:g}, not {value.error}: leave it out if it is unknown"
        )


def _check_value(name: str, value: Parameter, declared: ValueDefinition) -> ParameterModel:
    unit = f"\N{NO-BREAK SPACE}{unit_symbol(declared.unit)}" if declared.unit else ""
    check_number(name, value)
    if declared.minimum is not None and value.value < declared.minimum:
        raise InvalidInputError(
            f"{name} = {value.value:g}{unit} is below its minimum of {declared.minimum:g}{unit}"
        )
    if declared.maximum is not None and value.value > declared.maximum:
        raise InvalidInputError(
            f"{name} = {value.value:g}{unit} is above its maximum of {declared.maximum:g}{unit}"
        )
    return ParameterModel(
        value=value.value,
        value_type="int" if isinstance(value.value, int) else "float",
        error=value.error,
        unit=declared.unit,
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
