"""Form of a run: its input becomes a request, or an error beside the field."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from qdash_builtin.flows.views.saved_flows import FlowFormDocument, FlowViewDocument, SavedFlowDocument
from qdash_builtin.runs.pages.run_submission import keep_or_renew_submission, summarize_preview
from qdash_builtin.runs.pages.run_validation import (
    RunFormValues,
    describe_allowed_values,
    format_default,
    select_fitting_targets,
    validate_run_form,
)
from qdash_builtin.runs.pages.runnable import Runnable, make_flow_runnable
from qdash_builtin.runs.views.previews import PreviewDocument, PreviewStage
from qdash_builtin.runs.views.tasks import RunParameterDocument
from qdash_core.errors import NothingToDoError, QDashError, StoreUnavailableError
from qdash_core.judgement.conditions import Condition
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.models.strategies import StrategySelection
from qdash_ui_streamlit.display.target_lists import ChipTargets

if TYPE_CHECKING:
    from qdash_core.operations.operation import Operation

CHIP = ChipTargets("a", ("0", "1", "2", "3"), ("0-1", "1-2", "2-3"))
FIELDS = {
    "shots": RunParameterDocument(
        value=1024, value_type="int", unit="", minimum=16, maximum=1_000_000, description="shots"
    ),
    "time_range": RunParameterDocument(value_type="list", unit="ns", minimum=0.0, description="waits"),
    "reset": RunParameterDocument(
        value="auto", value_type="str", unit="", choices=["auto", "active"], description=""
    ),
}
T1 = Runnable("CheckT1", "qubit", fields=FIELDS, outputs=frozenset({"t1"}))
BELL = Runnable("CheckBellState", "coupling")
FLOW = Runnable("bring-up", "either")


def request(filled: RunFormValues, runnable: Runnable = T1) -> RunRequest:
    found = validate_run_form(filled, CHIP, runnable)
    assert found.request is not None, found.problems
    return found.request


def test_empty_fields_use_the_defaults_of_the_task() -> None:
    assert request(RunFormValues()) == RunRequest(chip_id="a", flow="CheckT1")


def test_typed_values_are_in_the_request() -> None:
    values = {"shots": "2048", "time_range": "100, 200,4e3", "reset": None}
    asked = request(
        RunFormValues("Q01, 0", values=values, tags="night, bias ,night", saved=False, repeat=False)
    )
    assert asked.targets == TargetSelection(qubits=("1", "0"))
    assert asked.run_parameters == {"shots": 2048, "time_range": [100.0, 200.0, 4000.0]}
    assert (asked.tags, asked.saved, asked.repeat) == (("night", "bias"), False, False)


def test_a_value_scope_is_in_the_request() -> None:
    assert request(RunFormValues(scope=" evening ")).scope == "evening"
    assert request(RunFormValues(scope=" ")).scope is None


def test_strategies_and_limits_are_in_the_request() -> None:
    selection = StrategySelection(strategies=("synchronized",), max_parallel=8, one_of_each_mux=True)
    assert request(RunFormValues(scheduling=selection)).scheduling == selection


@pytest.mark.parametrize(
    ("filled", "field", "said"),
    [
        (RunFormValues(values={"shots": "-3"}), "value.shots", "-3 is below the minimum of 16"),
        (RunFormValues(values={"shots": "many"}), "value.shots", "'many' is not a whole number"),
        (RunFormValues(values={"time_range": "1,,2"}), "value.time_range", "is not"),
        (RunFormValues("0, 9"), "targets", "chip a has no qubit 9"),
        (RunFormValues("3-1"), "targets", "the range '3-1' is reversed"),
        (RunFormValues("0,,1"), "targets", "empty entry"),
        (RunFormValues(tags="x" * 300), "tags", "is not a tag"),
        (RunFormValues(scope="two words"), "scope", "is not a name of a value scope: up to 64 letters"),
    ],
)
def test_invalid_input_is_reported_at_its_field(filled: RunFormValues, field: str, said: str) -> None:
    found = validate_run_form(filled, CHIP, T1)
    assert found.request is None
    assert [*found.problems] == [field]
    assert said in found.problems[field]


def test_a_flow_takes_qubits_or_couplings_and_a_task_of_couplings_all_of_them() -> None:
    assert request(RunFormValues("1-0"), FLOW).targets == TargetSelection(couplings=("0-1",))
    assert request(RunFormValues("1"), FLOW).targets == TargetSelection(qubits=("1",))
    assert request(RunFormValues(), BELL).targets == TargetSelection(couplings=())


def test_a_field_for_both_kinds_reads_a_dash_as_a_coupling_and_two_dots_as_a_range() -> None:
    assert request(RunFormValues("0..2, Q03"), FLOW).targets == TargetSelection(qubits=("0", "1", "2", "3"))
    assert request(RunFormValues("0-2")).targets == TargetSelection(qubits=("0", "1", "2"))
    for typed, message in (
        ("0-3", "chip a has no coupling 0-3; those of qubit 0 are 0-1; a range of qubits is written as 0..3"),
        ("0, 0-1", "name qubits or couplings, not both"),
        ("2..9", "chip a has no qubits 4, 5, 6 and 3 more"),
    ):
        assert message in validate_run_form(RunFormValues(typed), CHIP, FLOW).problems["targets"]


def test_conditions_are_in_the_request() -> None:
    asked = request(RunFormValues("0, 1", only=(Condition.STALE, Condition.FAILED)))
    assert asked.only == ("stale", "failed")
    assert asked.targets == TargetSelection(qubits=("0", "1"))


def test_selected_targets_are_converted_to_the_kind_of_the_task() -> None:
    assert select_fitting_targets(["0", "1", "3"], "coupling", CHIP) == ["0-1"]
    assert select_fitting_targets(["1-2"], "qubit", CHIP) == ["1", "2"]
    assert select_fitting_targets(["1-2", "0"], "either", CHIP) == ["0"]
    assert select_fitting_targets(["1-2"], "either", CHIP) == ["1-2"]
    assert select_fitting_targets(["0"], "chip", CHIP) == []


def test_a_user_flow_receives_its_arguments() -> None:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    form = {
        "type": "object",
        "properties": {
            "shots": {"type": "integer", "default": 1024},
            "bias": {"type": "number"},
            "steps": {"type": "array"},
        },
        "required": ["bias"],
    }
    saved = SavedFlowDocument(
        name="night",
        version=3,
        username="ed",
        chip_id="",
        description="",
        function="night",
        tags=[],
        created_at=moment,
        updated_at=moment,
        form=FlowFormDocument(parameters=form, given=["chip_id"]),
    )
    night = make_flow_runnable(FlowViewDocument(saved=saved))
    assert validate_run_form(RunFormValues(), CHIP, night).problems == {"value.bias": "a value is required"}
    assert request(RunFormValues(values={"bias": "0.5", "steps": "[1, 2]"}), night).parameters == {
        "bias": 0.5,
        "steps": [1, 2],
    }
    assert (
        "not JSON"
        in validate_run_form(RunFormValues(values={"bias": "1", "steps": "["}), CHIP, night).problems[
            "value.steps"
        ]
    )


def test_a_field_describes_its_allowed_values() -> None:
    assert describe_allowed_values(FIELDS["shots"]) == "integer from 16 to 1000000"
    assert (
        describe_allowed_values(FIELDS["time_range"])
        == "numbers separated by commas, from 0\N{NO-BREAK SPACE}ns"
    )
    assert (format_default(FIELDS["shots"]), format_default(FIELDS["time_range"])) == (
        "1024",
        "chosen by the task",
    )


def test_a_request_keeps_its_idempotency_key_until_the_form_changes() -> None:
    keys = iter(("first", "second", "third"))
    asked = keep_or_renew_submission(None, request(RunFormValues("0")), lambda: next(keys))
    again = keep_or_renew_submission(asked, request(RunFormValues("0")), lambda: next(keys))
    other = keep_or_renew_submission(asked, request(RunFormValues("1")), lambda: next(keys))
    assert (asked.idempotency_key, again.idempotency_key, other.idempotency_key) == (
        "first",
        "first",
        "second",
    )


class FailingView:
    """A view without responses; the idempotency keys of its requests are in `keys`."""

    edits = True

    def __init__(self, error: QDashError) -> None:
        self.keys: list[str] = []
        self.error = error

    def ask(self, operation: Operation[..., Any], **_: RunRequest) -> None:
        self.keys.append(operation.options.key or "")
        raise self.error


def draw_failing_form(view: FailingView) -> AppTest:
    """Return the buttons of a form whose requests fail."""

    def form() -> None:
        import streamlit as st

        from qdash_builtin.runs.pages.run_submission import draw_submission

        draw_submission(st.session_state["view"], st.session_state["request"], key="form")

    drawn = AppTest.from_function(form, default_timeout=30)
    drawn.session_state["view"] = view
    drawn.session_state["request"] = request(RunFormValues("0"))
    return drawn.run()


def test_a_run_without_any_target_in_a_condition_is_told_without_an_error() -> None:
    drawn = draw_failing_form(FailingView(NothingToDoError("no target of chip a is stale: nothing to do")))
    drawn.button("form.start").click().run()
    assert [one.value for one in drawn.info] == ["No target of chip a is stale: nothing to do."]
    assert not drawn.error


def test_a_request_that_is_sent_again_is_sent_under_the_same_key() -> None:
    view = FailingView(StoreUnavailableError("no answer"))
    drawn = draw_failing_form(view)
    for _ in range(2):
        drawn.button("form.start").click().run()

    assert len(view.keys) == 2
    assert len({*view.keys}) == 1


class AnsweringView(FailingView):
    """A view whose host previews and queues every run."""

    zone = ZoneInfo("UTC")

    def __init__(self) -> None:
        super().__init__(StoreUnavailableError("not raised"))
        self.previews = 0
        self.started: list[RunRequest] = []

    def host_path(self, path: str) -> str:
        return f"/host/{path}"

    def link(self, _: str, **of: str) -> str:
        return f"/execution?{of}"

    def ask(self, operation: Operation[..., Any], *shown: str, **given: RunRequest) -> Any:
        if shown:
            return SimpleNamespace(status=ExecutionStatus.SCHEDULED, message="", interrupted=False)
        if operation.options.key is None:
            self.previews += 1
            return PreviewDocument(targets=["0"], tasks=["CheckT1"], stages=[], measures=True)
        self.started.append(given["asked"])
        return SimpleNamespace(execution_id="20261120-000", waits_for="", advice="")


def draw_answered_form(view: AnsweringView, **named: bool) -> AppTest:
    """Return a form whose host answers, drawn as in a dialog with the run that was started below it."""

    def form(view, asked, named):  # type: ignore[no-untyped-def]  # a script by itself
        import streamlit as st

        from qdash_builtin.runs.pages.run_submission import draw_started_run, draw_submission
        from qdash_ui_streamlit.display.reruns import draw_said

        draw_started_run(view, key="form", with_progress=False)
        draw_said()
        asked = st.session_state.get("request", asked)
        draw_submission(view, asked, key="form", with_progress=False, **named)

    args = (view, request(RunFormValues("0")), named)
    return AppTest.from_function(form, args=args, default_timeout=30).run()


def test_the_forecast_is_requested_once_for_each_request() -> None:
    view = AnsweringView()
    drawn = draw_answered_form(view, forecast=True).run()
    assert [one.value for one in drawn.markdown] == ["Forecast: 1 task on 1 target, duration unknown."]
    assert view.previews == 1
    drawn.session_state["request"] = request(RunFormValues("1"))
    drawn.run()
    assert view.previews == 2


def test_a_forecast_that_fails_is_a_note_and_the_run_can_be_started() -> None:
    drawn = draw_answered_form(FailingView(StoreUnavailableError("no answer")), forecast=True)
    assert [one.value for one in drawn.caption] == ["No forecast: no answer."]
    assert not drawn.error
    assert not drawn.button("form.start").disabled


def test_a_start_in_a_dialog_forgets_its_form_and_draws_the_run_on_the_page() -> None:
    drawn = draw_answered_form(AnsweringView(), in_dialog=True)
    drawn.button("form.start").click().run()
    assert "20261120-000" in drawn.toast[0].value
    assert "is queued" in drawn.success[0].value
    assert not drawn.button("form.start").disabled
    drawn.button("form.hide").click().run()
    assert not drawn.success


def test_a_start_takes_the_values_that_the_form_has_when_it_is_pressed() -> None:
    view = AnsweringView()
    drawn = draw_answered_form(view)
    drawn.session_state["request"] = request(RunFormValues("3"))
    drawn.button("form.start").click().run()
    assert view.started == [request(RunFormValues("3"))]


def test_a_queued_run_is_not_announced_above_its_dry_run() -> None:
    drawn = draw_failing_form(AnsweringView())
    drawn.button("form.plan").click().run()
    assert "nothing was queued" in drawn.markdown[0].value
    drawn.button("form.start").click().run()
    assert "is queued" in drawn.success[0].value
    assert not any("nothing was queued" in one.value for one in drawn.markdown)
    assert drawn.button("form.plan").disabled


def test_a_dry_run_summarizes_tasks_targets_and_duration() -> None:
    stage = PreviewStage(step="BringUp", tasks=["CheckT1"], targets=["0", "1"], makespan_s=90.0)
    plan = PreviewDocument(targets=["0", "1"], tasks=["CheckT1"], stages=[stage], measures=True)
    minute_and_half = "1\N{NO-BREAK SPACE}min 30\N{NO-BREAK SPACE}s"
    assert summarize_preview(plan) == f"1 task on 2 targets, about {minute_and_half} of laboratory time."
    unknown = plan.model_copy(update={"stages": [stage.model_copy(update={"makespan_s": None})]})
    assert summarize_preview(unknown) == "1 task on 2 targets, duration unknown."
    assert summarize_preview(plan.model_copy(update={"targets": []})) == "Nothing would be measured."
    without = plan.model_copy(update={"left_out": {"1": "not stale"}})
    assert summarize_preview(without).startswith("1 task on 1 target,")
    none = plan.model_copy(update={"left_out": {"0": "not stale", "1": "not stale"}})
    assert summarize_preview(none) == "Nothing would be measured."


def test_long_lists_of_targets_are_abbreviated() -> None:
    assert summarize_names(["0", "1"], 12) == "0, 1"
    assert summarize_names([str(number) for number in range(14)], 12).endswith("11 and 2 more")
