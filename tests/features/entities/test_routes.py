"""Routes of an entity of a plugin: answers, versions, errors, audit and description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_api import create_app
from qdash_api.openapi import describe_app
from qdash_builtin.entities.views import get_view_model
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.token import TokenScope

from ...api.conftest import run_host
from ...case_tables import each_case
from ...helium_fills import FILLS, declare_fills, make_plugin

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response

    from qdash_core.hooks.manager import Registry
    from qdash_core.settings import Settings

    from ...api.conftest import Host

PATH = "/entities/helium-fills"


@pytest.fixture
def registry() -> Registry:
    return load_plugins(extra={"gas": make_plugin(FILLS)})


def create_fill(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(PATH, json={"litres": 50, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def get_refusal(answer: Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["detail"])


def test_an_editor_creates_edits_and_deletes_what_a_viewer_reads(
    editor: TestClient, viewer: TestClient
) -> None:
    assert viewer.get(PATH).json() == {"items": []}
    made = create_fill(editor, purity="6.0", filled_at="2026-11-20T08:30:00+09:00")
    record_id = made["record_id"]
    assert made == {
        "record_id": record_id,
        "litres": 50.0,
        "purity": "6.0",
        "leaked": False,
        "filled_at": "2026-11-19T23:30:00Z",
        "username": "editor",
        "created_at": made["created_at"],
    }
    assert viewer.get(PATH).json() == {"items": [made]}
    assert viewer.get(f"{PATH}/{record_id}").json() == made
    changed = editor.patch(f"{PATH}/{record_id}", json={"filled_at": None, "supplier": "Cold Gases"}).json()
    del made["filled_at"]
    assert changed == {**made, "supplier": "Cold Gases"}
    for refused in (
        viewer.post(PATH, json={"litres": 1}),
        viewer.patch(f"{PATH}/{record_id}", json={"litres": 1}),
        viewer.delete(f"{PATH}/{record_id}"),
    ):
        get_refusal(refused, 403)
    assert editor.delete(f"{PATH}/{record_id}").json() == changed
    assert viewer.get(PATH).json() == {"items": []}
    assert "no helium fill" in get_refusal(viewer.get(f"{PATH}/{record_id}"), 404)


def test_a_reading_token_of_an_editor_writes_nothing(host: Host, editor: TestClient) -> None:
    made = create_fill(editor)
    reader = host.connect_as("editor", TokenScope.READ)
    assert reader.get(PATH).json()["items"] == [made]
    get_refusal(reader.post(PATH, json={"litres": 1}), 403)
    get_refusal(reader.delete(f"{PATH}/{made['record_id']}"), 403)


def test_long_lists_have_pages(editor: TestClient, viewer: TestClient) -> None:
    made = [create_fill(editor, litres=litres) for litres in (1, 2, 3)]
    first = viewer.get(PATH, params={"limit": 2}).json()
    rest = viewer.get(PATH, params={"limit": 2, "after": first["next"]}).json()
    assert [*first["items"], *rest["items"]] == made[::-1]
    assert "next" not in rest


def test_a_stale_edit_is_refused_and_an_unchanged_record_is_not_sent_again(editor: TestClient) -> None:
    made = create_fill(editor)
    path = f"{PATH}/{made['record_id']}"
    seen = editor.get(path).headers["etag"]
    assert editor.get(path, headers={"if-none-match": seen}).status_code == 304
    first = editor.patch(path, json={"litres": 60}, headers={"if-match": seen})
    assert (first.status_code, first.json()["litres"]) == (200, 60)
    said = get_refusal(editor.patch(path, json={"litres": 70}, headers={"if-match": seen}), 412)
    assert said.startswith(f"helium fill {made['record_id']} was changed since it was read")
    second = editor.patch(path, json={"litres": 70}, headers={"if-match": first.headers["etag"]})
    assert second.headers["etag"] == editor.get(path).headers["etag"] not in (seen, first.headers["etag"])


@each_case(
    ("body", "status", "message"),
    [
        ({}, 422, "litres: "),
        ({"litres": 0}, 422, "litres: "),
        ({"litres": "much"}, 422, "litres: "),
        ({"litres": "Infinity"}, 422, "litres: "),
        ({"litres": 1, "purity": "7.0"}, 422, "purity: "),
        ({"litres": 1, "filled_at": 1_700_000_000}, 422, "filled_at: "),
        ({"litres": 1, "filled_at": "2026-11-20T08:30:00"}, 422, "filled_at: "),
        ({"litres": 1, "supplier": "x" * 2001}, 422, "supplier: "),
        ({"litres": 1, "colour": "red"}, 422, "colour: "),
        ({"litres": 1, "record_id": "mine"}, 422, "record_id: "),
        ({"litres": 1, "username": "eve"}, 422, "username: "),
        ({"litres": 1, "supplier": "nobody"}, 409, "nobody delivers no helium"),
    ],
)
def test_an_invalid_record_is_refused(
    editor: TestClient, body: dict[str, Any], status: int, message: str
) -> None:
    assert message in get_refusal(editor.post(PATH, json=body), status)
    assert editor.get(PATH).json() == {"items": []}


def test_rules_apply_to_edits_and_deletions(editor: TestClient) -> None:
    made = create_fill(editor, leaked=True)
    path = f"{PATH}/{made['record_id']}"
    assert get_refusal(editor.delete(path), 409) == "a leak stays on record"
    assert "nobody" in get_refusal(editor.patch(path, json={"supplier": "nobody"}), 409)
    assert "litres" in get_refusal(editor.patch(path, json={"litres": -1}), 422)
    assert editor.get(path).json() == made


def test_records_belong_to_the_project_of_the_request(host: Host, owner: TestClient) -> None:
    made = create_fill(owner)
    own = {"x-project-id": "owner"}  # the personal project
    assert owner.get(PATH, headers=own).json() == {"items": []}
    get_refusal(owner.delete(f"{PATH}/{made['record_id']}", headers=own), 404)
    assert owner.get(PATH).json()["items"] == [made]


def test_changes_are_in_the_audit_log(editor: TestClient, administrator: TestClient) -> None:
    made = create_fill(editor)
    editor.patch(f"{PATH}/{made['record_id']}", json={"litres": -1})
    editor.delete(f"{PATH}/{made['record_id']}")
    rows = administrator.get("/audit").json()["items"]
    assert [(one["username"], one["method"], one["path"], one["status"]) for one in rows] == [
        ("editor", "DELETE", f"{PATH}/{made['record_id']}", 200),
        ("editor", "PATCH", f"{PATH}/{made['record_id']}", 422),
        ("editor", "POST", PATH, 201),
    ]


@pytest.mark.usefixtures("few_routes")
def test_the_description_has_the_operations_with_types_roles_and_a_valid_example(
    settings: Settings, registry: Registry
) -> None:
    described = describe_app(create_app(settings, registry))
    operations = {
        (method, path): operation
        for path, several in described["paths"].items()
        if path.startswith(PATH)
        for method, operation in several.items()
    }
    assert {key: (one["operationId"], one["x-needs"]) for key, one in operations.items()} == {
        ("get", PATH): ("list_entity_helium_fills", "viewer"),
        ("post", PATH): ("create_entity_helium_fill", "editor"),
        ("get", f"{PATH}/{{record_id}}"): ("show_entity_helium_fill", "viewer"),
        ("patch", f"{PATH}/{{record_id}}"): ("edit_entity_helium_fill", "editor"),
        ("delete", f"{PATH}/{{record_id}}"): ("delete_entity_helium_fill", "editor"),
    }
    schema = described["components"]["schemas"]["Helium_FillEntityRequest"]
    assert schema["required"] == ["litres"]
    edits = described["components"]["schemas"]["Helium_FillEntityEdit"]["properties"]
    assert not [name for name, field in edits.items() if "default" in field]
    assert schema["properties"]["litres"] == {"exclusiveMinimum": 0, "type": "number"}
    (example,) = described["components"]["schemas"]["Helium_FillEntityDocument"]["examples"]
    assert get_view_model(FILLS).model_validate(example).as_json() == example


@pytest.mark.parametrize(
    "fixture", ["few_routes", pytest.param("settings", id="all", marks=pytest.mark.release)]
)
def test_an_entity_with_a_name_of_the_host_changes_nothing_of_the_host(
    request: pytest.FixtureRequest, settings: Settings, fixture: str
) -> None:
    request.getfixturevalue(fixture)
    alone = describe_app(create_app(settings, load_plugins()))
    assert "/cryostats" in alone["paths"]
    cryostats = make_plugin(declare_fills(name="cryostat", plural="cryostats"))
    beside = describe_app(create_app(settings, load_plugins(extra={"gas": cryostats})))
    added = beside["paths"].keys() - alone["paths"].keys()
    assert added == {"/entities/cryostats", "/entities/cryostats/{record_id}"}
    assert {path: beside["paths"][path] for path in alone["paths"]} == alone["paths"]
    schemas = alone["components"]["schemas"]
    assert {name: beside["components"]["schemas"][name] for name in schemas} == schemas


def test_the_routes_answer_beside_those_of_other_entities(settings: Settings) -> None:
    other = declare_fills(name="nitrogen-fill", plural="nitrogen-fills")
    registry = load_plugins(extra={"gas": make_plugin(FILLS, other)})
    with run_host(settings, registry) as host:
        editor = host.connect_as("editor")
        create_fill(editor)
        assert editor.get("/entities/nitrogen-fills").json() == {"items": []}
        get_refusal(editor.get("/entities/argon-fills"), 404)


def test_lists_are_filtered_by_the_declared_fields(editor: TestClient) -> None:
    first, second = create_fill(editor, leaked=True), create_fill(editor, filled_at="2026-11-20T08:30:00Z")
    for query, found in (
        ({"leaked": "true"}, [first]),
        ({"filled_at_since": "2026-11-20T09:30:00+01:00"}, [second]),
        ({"filled_at_until": "2026-11-20T08:30:00Z"}, []),
        ({"litres_min": "50"}, [second, first]),
    ):
        assert editor.get(PATH, params=query).json()["items"] == found
    get_refusal(editor.get(PATH, params={"purity": "4.0"}), 422)
    get_refusal(editor.get(PATH, params={"price": "4.0"}), 422)
