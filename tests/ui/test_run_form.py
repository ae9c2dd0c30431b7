"""What is filled into the form of a run becomes a request, or is refused beside its field."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from qdash_core.documents.metrics import ChipValuesDocument
from qdash_core.documents.previews import PreviewDocument, PreviewStage
from qdash_core.documents.saved_flows import FlowFormDocument, FlowViewDocument, SavedFlowDocument
from qdash_core.documents.tasks import RunParameterDocument
from qdash_core.errors import StoreUnavailableError
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_ui_streamlit.forms.asking import asked_before, plan_words
from qdash_ui_streamlit.forms.filled import ChipTargets, Filled, Narrowing, allowed, checked, fitting, usual
from qdash_ui_streamlit.forms.narrowing import meant
from qdash_ui_streamlit.forms.runnable import Runnable, of_flow
from qdash_ui_streamlit.showing.few import few

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


def request(filled: Filled, runnable: Runnable = T1) -> RunRequest:
    found = checked(filled, CHIP, runnable)
    assert found.request is not None, found.problems
    return found.request


def test_what_is_not_filled_in_is_as_the_task_has_it() -> None:
    assert request(Filled()) == RunRequest(chip_id="a", flow="CheckT1")


def test_what_is_filled_in_is_asked_for() -> None:
    values = {"shots": "2048", "time_range": "100, 200,4e3", "reset": None}
    asked = request(Filled("Q01, 0", values=values, tags="night, bias ,night", saved=False))
    assert asked.targets == TargetSelection(qubits=("1", "0"))
    assert asked.run_parameters == {"shots": 2048, "time_range": [100.0, 200.0, 4000.0]}
    assert (asked.tags, asked.saved) == (("night", "bias"), False)


@pytest.mark.parametrize(
    ("filled", "field", "said"),
    [
        (Filled(values={"shots": "-3"}), "value.shots", "-3 is below the minimum of 16"),
        (Filled(values={"shots": "many"}), "value.shots", "'many' is not a whole number"),
        (Filled(values={"time_range": "1,,2"}), "value.time_range", "is not"),
        (Filled("0, 9"), "targets", "chip a has no 9"),
        (Filled("0-1"), "targets", "'0-1' is not a qubit"),
        (Filled("0,,1"), "targets", "empty place"),
        (Filled(tags="x" * 300), "tags", "is not a tag"),
        (Filled("0", only=Narrowing("flagged", frozenset({"1"}))), "targets", "none of these is flagged"),
    ],
)
def test_bad_input_is_told_beside_its_field(filled: Filled, field: str, said: str) -> None:
    found = checked(filled, CHIP, T1)
    assert found.request is None
    assert [*found.problems] == [field]
    assert said in found.problems[field]


def test_a_flow_takes_qubits_or_couplings_and_a_task_of_couplings_all_of_them() -> None:
    assert request(Filled("1-0"), FLOW).targets == TargetSelection(couplings=("0-1",))
    assert request(Filled("1"), FLOW).targets == TargetSelection(qubits=("1",))
    assert request(Filled(), BELL).targets == TargetSelection(couplings=())


def test_of_targets_only_those_that_stand_badly_are_left() -> None:
    only = Narrowing("failed", frozenset({"1", "3", "0-1"}))
    assert request(Filled(only=only)).targets == TargetSelection(qubits=("1", "3"))
    assert request(Filled("0, 1", only=only)).targets == TargetSelection(qubits=("1",))
    assert request(Filled(only=only), BELL).targets == TargetSelection(couplings=("0-1",))


def test_flagged_are_those_whose_value_was_flagged_and_a_task_looks_at_what_it_makes() -> None:
    known = {
        "value": 1.0,
        "error": None,
        "unit": "us",
        "calibrated_at": datetime(2026, 11, 21, tzinfo=UTC),
        "execution_id": "e",
        "task_id": "t",
    }
    values = ChipValuesDocument.model_validate(
        {
            "qubits": {
                "0": {"t1": {**known, "verdict": "flagged", "reasons": ["short"]}},
                "1": {"t1": known},
                "2": {"t2_echo": known},
            },
            "couplings": {},
        }
    )
    assert meant(values, "flagged", T1.outputs) == ["0"]
    assert meant(values, "failed", T1.outputs) == ["0", "1"]
    assert meant(values, "failed", ()) == ["0", "1", "2"]


def test_chosen_targets_become_those_that_something_is_run_on() -> None:
    assert fitting(["0", "1", "3"], "coupling", CHIP) == ["0-1"]
    assert fitting(["1-2"], "qubit", CHIP) == ["1", "2"]
    assert fitting(["1-2", "0"], "either", CHIP) == ["0"]
    assert fitting(["1-2"], "either", CHIP) == ["1-2"]
    assert fitting(["0"], "chip", CHIP) == []


def test_a_flow_that_somebody_wrote_is_told_its_arguments() -> None:
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
    night = of_flow(FlowViewDocument(saved=saved))
    assert checked(Filled(), CHIP, night).problems == {"value.bias": "has to be given"}
    assert request(Filled(values={"bias": "0.5", "steps": "[1, 2]"}), night).parameters == {
        "bias": 0.5,
        "steps": [1, 2],
    }
    assert (
        "not JSON" in checked(Filled(values={"bias": "1", "steps": "["}), CHIP, night).problems["value.steps"]
    )


def test_a_field_says_what_it_may_be() -> None:
    assert allowed(FIELDS["shots"]) == "whole number from 16 to 1000000"
    assert allowed(FIELDS["time_range"]) == "numbers, separated by commas, from 0 ns"
    assert (usual(FIELDS["shots"]), usual(FIELDS["time_range"])) == ("1024", "the task chooses")


def test_a_request_has_one_key_until_another_stands_in_the_form() -> None:
    keys = iter(("first", "second", "third"))
    asked = asked_before(None, request(Filled("0")), lambda: next(keys))
    again = asked_before(asked, request(Filled("0")), lambda: next(keys))
    other = asked_before(asked, request(Filled("1")), lambda: next(keys))
    assert (asked.once, again.once, other.once) == ("first", "first", "second")


class Deaf:
    """A view whose requests get no answer; the keys under which they were sent are in `keys`."""

    edits = True

    def __init__(self) -> None:
        self.keys: list[str] = []

    def ask(self, _: object, *, body: RunRequest, idempotency_key: str) -> None:
        self.keys.append(idempotency_key)
        raise StoreUnavailableError("no answer")


def test_a_request_that_is_sent_again_is_sent_under_the_same_key() -> None:
    def form() -> None:
        import streamlit as st

        from qdash_ui_streamlit.forms.asking import ask_for

        ask_for(st.session_state["view"], st.session_state["request"], key="form")

    drawn = AppTest.from_function(form, default_timeout=30)
    view = drawn.session_state["view"] = Deaf()
    drawn.session_state["request"] = request(Filled("0"))
    drawn.run()
    for _ in range(2):
        drawn.button("form.start").click().run()

    assert len(view.keys) == 2
    assert len({*view.keys}) == 1


def test_a_dry_run_says_what_and_how_long() -> None:
    stage = PreviewStage(step="BringUp", tasks=["CheckT1"], targets=["0", "1"], makespan_s=90.0)
    plan = PreviewDocument(targets=["0", "1"], tasks=["CheckT1"], stages=[stage])
    assert plan_words(plan) == "1 task on 2 targets, about 2 min in the laboratory."
    unknown = plan.model_copy(update={"stages": [stage.model_copy(update={"makespan_s": None})]})
    assert plan_words(unknown) == "1 task on 2 targets; how long that takes is not known yet."
    assert plan_words(plan.model_copy(update={"targets": []})) == "Nothing would be measured."


def test_many_targets_are_named_shortly() -> None:
    assert few(["0", "1"], 12) == "0, 1"
    assert few([str(number) for number in range(14)], 12).endswith("11 and 2 more")
