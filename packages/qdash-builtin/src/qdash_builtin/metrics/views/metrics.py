"""View models of the values of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from qdash_builtin.values.views.shown_values import FailureDocument, ValueDocument, make_judgement, make_value
from qdash_core.documents.base import CitedPart, Document
from qdash_core.models.chip_judgement import ValueJudgement
from qdash_core.models.targets import by_number
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.metrics.values import MetricFailure, StoredChipValues
    from qdash_core.models.chip_values import ChipValues, KnownValue


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
        name: cast("ValueDocument", value | make_judgement(judgements.get(name)))
        for name, value in values.items()
    }


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
