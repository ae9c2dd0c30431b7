"""Declarations of every route of the complete host, including plugins of this repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts

from qdash_api import create_app
from qdash_api.html.api_pages import REDOC, SWAGGER_UI
from qdash_api.openapi import iter_operations
from qdash_api.problems import map_error_to_problem
from qdash_api.routing.route_declarations import list_open_paths
from qdash_api.routing.routes import GuardedRoute
from qdash_core import errors
from qdash_core.operations.parameters import Place, list_parameters
from qdash_core.operations.required_role import RequiredRole
from qdash_core.settings import Settings

from ..case_tables import each_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from qdash_core.hooks.manager import Registry
    from qdash_core.operations.operation import Operation

    from .conftest import Host

OPEN = {"/health", "/ready", "/openapi.json", "/docs", "/redoc", "/auth/login", "/auth/setup"}
NUMBERS = {"maximum", "exclusiveMaximum"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> FastAPI:
    return create_app(Settings(home=tmp_path_factory.mktemp("host")), registry)


def resolve_reference(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return a schema, with its reference resolved."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def iter_parts(
    schema: dict[str, Any], document: dict[str, Any], place: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each nested schema with its place; a recursive component once."""
    seen: set[str] = set()

    def within(part: dict[str, Any], here: str) -> Iterator[tuple[str, dict[str, Any]]]:
        name = part.get("$ref", "")
        if name in seen:
            return
        seen.update([name] if name else [])
        found = resolve_reference(part, document)
        yield here, found
        for key, inner in found.get("properties", {}).items():
            yield from within(inner, f"{here}.{key}")
        for key in ("items", "additionalProperties", "propertyNames"):
            if isinstance(found.get(key), dict):
                yield from within(found[key], f"{here}[{key}]")
        for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
            for inner in found.get(key, ()):
                yield from within(inner, here)

    return within(schema, place)


def find_unbounded_part(place: str, schema: dict[str, Any]) -> str | None:
    """Return the first unbounded part of a request, or None."""
    if "enum" in schema or "const" in schema or schema.get("format") in ("date-time", "date"):
        return None
    kind = schema.get("type")
    if (
        kind == "string"
        and "maxLength" not in schema
        and not re.fullmatch(r"[^*+{]+", schema.get("pattern", "*"))
    ):
        return f"{place}: a string without maxLength"
    if kind == "array" and "maxItems" not in schema:
        return f"{place}: an array without maxItems"
    if kind == "integer" and not NUMBERS & schema.keys():
        return f"{place}: an integer without maximum"
    if kind == "object" and schema.get("additionalProperties", True) and "maxProperties" not in schema:
        return f"{place}: an object of any keys without maxProperties"
    return None


def test_every_route_is_declared_or_belongs_to_a_plugin(app: FastAPI) -> None:
    for context in iter_route_contexts(app.routes):
        assert isinstance(context.original_route, GuardedRoute) or str(context.path).startswith("/plugins/")


def list_sent(operation: Operation[..., Any]) -> set[tuple[str, str]]:
    """Return the place and name of everything that callers of an operation may send."""
    sent: set[tuple[str, str]] = set()
    for one in list_parameters(operation):
        if one.place is Place.FILTERS:
            sent |= {("query", field.alias or name) for name, field in one.kind.model_fields.items()}
        else:
            sent.add((one.place, one.sent_as))
    if operation.is_listed:
        sent |= {("query", "limit"), ("query", "after")}
    headers = {
        "if-match": operation.edits,
        "if-none-match": operation.versioned,
        "idempotency-key": operation.idempotent,
    }
    return sent | {("header", name) for name, is_taken in headers.items() if is_taken}


def test_every_route_reads_what_callers_of_its_operation_send(app: FastAPI) -> None:
    """Hosts and clients read the same declaration, and agree on the name and place of everything."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, GuardedRoute) or route.operation.media_type == "text/event-stream":
            continue
        read = route.dependant
        places = {
            "path": read.path_params,
            "query": read.query_params,
            "header": read.header_params,
            "body": read.body_params,
        }
        found = {(place, one.alias) for place, params in places.items() for one in params}
        raw = {one for one in list_sent(route.operation) if one[0] == Place.RAW_BODY}
        assert bool(raw) == bool(read.dependencies), route.path
        assert found == list_sent(route.operation) - raw, route.path


def test_only_the_open_paths_need_no_token(document: dict[str, Any], app: FastAPI) -> None:
    opened = {path for path, _, one in iter_operations(document) if one["x-needs"] == RequiredRole.OPEN}
    assert opened == OPEN
    files = {file.path for page in (SWAGGER_UI, REDOC) for file in page.files}
    reads = {path: {"GET", "HEAD"} for path in {*OPEN, *files}}
    assert list_open_paths(app) == reads | {
        "/auth/login": {"POST"},
        "/auth/setup": {"GET", "HEAD", "POST"},
    }
    for _, _, operation in iter_operations(document):
        assert operation["security"] == (
            [] if operation["x-needs"] == RequiredRole.OPEN else [{"bearer": []}]
        )


def test_every_operation_has_a_summary_and_an_id(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in iter_operations(document)]
    assert len(ids) == len(set(ids))
    for path, _, operation in iter_operations(document):
        assert re.fullmatch(r"[a-z][a-z0-9_]*", operation["operationId"]), path
        assert operation["summary"][0].isupper(), path
        assert not operation["summary"].endswith("."), path
        assert operation["description"].strip(), path
        assert len(operation["tags"]) == 1, path
        assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}, path


def test_bodies_and_responses_are_typed(document: dict[str, Any]) -> None:
    untyped = [
        f"{method} {path} {status}"
        for path, method, operation in iter_operations(document)
        for status, answer in operation["responses"].items()
        if status[0] == "2" and status != "204" and path != "/openapi.json"
        for media_type, content in answer["content"].items()
        if media_type == "application/json" and not content.get("schema")
    ]
    untyped += [
        f"{method} {path} takes {media_type}"
        for path, method, operation in iter_operations(document)
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
        if not content.get("schema")
    ]
    assert not untyped


def test_class_names_in_the_schema_are_unique(document: dict[str, Any]) -> None:
    assert not [name for name in document["components"]["schemas"] if "__" in name]


def test_every_body_and_response_has_an_example(document: dict[str, Any]) -> None:
    used: set[str] = set()
    for _, _, operation in iter_operations(document):
        contents = [answer.get("content", {}) for answer in operation["responses"].values()]
        contents.append(operation.get("requestBody", {}).get("content", {}))
        for content in (one for kinds in contents for one in kinds.values()):
            used.add(content.get("schema", {}).get("$ref", "").rpartition("/")[2])
    schemas = document["components"]["schemas"]
    without = [name for name in sorted(used - {""}) if not schemas[name].get("examples")]
    assert not without


def test_every_input_has_a_size_limit(document: dict[str, Any]) -> None:
    found = []
    for path, method, operation in iter_operations(document):
        for parameter in operation.get("parameters", ()):
            place = f"{method} {path} {parameter['name']}"
            found += [find_unbounded_part(*part) for part in iter_parts(parameter["schema"], document, place)]
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None:  # a file is limited while it is read
            found += [
                find_unbounded_part(*part)
                for part in iter_parts(body["schema"], document, f"{method} {path} body")
            ]
    assert sorted({one for one in found if one}) == []


def iter_error_classes(kind: type[errors.QDashError]) -> Iterator[type[errors.QDashError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from iter_error_classes(below)


@each_case(
    "kind",
    sorted(
        {one for one in iter_error_classes(errors.QDashError) if one.__module__ == "qdash_core.errors"},
        key=lambda one: one.__name__,
    ),
    ids=lambda one: one.__name__,
)
def test_every_error_class_has_a_problem_type(kind: type[errors.QDashError]) -> None:
    error = (
        kind("asked too often", retry_after_s=3.0) if kind is errors.TooManyError else kind("asked too often")
    )
    found = map_error_to_problem(error)
    assert (found.type.startswith("/problems/"), found.detail) == (True, "asked too often")
    assert 400 <= found.status < 600
    others = [one for one in vars(errors).values() if isinstance(one, type) and one is not kind]
    types = {
        map_error_to_problem(one("", retry_after_s=1.0) if one is errors.TooManyError else one("")).type
        for one in others
        if issubclass(one, errors.QDashError)
    }
    assert found.type not in types


def test_an_unchanged_document_is_answered_with_304(host: Host) -> None:
    first = host.client.get("/openapi.json")
    again = host.client.get("/openapi.json", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_refused_method_is_answered_with_all_allowed_methods(host: Host) -> None:
    refused = host.connect_as("viewer").put("/chips/a")
    assert (refused.status_code, refused.headers["allow"]) == (405, "DELETE, GET, PATCH")
    assert refused.json()["type"] == "/problems/method-not-allowed"
