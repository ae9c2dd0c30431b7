"""Tools of operations: their schemas, the check of their arguments, and results of limited size."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import pytest
from pydantic import Field

from qdash_builtin.conversations.tools.document_size import MOST_CHARACTERS
from qdash_builtin.request_parts.path_parts import ProjectId  # noqa: TC001  likewise
from qdash_core.documents.base import Document
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError
from qdash_core.operations.answers import FileAnswer, TextAnswer
from qdash_core.operations.bodies import Body, Filter
from qdash_core.operations.call import Call  # noqa: TC001  `list_parameters` reads the annotation
from qdash_core.operations.operation import Operations
from qdash_core.operations.parameters import Place, list_parameters
from qdash_core.operations.required_role import RequiredRole

from ....docs.pages import ROOT
from ....operation_tools import make_core_tools
from .conftest import operation_tool

if TYPE_CHECKING:
    from qdash_builtin.conversations.tools.operation_tool import OperationTool
    from qdash_core.operations.operation import Operation

FOR_PEOPLE = {
    "audit",
    "auth",
    "backups",
    "configuration",
    "files",
    "members",
    "projects",
    "settings",
    "users",
}
"""Resources without tools."""

operations = Operations("fridges")


class Reading(Document):
    """A reading of a thermometer."""

    number: int
    text: str


class Readings(Filter):
    """Filters of readings."""

    since: datetime | None = None
    """Only later ones."""
    stages: tuple[str, ...] = ()


class NewReading(Body):
    """A reading."""

    kelvin: Annotated[float, Field(gt=0)]
    """Temperature, in kelvin."""
    note: str | None = None


@operations.get("/readings", needs=RequiredRole.VIEWER)
def list_readings(call: Call, query: Readings) -> PageOf[Reading]:
    """List the readings, newest first."""
    raise NotImplementedError


@operations.put("/projects/{project_id}/stages/{stage}", needs=RequiredRole.EDITOR)
def set_reading(call: Call, project_id: ProjectId, stage: str, body: NewReading) -> Reading:
    """Set the reading of a stage."""
    raise NotImplementedError


@operations.post("/purge", needs=RequiredRole.EDITOR)
def purge(call: Call, body: NewReading | None = None) -> None:
    """Purge the trap."""


@operations.get("/page", needs=RequiredRole.VIEWER, media_type="text/markdown")
def show_page(call: Call) -> TextAnswer:
    """Show the page of the fridge."""
    raise NotImplementedError


@dataclass
class Fridge:
    """Transport to readings of this length, which keeps its requests."""

    length: int = 10
    answer: Any = None
    asked: list[tuple[Operation[..., Any], dict[str, Any]]] = field(default_factory=list)
    project_id: str = "lab"

    def ask(self, operation: Operation[..., Any], **named: Any) -> Any:
        self.asked.append((operation, named))
        if not operation.is_listed:
            return self.answer
        first, limit = int(operation.options.after or 0), operation.options.limit or 0
        items = [Reading(number=number, text="x" * self.length) for number in range(first, first + limit)]
        return PageOf[Reading](items=items, next=str(first + limit))


def tool(operation: Operation[..., Any]) -> OperationTool:
    made: OperationTool = operation_tool.OperationTool(operation)
    return made


def refuse(operation: Operation[..., Any], **given: Any) -> str:
    """Return the reason why a tool refuses arguments."""
    fridge = Fridge()
    with pytest.raises(InvalidInputError) as refused:
        tool(operation).call(fridge, given)  # type: ignore[arg-type]
    assert not fridge.asked
    return str(refused.value)


def test_filters_and_pages_are_arguments_and_the_body_is_one_object() -> None:
    listed, changed = tool(list_readings).schema, tool(set_reading).schema

    assert {*listed["properties"]} == {"since", "stages", "limit", "after"}
    assert listed["properties"]["since"]["description"] == "Only later ones."
    assert listed["properties"]["limit"]["default"] == 20
    assert "required" not in listed
    assert {*changed["properties"]} == {"stage", "body"}
    assert changed["required"] == ["stage", "body"]
    assert changed["$defs"]["NewReading"]["properties"]["kelvin"] == {
        "description": "Temperature, in kelvin.",
        "exclusiveMinimum": 0,
        "type": "number",
    }


def test_the_operation_gets_its_arguments_and_the_project_of_the_transport() -> None:
    fridge = Fridge(answer=Reading(number=1, text="cold"))

    said = tool(set_reading).call(fridge, {"stage": "still", "body": {"kelvin": 0.8}})  # type: ignore[arg-type]
    tool(list_readings).call(fridge, {"since": "2026-11-28T06:00:00Z", "limit": 3, "after": "40"})  # type: ignore[arg-type]

    assert said == '{"number":1,"text":"cold"}'
    (_, sent), (listed, filters) = fridge.asked
    assert sent == {"project_id": "lab", "stage": "still", "body": NewReading(kelvin=0.8)}
    assert sent["body"].model_fields_set == {"kelvin"}
    assert filters == {"query": Readings(since=datetime(2026, 11, 28, 6, tzinfo=UTC))}
    assert (listed.options.limit, listed.options.after) == (3, "40")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"stage": "still"}, "body: it is missing"),
        ({"stage": "still", "body": {"kelvin": -1}}, "body.kelvin: it has to be greater than 0"),
        ({"stage": "still", "body": {"kelvin": 1, "colour": "red"}}, "body.colour: there is no such field"),
        (
            {"stage": "still", "body": {"kelvin": 1}, "project_id": "other"},
            "project_id: there is no such field",
        ),
        ({"stage": 4, "body": {"kelvin": 1}}, "stage: it has to be text"),
        ({"stage": "still", "body": {"kelvin": float("nan")}}, "the arguments are not JSON"),
    ],
)
def test_wrong_arguments_are_named(given: dict[str, Any], reason: str) -> None:
    assert refuse(set_reading, **given).startswith(reason)


def test_wrong_filters_are_named() -> None:
    assert refuse(list_readings, since="yesterday").startswith("since: ")
    assert refuse(list_readings, limit=0).startswith("limit: it has to be greater than or equal to 1")
    assert (
        refuse(list_readings, colour="red")
        == "colour: there is no such field (known: limit, after, since, stages)"
    )


def test_an_absent_body_may_be_optional_and_an_empty_answer_says_done() -> None:
    fridge = Fridge()

    assert tool(purge).call(fridge, {}) == "done"  # type: ignore[arg-type]
    assert fridge.asked[0][1] == {}


def test_a_page_that_is_too_large_has_fewer_items_and_goes_on_after_them() -> None:
    fridge = Fridge(length=MOST_CHARACTERS // 8)

    found = json.loads(tool(list_readings).call(fridge, {"after": "100"}))  # type: ignore[arg-type]

    assert [one["number"] for one in found["items"]] == [100, 101, 102, 103, 104]
    assert found["next"] == "105"


def test_other_results_that_are_too_large_are_shortened_and_say_so() -> None:
    long = "x" * (2 * MOST_CHARACTERS)
    one_item = tool(list_readings).call(Fridge(length=2 * MOST_CHARACTERS), {})  # type: ignore[arg-type]
    text = tool(show_page).call(Fridge(answer=TextAnswer(long, "text/markdown")), {})  # type: ignore[arg-type]

    assert len(one_item) <= MOST_CHARACTERS
    assert "too large" in json.loads(one_item)["shortened"]
    assert text == f"{'x' * MOST_CHARACTERS}… ({MOST_CHARACTERS} more characters)"


def test_tools_say_whether_they_change_or_overwrite(tools: dict[str, OperationTool]) -> None:
    said = {
        name: (tools[name].changes, tools[name].overwrites)
        for name in ("list_chips", "open_issue", "note_chip")
    }

    assert said == {"list_chips": (False, False), "open_issue": (True, False), "note_chip": (True, True)}
    assert not tools["preview_run"].changes


def test_no_tool_concerns_accounts_settings_files_or_other_projects(tools: dict[str, OperationTool]) -> None:
    marked = [one.operation for one in tools.values()]

    assert not {one.tag for one in marked} & FOR_PEOPLE
    assert {one.needs for one in marked} == {RequiredRole.VIEWER, RequiredRole.EDITOR}
    assert not [one.name for one in marked if get_type_hints(one.function)["return"] is FileAnswer]
    assert not [one.name for one in marked if "project_id" in one.path]
    places = {parameter.place for one in marked for parameter in list_parameters(one)}
    assert Place.RAW_BODY not in places


def test_every_tool_has_a_schema_and_says_what_it_does(tools: dict[str, OperationTool]) -> None:
    for name, one in tools.items():
        assert one.operation.description, name
        assert one.schema["type"] == "object", name
        assert one.schema["additionalProperties"] is False, name
    assert sum(len(json.dumps(one.schema)) for one in tools.values()) < 100_000


def test_the_documentation_names_the_tools_that_act_once_for_a_key_and_the_others(
    tools: dict[str, OperationTool],
) -> None:
    page = (ROOT / "docs/features/conversations.md").read_text("utf-8")
    rows = (
        page.partition("| tools that change something | a repeated call |")[2]
        .split("\n\n")[0]
        .splitlines()[2:]
    )
    with_key, *others = ({*re.findall("`([a-z_]+)`", row.split("|")[1])} for row in rows)

    assert with_key == {name for name, one in tools.items() if one.operation.idempotent}
    assert set().union(*others) == {name for name, one in tools.items() if one.changes} - with_key


def test_tools_of_a_blocked_feature_are_gone() -> None:
    assert {"list_issues", "list_chips"} <= make_core_tools().keys()
    assert {"list_issues", "list_chips"} & make_core_tools("issues").keys() == {"list_chips"}
