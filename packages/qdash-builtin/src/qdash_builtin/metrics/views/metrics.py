"""View models of the values of a chip."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, cast

from pydantic import BeforeValidator
from typing_extensions import TypedDict

from qdash_core.documents.base import CitedPart, Document
from qdash_core.models.chip import ParameterModel, StoredValue
from qdash_core.models.chip_judgement import ValueJudgement
from qdash_core.models.judgement import Trust  # noqa: TC001  pydantic reads the fields
from qdash_core.models.marks import Mark, ValueMark  # noqa: TC001  pydantic reads the fields
from qdash_core.models.targets import by_number
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.metrics.values import MetricFailure, StoredChipValues
    from qdash_core.judgement.definitions import Metric, MetricsFile
    from qdash_core.models.chip_values import ChipValues, KnownValue


class FailureDocument(Document):
    """A task result that failed to yield a value."""

    task: str
    task_id: str
    execution_id: str
    ended_at: datetime


class MarkFields(TypedDict, total=False):
    """Marks of a value in use; absent without marks."""

    marks: list[Mark]
    mark_reasons: list[ValueMark]
    """Reason of each mark, with the result that caused it and its effect on the trust."""


class ValueDocument(StoredValue, MarkFields, total=False):
    """A value of a target, as stored, with its unit, its origin and, if known, its error.

    `calibrated_at` is the time of the measurement; for a value computed from several results, that of the
    newest. Such a value has no `execution_id` and no `task_id`. If no value was ever obtained, only `failed`
    is present.
    """

    n: int
    """Number of results from which the value was chosen or computed."""
    std: float | None
    """Sample standard deviation of these results."""
    control: str | None
    """The control qubit of a recorded value of a coupling; other directions do not contribute."""
    trust: Trust
    """Trust of a value in use; absent for other values and for by-products of a fit."""
    verdict: Verdict
    reasons: list[str]
    """The reasons for the trust of a value in use, or for not using a value with a verdict; absent without reasons."""
    failed: FailureDocument
    out_of_spec: bool
    """True if it is out of specification; absent otherwise."""


class ChipValuesDocument(Document):
    """Values of a chip by target and metric; targets without any are left out."""

    cited_as: ClassVar[tuple[CitedPart, ...]] = (
        CitedPart("value", "{chip_id}/{0}/{1}", "qubits.*.*"),
        CitedPart("value", "{chip_id}/{0}/{1}", "couplings.*.*"),
    )

    qubits: dict[str, dict[str, ValueDocument]]
    couplings: dict[str, dict[str, ValueDocument]]

    @classmethod
    def from_values(
        cls, values: ChipValues, failures: Mapping[str, Mapping[str, MetricFailure]] | None = None
    ) -> Self:
        """Return the view model of values and failures."""
        failed = failures or {}
        of_qubits = {target: failed[target] for target in failed if "-" not in target}
        of_couplings = {target: failed[target] for target in failed if "-" in target}
        return cls._create_unchecked(
            qubits=_make_targets(values.qubits, of_qubits),
            couplings=_make_targets(values.couplings, of_couplings),
        )

    def with_specification(self, file: MetricsFile) -> Self:
        """Return the view model with the values marked that are out of the specification of a metrics file."""
        return self._create_unchecked(
            qubits=_mark_violations(self.qubits, file.qubit_metrics),
            couplings=_mark_violations(self.couplings, file.coupling_metrics),
        )

    @classmethod
    def from_stored(cls, values: StoredChipValues) -> Self:
        """Return the view model of the values in use, which are shown as stored."""
        qubits, couplings = (
            {
                target: _add_judgements(known, values.judgement.get_values(target))
                for target, known in targets.items()
            }
            for targets in (values.qubits, values.couplings)
        )
        return cls._create_unchecked(qubits=qubits, couplings=couplings)


def _mark_violations(
    targets: Mapping[str, Mapping[str, ValueDocument]], metrics: Mapping[str, Metric]
) -> dict[str, dict[str, ValueDocument]]:
    limited = {name: metric for name, metric in metrics.items() if metric.has_specification}
    return {
        target: {
            name: {**value, "out_of_spec": True}
            if name in limited and "value" in value and not limited[name].is_within(float(value["value"]))
            else value
            for name, value in values.items()
        }
        for target, values in targets.items()
    }


def _add_judgements(
    values: Mapping[str, Any], judgements: Mapping[str, ValueJudgement]
) -> dict[str, ValueDocument]:
    return {
        name: cast("ValueDocument", value | _make_judgement(judgements.get(name)))
        for name, value in values.items()
    }


def _make_judgement(judgement: ValueJudgement | None) -> dict[str, Any]:
    """Return the trust of a value with the reasons as fields of its view model; none if it was not judged."""
    if judgement is None:
        return {}
    if not judgement.marks:
        return {"trust": judgement.trust}
    return {**make_marks(judgement.marks), "trust": judgement.trust, "reasons": judgement.reasons}


def make_marks(marks: Sequence[ValueMark]) -> MarkFields:
    """Return the marks of a value as fields of its view model; without marks there are none."""
    if not marks:
        return {}
    return {"marks": [one.mark for one in marks], "mark_reasons": list(marks)}


def _make_targets(
    values: Mapping[str, Mapping[str, KnownValue]], failures: Mapping[str, Mapping[str, MetricFailure]]
) -> dict[str, dict[str, ValueDocument]]:
    found = {
        target: {name: _make_known_value(value) for name, value in known.items()}
        for target, known in values.items()
    }
    for target, failed in failures.items():
        for name, failure in failed.items():
            value = found.setdefault(target, {}).setdefault(name, {})
            value["failed"] = FailureDocument.from_record(failure)
    return {target: found[target] for target in sorted(found, key=by_number)}


def make_value(parameter: ParameterModel, judgement: ValueJudgement | None = None) -> ValueDocument:
    """Return the view model of a stored value with its trust."""
    value: ValueDocument = {
        "value": parameter.value,
        "error": parameter.error,
        "unit": parameter.unit,
        "calibrated_at": parameter.calibrated_at,
        "execution_id": parameter.execution_id,
        "task_id": parameter.task_id,
    }
    if parameter.simulated:
        value["simulated"] = True
    if parameter.condition:
        value["condition"] = parameter.condition
    return value | cast("ValueDocument", _make_judgement(judgement))


ShownValue = Annotated[
    ValueDocument,
    BeforeValidator(lambda value: make_value(value) if isinstance(value, ParameterModel) else value),
]
"""A value, made from that of a record."""


def _make_known_value(known: KnownValue) -> ValueDocument:
    judgement = None if known.trust is None else ValueJudgement(known.trust, known.marks)
    value = make_value(known.parameter, judgement)
    if known.n is not None and not known.parameter.task_id:  # computed from several results
        del value["execution_id"], value["task_id"]
    if known.n is not None:
        value |= {"n": known.n, "std": known.std}
    if known.control is not None:
        value["control"] = known.control
    if known.verdict is not Verdict.ACCEPTED:
        value |= {"verdict": known.verdict, "reasons": list(known.reasons)}
    return value
