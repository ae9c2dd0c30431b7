"""Inputs that a task would use on targets of a chip if it ran now, with their origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.runs.listed_results import list_listed_results
from qdash_core.models.estimates import Parameter
from qdash_core.models.targets import get_control_qubit
from qdash_core.models.units import convert_alike
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.session.dispatch.plans import check_target
from qdash_core.tasks.inputs import find_input_sources, to_parameter
from qdash_core.tasks.quantities import find_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.runs.listed_results import ListedResult
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.marks import ValueMark
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.tasks.parameters import InputParameter


@dataclass(frozen=True, slots=True)
class CurrentInput:
    """Input of a task on a target: its declaration, and the value in use of the chip.

    Parameters
    ----------
    unit : str
        Unit of the default, the value in use, the bounds, and a value that a run gives.
    default : float or None
        Value if the chip has none.
    target, parameter : str
        Qubit or coupling that has the value, and its parameter there.
    known : ParameterModel or None
        Value in use, or None if there is none, so that the default is used.
    result : ListedResult or None
        Result that the value comes from, or None if it is unknown.
    minimum, maximum : float or None
        Bounds of the values that a run may give instead.
    """

    name: str
    declared: InputParameter
    unit: str
    default: float | None
    target: str
    parameter: str
    known: ParameterModel | None
    marks: Sequence[ValueMark]
    result: ListedResult | None
    minimum: float | None
    maximum: float | None


def list_task_inputs(
    runtime: Runtime, access: Access, chip_id: str, name: str, targets: Sequence[str]
) -> dict[str, list[CurrentInput]]:
    """Return the inputs that a task would use on each of these targets if it ran now, in order of declaration.

    Raises
    ------
    NotFoundError, InvalidInputError
        If there is no such chip, task or target, the chip's backend lacks what the task requires, or the task does not run on the target.
    """
    project_id = access.project_id
    chip = runtime.chip_record.show(project_id, chip_id)
    task = runtime.get_catalogue(project_id, chip_id).task(name)
    for target in targets:
        check_target(task, target, chip)
    places = {
        target: find_input_sources(task, target, control=get_control_qubit(chip.couplings[target]))
        if target in chip.couplings
        else find_input_sources(task, target)
        for target in targets
    }
    sources = {source for found in places.values() for source, _ in found.values()}
    states = {**chip.qubits, **chip.couplings}
    values = {source: states[source].data for source in sources if source in states}
    task_ids = {
        values[source][parameter].task_id
        for found in places.values()
        for source, parameter in found.values()
        if parameter in values.get(source, {})
    }
    with runtime.store.read() as snapshot:
        repositories = Repositories(snapshot)
        marks = runtime.judge.read(repositories, project_id, chip_id, sorted(values)).marks
        results = {
            one.task_id: one
            for one in list_listed_results(
                repositories.of(TaskResultHistoryRepository), project_id, task_ids - {""}
            )
        }
    quantities = runtime.registry.quantities()
    found: dict[str, list[CurrentInput]] = {}
    for target, sources_of in places.items():
        found[target] = []
        for declared_name, (source, parameter) in sources_of.items():
            known = values.get(source, {}).get(parameter)
            declared = task.input_parameters[declared_name]
            quantity = find_quantity(task, declared_name, quantities)
            found[target].append(
                CurrentInput(
                    declared_name,
                    declared,
                    quantity.unit,
                    _convert_default(declared, quantity.unit),
                    source,
                    parameter,
                    None if known is None else known.with_estimate(to_parameter(known, quantity.unit)),
                    marks.get(source, {}).get(parameter, ()),
                    None if known is None else results.get(known.task_id),
                    quantity.minimum,
                    quantity.maximum,
                )
            )
    return found


def _convert_default(declared: InputParameter, unit: str) -> float | None:
    """Return the default of an input in the unit of its quantity, or None if it has none."""
    default = declared.default
    return None if default is None else convert_alike(Parameter(default, None, declared.unit), unit).value
