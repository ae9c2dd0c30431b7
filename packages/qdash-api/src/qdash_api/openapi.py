"""OpenAPI document of all routes, complete enough to generate clients from it."""

from __future__ import annotations

import inspect
import sys
from enum import Enum
from typing import TYPE_CHECKING, Any, get_args

from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from importlib_metadata import version
from pydantic import BaseModel

from qdash_api.problems import MEDIA_TYPE, Problem
from qdash_api.routing.bodies import describe_raw_body
from qdash_api.routing.route_declarations import PLUGINS
from qdash_api.routing.routes import GuardedRoute
from qdash_api.samples import read_samples
from qdash_core.documents.field_descriptions import read_field_descriptions
from qdash_core.documents.pages import PageOf
from qdash_core.features.discovery import list_feature_packages
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from fastapi.routing import RouteContext

_SUMMARY = "Calibration of superconducting quantum processors"
_DESCRIPTION = (
    "Every request, except to the few open routes, needs the header `Authorization: Bearer TOKEN`. The header "
    "`X-Project-Id` selects a project other than the caller's default. Errors are RFC 9457 problem documents. Lists are "
    "paginated: send `next` of a page as `after` to get the following page."
)
_REFS = "#/components/schemas/{model}"
_PROJECT = {
    "name": "X-Project-Id",
    "in": "header",
    "required": False,
    "description": "Project of the request; empty or absent: the caller's default project.",
    "schema": {"type": "string", "maxLength": 128},
}
_PROJECT_NEEDS = (RequiredRole.VIEWER, RequiredRole.EDITOR, RequiredRole.OWNER)
_PROBLEM_DESCRIPTIONS = {
    "401": "The token is missing or not valid",
    "403": "The caller lacks the required role",
    "404": "The object does not exist, or the caller has no access to it",
    "409": "The request conflicts with the current state",
    "412": "The object has changed since it was read",
    "422": "The request is not valid",
    "default": "Error",
}


def describe_app(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application, made at the first call and cached."""
    if app.openapi_schema is None:
        app.openapi_schema = _build_document(app)
    return app.openapi_schema


def iter_operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method in upper case, and operation of each operation of a document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def _build_document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="QDash",
        version=version("qdash-api"),
        summary=_SUMMARY,
        description=_DESCRIPTION,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    contexts = list(iter_route_contexts(app.routes))
    ours = {
        (context.path_format, method): context.original_route
        for context in contexts
        if isinstance(context.original_route, GuardedRoute)
        for method in context.original_route.methods or ()
    }
    for path, method, operation in iter_operations(document):
        _complete_operation(path, method, operation, ours.get((path, method)))
    document["components"] = {
        "schemas": _collect_schemas(document, contexts),
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
    }
    _drop_titles(document["paths"])
    _drop_titles(document["components"])
    return document


def _complete_operation(
    path: str, method: str, operation: dict[str, Any], route: GuardedRoute | None
) -> None:
    """Complete an operation with its common parts, and with those that follow from its required role."""
    if route is not None:
        needs = route.operation.needs
        if (body := describe_raw_body(route)) is not None:
            operation["requestBody"] = body
    else:  # a route of a plugin: `AuthenticationMiddleware` requires this role
        needs = RequiredRole.VIEWER if method in ("GET", "HEAD") else RequiredRole.EDITOR
        _name_plugin_operation(path, operation)
    operation["x-needs"] = needs.value
    operation["security"] = [] if needs is RequiredRole.OPEN else [{"bearer": []}]
    if needs in _PROJECT_NEEDS:
        operation.setdefault("parameters", []).append(_PROJECT)
    for parameter in operation.get("parameters", ()):
        _simplify_parameter(parameter)
    responses = operation["responses"]
    for status in _list_problem_statuses(path, operation, needs):
        responses[status] = {
            "description": _PROBLEM_DESCRIPTIONS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REFS.format(model=Problem.__name__)}}},
        }
    operation["responses"] = dict(sorted(responses.items()))


def _simplify_parameter(parameter: dict[str, Any]) -> None:
    """Remove null from the type of a parameter, as queries and headers cannot be null, and duplicate text."""
    schema = parameter["schema"]
    kinds = [one for one in schema.pop("anyOf", ()) if one != {"type": "null"}]
    if len(kinds) == 1:
        schema |= kinds[0]
    elif kinds:
        schema["anyOf"] = kinds
    if "description" in parameter:
        schema.pop("description", None)


def _name_plugin_operation(path: str, operation: dict[str, Any]) -> None:
    plugin = path.removeprefix(PLUGINS).partition("/")[0]
    operation["tags"] = [f"plugins-{plugin}"]
    name = operation["operationId"]
    if operation.get("description"):
        operation["summary"] = operation["description"].partition("\n")[0].rstrip(".")
    operation["operationId"] = name if name.startswith(f"{plugin}_") else f"{plugin}_{name}"


def _list_problem_statuses(path: str, operation: dict[str, Any], needs: RequiredRole) -> Iterator[str]:
    headers = {one["name"].lower() for one in operation.get("parameters", ()) if one["in"] == "header"}
    if needs is not RequiredRole.OPEN:
        yield from ("401", "403")
    if "{" in path or needs in _PROJECT_NEEDS:
        yield "404"
    if "idempotency-key" in headers:
        yield "409"
    if "if-match" in headers:
        yield "412"
    if "requestBody" in operation or operation.get("parameters"):
        yield "422"
    yield "default"


def _collect_schemas(document: dict[str, Any], contexts: list[RouteContext]) -> dict[str, Any]:
    """Return the schemas, each class of the core and of the features of QDash with its module and its recorded example."""
    schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})
    problem = Problem.model_json_schema(ref_template=_REFS)
    schemas |= {**problem.pop("$defs"), Problem.__name__: problem}
    classes: dict[str, type] = {}
    for context in contexts:
        if context.endpoint is not None:
            _collect_classes(getattr(context, "response_model", None), classes)  # a plain route has none
            body = getattr(context.original_route, "body_field", None)  # annotations of plugins may be text
            _collect_classes(None if body is None else body.field_info.annotation, classes)
            for parameter in inspect.signature(context.endpoint).parameters.values():
                _collect_classes(parameter.annotation, classes)
    fields = read_field_descriptions(classes.values())
    own = list_feature_packages()
    samples = {name: one for package in sorted(own) for name, one in read_samples(package).items()}
    for name, schema in schemas.items():
        module = classes[name].__module__ if name in classes else ""
        if module.partition(".")[0] in own:
            if name in samples:
                schema.setdefault("examples", [samples[name]])
            # Bodies of entities are made at run time: no module has them.
            if hasattr(sys.modules[module], name):
                schema["x-python-module"] = module
        for field, text in fields.get(classes.get(name, object), {}).items():
            if field in schema.get("properties", {}):
                schema["properties"][field].setdefault("description", text)
    _add_examples_of_pages(schemas)
    return dict(sorted(schemas.items()))


def _add_examples_of_pages(schemas: dict[str, Any]) -> None:
    """Add the example of its items to each page of a list."""
    for name, schema in schemas.items():
        if name.startswith(f"{PageOf.__name__}_"):
            item = schemas[schema["properties"]["items"]["items"]["$ref"].rpartition("/")[2]]
            if "examples" in item:
                schema["examples"] = [{"items": item["examples"][:1]}]


def _collect_classes(annotation: Any, classes: dict[str, type]) -> None:
    """Add the models and enumerations in an annotation, by name."""
    if isinstance(annotation, type) and issubclass(annotation, (BaseModel, Enum)):
        if annotation.__name__ in classes:
            return
        classes[annotation.__name__] = annotation
        for field in getattr(annotation, "model_fields", {}).values():
            _collect_classes(field.annotation, classes)
    for part in get_args(annotation):
        _collect_classes(part, classes)


def _drop_titles(part: Any) -> None:
    """Remove titles that pydantic and FastAPI derive from names; generators would name classes by them."""
    if isinstance(part, dict):
        if isinstance(part.get("title"), str):
            del part["title"]
        for name, inner in part.items():
            if name not in ("example", "examples"):
                _drop_titles(inner)
    elif isinstance(part, list):
        for inner in part:
            _drop_titles(inner)
