"""View models of a single value."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import BeforeValidator
from typing_extensions import TypedDict

from qdash_core.documents.base import Document
from qdash_core.models.chip import ParameterModel, StoredValue
from qdash_core.models.judgement import Trust  # noqa: TC001  pydantic reads the fields
from qdash_core.models.marks import Mark, ValueMark  # noqa: TC001  pydantic reads the fields
from qdash_core.models.task import Verdict  # noqa: TC001  pydantic reads the fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.chip_judgement import ValueJudgement


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
    return value | cast("ValueDocument", make_judgement(judgement))


def make_judgement(judgement: ValueJudgement | None) -> dict[str, Any]:
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


ShownValue = Annotated[
    ValueDocument,
    BeforeValidator(lambda value: make_value(value) if isinstance(value, ParameterModel) else value),
]
"""A value, made from that of a record."""
