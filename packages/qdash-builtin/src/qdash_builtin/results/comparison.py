"""Comparison of two results of one task on one target: outputs; differences in inputs, run parameters, software and laboratory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.results.difference import (
    Difference,
    RecordedDifferences,
    compare_recorded,
    list_differences,
)
from qdash_builtin.results.laboratory_differences import LaboratoryDifferences, find_laboratory_differences
from qdash_builtin.values.value_change import ValueChange
from qdash_core.errors import InvalidInputError
from qdash_core.repositories.documents import to_stored_form
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from qdash_core.models.task import InputModel, RunParameterModel, TaskResultModel
    from qdash_core.repositories.store import Snapshot


@dataclass(frozen=True, slots=True)
class InputDifference:
    """Input whose values in two results differ; None where a result has none."""

    name: str
    first: InputModel | None
    second: InputModel | None


@dataclass(frozen=True, slots=True)
class ResultComparison:
    """Comparison of two results.

    Parameters
    ----------
    outputs : list of ValueChange
        Every output of either result.
    n_equal_inputs : int
        Number of inputs that both results have with the same value.
    options : list of Difference
        Analysis options that differ; None for an option with its default.
    laboratory : LaboratoryDifferences
        Differences in backend, cool-down, direction, group, design values and calibration note.
    """

    first: TaskResultModel
    second: TaskResultModel
    outputs: list[ValueChange]
    inputs: list[InputDifference]
    n_equal_inputs: int
    settings: list[Difference]
    options: list[Difference]
    software: RecordedDifferences
    laboratory: LaboratoryDifferences

    @property
    def has_same_data(self) -> bool:
        """True if both results were computed from the same inputs and data, so that they are not independent.

        Without raw data this is known only from equal outputs.
        """
        data, others = (one.raw_data_sha256 or one.raw_data_path for one in (self.first, self.second))
        has_equal_outputs = all(one.difference == 0.0 for one in self.outputs)
        return data == others and not self.inputs and (bool(data) or has_equal_outputs)

    @property
    def apart_s(self) -> float | None:
        """Seconds from the first measurement to the second, or None if one is a refit or its start is unknown."""
        first, second = self.first, self.second
        if first.start_at is None or second.start_at is None or first.refit_of or second.refit_of:
            return None
        return (second.start_at - first.start_at).total_seconds()


def compare_results(
    snapshot: Snapshot, first: TaskResultModel, second: TaskResultModel, zone: tzinfo
) -> ResultComparison:
    """Return the comparison of two results.

    Raises
    ------
    InvalidInputError
        If they are results of different tasks or targets.
    """
    _require_same_subject(first, second)
    repositories = Repositories(snapshot)
    outputs = dict.fromkeys([*first.output_parameters, *second.output_parameters])
    inputs = _compare_inputs(first, second)
    differing = [one for one in inputs if not _is_same_input(one)]
    return ResultComparison(
        first,
        second,
        [
            ValueChange(
                first.qid, name, first.output_parameters.get(name), second.output_parameters.get(name)
            )
            for name in outputs
        ],
        differing,
        len(inputs) - len(differing),
        list_differences(*(_collect_values(one.run_parameters) for one in (first, second))),
        list_differences(*(_collect_values(one.analysis_options) for one in (first, second))),
        compare_recorded(*(_find_software(repositories, result) for result in (first, second))),
        find_laboratory_differences(repositories, first, second, zone),
    )


def _require_same_subject(first: TaskResultModel, second: TaskResultModel) -> None:
    subjects = [(one.name, one.chip_id, one.qid) for one in (first, second)]
    if subjects[0] != subjects[1]:
        (one, other) = (f"{name} on {chip} {qid}".rstrip() for name, chip, qid in subjects)
        raise InvalidInputError(
            f"results {first.task_id} ({one}) and {second.task_id} ({other}) cannot be compared: choose two results of one task on one target"
        )


def _compare_inputs(first: TaskResultModel, second: TaskResultModel) -> list[InputDifference]:
    before, after = first.input_parameters, second.input_parameters
    return [
        InputDifference(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])
    ]


def _is_same_input(one: InputDifference) -> bool:
    return one.first is not None and one.second is not None and one.first.value == one.second.value


def _collect_values(recorded: Mapping[str, RunParameterModel]) -> dict[str, object]:
    # A sweep is a tuple in memory and a list in the store.
    return {name: to_stored_form(model.value) for name, model in recorded.items()}


def _find_software(repositories: Repositories, result: TaskResultModel) -> dict[str, str] | None:
    execution = repositories.of(ExecutionRepository).find(result.project_id, result.execution_id)
    return None if execution is None else execution.find_software(result.start_at)
