"""Form of a request: inputs as the model declares them, the request of a submission, and its refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Self
from zoneinfo import ZoneInfo

import pytest
from pydantic import Field, field_validator, model_validator
from streamlit.testing.v1 import AppTest

from qdash_core.errors import ConflictError, InvalidInputError, StaleError
from qdash_core.models.base import UtcDatetime
from qdash_core.operations.bodies import Body
from qdash_core.operations.command import OnCommandLine
from qdash_ui_streamlit.forms.form_fields import list_form_fields
from qdash_ui_streamlit.forms.request_form import RequestForm
from qdash_ui_streamlit.view import View

from .problems import list_problems

if TYPE_CHECKING:
    from collections.abc import Callable


class Gas(StrEnum):
    """Gas in a bottle."""

    HELIUM = "helium"
    NITROGEN = "nitrogen"


class BottleRequest(Body):
    """Request to record a bottle."""

    bottle_id: Annotated[str, Field(min_length=1, max_length=8, title="bottle")]
    gas: Gas = Gas.HELIUM
    litres: Annotated[float, Field(gt=0, le=50)] | None = None
    """Volume; absent: a full bottle."""
    refills: Annotated[int, Field(ge=0)] = 0
    filled_at: UtcDatetime | None = Field(default_factory=lambda: datetime(2026, 7, 1, 8, 30, tzinfo=UTC))
    """Time of the filling; absent: now; null: unknown."""
    is_leaking: bool = False
    labels: Annotated[list[str], Field(max_length=3)] = Field(default=[])
    supplier: Annotated[str | None, OnCommandLine(help="Who delivers it.")] = None
    options: dict[str, int] | None = None

    @field_validator("supplier")
    @classmethod
    def require_known(cls, supplier: str | None) -> str | None:
        if supplier == "nobody":
            raise ValueError("nobody delivers no gas")
        return supplier

    @model_validator(mode="after")
    def require_volume_of_refilled(self) -> Self:
        if self.refills and self.litres == 50:
            raise ValueError("a full bottle was not refilled")
        return self


def _draw(form):  # type: ignore[no-untyped-def]  # run alone: no name of this module is known
    form.draw()


def draw(send: Callable[[BottleRequest], object], **options: Any) -> AppTest:
    """Return the page of a form, drawn once, of a user in Zurich."""
    nothing: Any = None
    view = View(nothing, nothing, "default", ZoneInfo("Europe/Zurich"))
    form = RequestForm(view=view, model=BottleRequest, send=send, place="bottle", label="Record", **options)
    return AppTest.from_function(_draw, kwargs={"form": form}).run()


def find(page: AppTest, label: str) -> Any:
    inputs = [*page.text_input, *page.text_area, *page.number_input, *page.selectbox, *page.multiselect]
    return next(one for one in [*inputs, *page.get("date_time_input")] if one.label == label)


def submit(page: AppTest, **values: Any) -> AppTest:
    for label, value in values.items():
        find(page, label.replace("_", " ")).set_value(value)
    page = page.button(key="bottle.go").click().run()
    assert not page.exception
    return page


def list_neighbours(block: Any, label: str) -> set[str]:
    """Return the types of the elements in the innermost container of an input."""
    children = block.children.values()
    if any(getattr(one, "label", None) == label for one in children):
        return {one.type for one in children}
    return set().union(*(list_neighbours(one, label) for one in children if hasattr(one, "children")))


def test_fields_have_the_labels_limits_and_descriptions_of_the_model() -> None:
    fields = list_form_fields(BottleRequest)
    assert [one.label for one in fields.values()] == [
        "Bottle", "Gas", "Litres", "Refills", "Filled", "Is leaking", "Labels", "Supplier",
    ]  # fmt: skip
    assert (fields["bottle_id"].longest, fields["bottle_id"].is_required) == (8, True)
    assert (fields["litres"].least, fields["litres"].most) == (0, 50)
    assert fields["refills"].is_whole
    assert not fields["litres"].is_whole
    assert fields["litres"].help == "Volume; empty: a full bottle."
    assert fields["filled_at"].help == "Time of the filling; empty: unknown."
    assert fields["supplier"].help == "Who delivers it."


def test_a_request_has_what_was_typed_and_absent_fields_are_left_to_the_service() -> None:
    sent = list[BottleRequest]()
    page = submit(draw(sent.append), Bottle=" B-1 ", Labels="cold, , full")
    (body,) = sent
    assert body.model_dump(exclude_unset=True) == {
        "bottle_id": "B-1",
        "gas": Gas.HELIUM,
        "refills": 0,
        "filled_at": datetime(2026, 7, 1, 8, 30, tzinfo=UTC),
        "is_leaking": False,
        "labels": ["cold", "full"],
    }
    assert find(page, "Bottle").value == "", "the next record begins with an empty form"


def test_a_default_can_be_cleared_and_a_time_is_that_of_the_user() -> None:
    sent = list[BottleRequest]()
    page = draw(sent.append)
    assert find(page, "Filled").value == datetime(2026, 7, 1, 10, 30)  # noqa: DTZ001  as shown
    submit(page, Bottle="B-1", Filled=None)
    submit(page, Bottle="B-2", Filled=datetime(2026, 1, 1, 12))  # noqa: DTZ001  as typed
    assert [one.filled_at for one in sent] == [None, datetime(2026, 1, 1, 11, tzinfo=UTC)]


def test_a_missing_or_invalid_field_is_told_beside_it_and_nothing_is_sent() -> None:
    sent = list[BottleRequest]()
    page = submit(draw(sent.append), Supplier="nobody")
    assert list_problems(page) == ["Enter a value."]
    page = submit(page, Bottle="B-1")
    assert list_problems(page) == ["Nobody delivers no gas."]
    assert find(page, "Bottle").value == "B-1", "what was typed stays"
    assert not sent


def test_what_is_wrong_with_several_fields_or_with_one_without_an_input_is_told_below() -> None:
    sent = list[BottleRequest]()
    page = submit(draw(sent.append), Bottle="B-1", Refills=1, Litres=50.0)
    assert list_problems(page) == ["A full bottle was not refilled"]
    assert find(page, "Bottle").value == "B-1"
    page = submit(draw(sent.append, fields=("bottle_id",), given={"refills": -1}), Bottle="B-1")
    assert list_problems(page) == ["refills: it has to be greater than or equal to 0"]
    assert not sent


@pytest.mark.parametrize(
    ("message", "shown", "is_beside"),
    [
        ("there is a bottle 'B-1' already", "There is a bottle 'B-1' already", True),
        ("bottle_id: taken", "bottle_id: taken", True),
        ("the shelf is full", "The shelf is full", False),
        ("B-10 is empty", "B-10 is empty", False),
    ],
)
def test_a_refusal_that_names_a_field_or_its_value_is_beside_it(
    message: str, shown: str, is_beside: bool
) -> None:
    def refuse(_body: BottleRequest) -> None:
        raise ConflictError(message)

    page = submit(draw(refuse), Bottle="B-1")
    assert list_problems(page) == [shown]
    assert ("error" in list_neighbours(page.main, "Bottle")) is is_beside
    assert find(page, "Bottle").value == "B-1"


def test_an_edit_has_the_changes_alone() -> None:
    sent = list[BottleRequest]()
    present = {
        "bottle_id": "B-1",
        "gas": Gas.NITROGEN,
        "litres": 80.0,
        "supplier": "Cold Gases",
        "labels": ["a"],
    }
    page = draw(
        sent.append, present=present, version="1", fields=("litres", "gas", "labels", "supplier", "bottle_id")
    )
    assert find(page, "Litres").value == 80.0, "also if it is beyond a new limit"
    page = submit(page)
    assert list_problems(page) == ["No field was changed"]
    page = submit(page, Supplier="", Bottle="B-2")
    (body,) = sent
    assert body.model_dump(exclude_unset=True) == {"bottle_id": "B-2", "supplier": None}


def test_a_stale_edit_says_what_was_not_saved() -> None:
    def refuse(_body: BottleRequest) -> None:
        raise StaleError("bottle B-1 was changed")

    page = submit(draw(refuse, present={"bottle_id": "B-1"}, fields=("bottle_id",)), Bottle="B-2")
    (problem,) = list_problems(page)
    assert problem == "Bottle B-1 was changed. The form shows the present values. Not saved: Bottle B-2"


def test_a_page_offers_values_and_gives_others() -> None:
    sent = list[BottleRequest]()
    offered = {"bottle_id": {"B-1": "the first"}, "labels": ["cold", "full"]}
    page = draw(sent.append, fields=("bottle_id", "labels"), offered=offered, given={"refills": 2})
    assert find(page, "Bottle").options == ["the first"]
    submit(page, Bottle="B-1", Labels=["full"])
    (body,) = sent
    assert (body.bottle_id, body.labels, body.refills) == ("B-1", ["full"], 2)


def test_the_answer_is_given_on_once() -> None:
    answers = list[str]()
    page = submit(draw(lambda body: body.bottle_id, then=answers.append), Bottle="B-1")
    page.run()
    assert answers == ["B-1"]


def test_a_refused_request_is_not_given_on() -> None:
    def refuse(_body: BottleRequest) -> None:
        raise InvalidInputError("no")

    answers = list[object]()
    submit(draw(refuse, then=answers.append), Bottle="B-1")
    assert answers == []
