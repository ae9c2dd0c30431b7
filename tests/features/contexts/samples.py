"""Contexts with given texts and numbers of items."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qdash_builtin.contexts.context import Context, ContextSubject, Section, ValueInUse
from qdash_builtin.contexts.figure_data import FigureData, reduce_arrays
from qdash_builtin.runs.listed_results import ListedResult
from qdash_builtin.task_pages.page import Failure
from qdash_core.models.chip import ChipModel, ParameterModel
from qdash_core.models.chip_values import KnownValue
from qdash_core.models.facts import Fact
from qdash_core.models.marks import Mark, ValueMark
from qdash_core.models.raw_data import RawData
from qdash_core.models.references import Reference
from qdash_core.models.task import RunParameterModel, TaskResultModel, TaskStatus
from qdash_core.tasks.parameters import ArrayDeclaration

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
CHIP, TARGET, TASK_ID = "lab", "3", "7d4f9a52-0b0e-4a27-9d0f-2f6f2a1f8d11"
_RESULT: dict[str, Any] = {
    "project_id": "default",
    "username": "alice",
    "chip_id": CHIP,
    "execution_id": "20261120-003",
    "task_id": TASK_ID,
    "name": "CheckT1",
    "qid": TARGET,
    "status": TaskStatus.FAILED,
    "start_at": NOW,
}


def make_context(
    *,
    notes: Sequence[str] = (),
    messages: Sequence[str] = (),
    values: int = 0,
    points: int = 0,
    more: int = 0,
) -> Context:
    """Return the context of a result.

    Parameters
    ----------
    notes, messages : sequence of str
        Texts of notes on the qubit, of issues, and of failed and other results, marks and reasons, the task and its arrays.
    values, points : int
        Numbers of values in use, and of points of the figure.
    more : int
        Number of items of each list that the store has beyond these.
    """
    failed = [
        ListedResult(**{**_RESULT, "task_id": f"f{number}", "message": text})
        for number, text in enumerate(messages)
    ]
    result = TaskResultModel(
        **_RESULT,
        message="".join(messages[:1]),
        analysis_model="".join(messages[:1])[:200] or None,
        reasons=[*messages],
        run_parameters={f"p{number}": _text_parameter(text) for number, text in enumerate(messages)},
    )
    marks = tuple(ValueMark(mark=Mark.LAST_FAILED, reason=text, task_id="f0") for text in messages[:1])
    raw = RawData({"delay": ([*map(float, range(points))], "us"), "signal": ([0.125] * points, "a.u.")})
    declared = {"delay": ArrayDeclaration("us", "".join(messages[:1])[:200])}
    facts = [_make_fact("Notes", "note", text) for text in notes]
    facts += [_make_fact("Issues that are not closed", "issue", text) for text in messages]
    facts += [_make_fact("Similar closed issues", "issue", text) for text in messages[:2]]
    return Context(
        subject=ContextSubject(CHIP, TARGET, TASK_ID),
        project_id="default",
        made_at=NOW,
        chip=ChipModel(
            project_id="default", username="alice", chip_id=CHIP, size=16, topology_id="line", backend="fake"
        ),
        result=result,
        values=Section([_make_value(number, marks) for number in range(values)], values + more),
        measures="".join(messages[:1]),
        typical_failures=Section(
            [Failure.model_construct(title=text, seen=text, do=text) for text in messages],
            len(messages) + more,
        ),
        peers=Section(failed, len(failed) + more),
        failures=Section(failed, len(failed) + more),
        results=Section(failed, len(failed) + more),
        facts=Section(facts, len(facts) + more),
        figures=Section([FigureData(result, *reduce_arrays(raw, declared))], 1),
    )


def _make_fact(heading: str, kind: str, text: str) -> Fact:
    of_issue = kind == "issue"
    title, details = (text, f"open, labels {text[:40]}") if of_issue else (f"note on qubit {TARGET}", "")
    return Fact(heading, title, text, NOW, Reference(kind, "12"), "bob", details)


def _text_parameter(text: str) -> RunParameterModel:
    return RunParameterModel(value=text, value_type="str")


def _make_value(number: int, marks: tuple[ValueMark, ...]) -> ValueInUse:
    parameter = ParameterModel(
        value=number / 7, error=0.01, unit="us", calibrated_at=NOW, task_id=f"r{number}"
    )
    known = KnownValue(parameter, marks=marks if number == 0 else ())
    return ValueInUse(TARGET, f"m{number}", known, out_of_specification=False)
