"""Recorder of the bodies and answers of operations, which it asks of a host."""

from __future__ import annotations

import inspect
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from qdash_api.routing.target_routes import list_routed
from qdash_builtin.home.model import BackupRequest
from qdash_core.documents.base import Document
from qdash_core.documents.pages import PageOf
from qdash_core.features.discovery import list_feature_distributions, list_feature_packages
from qdash_core.hooks.manager import load_plugins
from qdash_core.operations.parameters import Place, list_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from qdash_core.operations.operation import Operation

OURS = tuple(f"{package}." for package in list_feature_packages())
"""Beginnings of the names of modules whose models have samples."""
DISTRIBUTIONS = (
    *list_feature_distributions(),
    "qdash-core",
    "qdash-scheduling",
    "qdash-sqlite",
    "qdash-api",
    "qdash-fake",
    "qdash-pictures",
    "qdash-tasks",
)
"""Distributions whose plugins the host has."""
_OPERATIONS = load_plugins(blocked=(), installed_too=DISTRIBUTIONS[:-3]).operations()
DECLARED = {one.name: one for resource in _OPERATIONS for one in list_routed(resource) if one.documented}
"""Every documented operation by its name."""
WITHOUT_OPERATION = (BackupRequest,)
"""Models of bodies that only commands send."""
_MOST_ITEMS, _MOST_PARTS, _MOST_FIELDS, _LONGEST_TEXT = 2, 1, 4, 300
"""Most numbers and texts, most models, and most fields of a JSON object in a sample; longest text in characters."""


class RefusedError(Exception):
    """Refusal of a request by the host."""


class Recorder:
    """Asks operations of a host, and keeps the best sample of each model in their bodies and answers.

    Parameters
    ----------
    client : TestClient
        Client of the host, with the token of a user.
    names : dict of str to str
        Required parameters by name; a call may name others.
    """

    def __init__(self, client: TestClient, names: dict[str, str]) -> None:
        self.client, self.names = client, names
        self._found: dict[type[BaseModel], tuple[int, Any]] = {}

    def ask(self, name: str, body: Any = None, /, *, content: bytes | None = None, **given: Any) -> Any:
        """Ask an operation, and return its answer: JSON, or text if it has no view model.

        Raises
        ------
        RefusedError
            If the host refuses it.
        """
        operation, known = DECLARED[name], {**self.names, **given}
        path = operation.path.format_map(known)
        query = {key: value for key, value in given.items() if f"{{{key}}}" not in operation.path}
        query |= {key: known[key] for key in _list_required(operation)}
        answer = self.client.request(operation.method, path, params=query, json=body, content=content)
        if not answer.is_success:
            raise RefusedError(f"{operation.method} {path} {query}: {answer.status_code} {answer.text}")
        if body is not None:
            self._keep_body(operation, body)
        if operation.answers is None:
            return answer.text
        self._keep(TypeAdapter(operation.answers).validate_json(answer.content))
        return answer.json()

    def ask_reads(self) -> None:
        """Ask each operation that reads a view model, and whose parameters have names; there may be nothing to read."""
        for name, one in DECLARED.items():
            needed = {*_list_required(one), *_list_names_in_path(one)}
            if one.method == "GET" and one.answers is not None and needed <= self.names.keys():
                with suppress(RefusedError):
                    self.ask(name)

    def list_samples(self) -> dict[str, Any]:
        """Return the sample of each model by its name, sorted."""
        found = {kind.__name__: sample for kind, (_, sample) in self._found.items()}
        return dict(sorted(found.items()))

    def _keep_body(self, operation: Operation[..., Any], body: Any) -> None:
        (model,) = _list_bodies(operation)
        read = model.model_validate(body)
        self._keep_better(model, len(body), body)
        for part in _iter_parts(read):
            if part is not read and part.__class__.__module__.startswith(OURS):
                shown = part.model_dump(mode="json", exclude_unset=True)
                self._found.setdefault(part.__class__, (0, shown))

    def _keep(self, answer: Any) -> None:
        for part in _iter_parts(answer):
            kind = part.__class__
            if (
                isinstance(part, Document)
                and not isinstance(part, PageOf)
                and kind.__module__.startswith(OURS)
            ):
                fields = sum(value not in ([], {}, "") for value in part.as_json().values())
                self._keep_better(kind, fields, part)
            elif kind in WITHOUT_OPERATION:
                self._found[kind] = (0, part.model_dump(mode="json", exclude_none=True))

    def _keep_better(self, kind: type[BaseModel], fields: int, sample: Any) -> None:
        """Keep a sample if it has more fields that say something than that which was found before."""
        if fields > self._found.get(kind, (-1, None))[0]:
            shown = _show_short(sample) if isinstance(sample, Document) else sample
            self._found[kind] = (fields, shown)


def _list_bodies(operation: Operation[..., Any]) -> list[type[BaseModel]]:
    """Return the model of the body of an operation, if it has one."""
    return [one.model for one in list_parameters(operation) if one.place is Place.BODY]


def _list_names_in_path(operation: Operation[..., Any]) -> list[str]:
    return [one.name for one in list_parameters(operation) if one.place is Place.PATH]


def _list_required(operation: Operation[..., Any]) -> list[str]:
    """Return the names of the required parameters of a query."""
    found = []
    for one in list_parameters(operation):
        if one.place is Place.QUERY and one.default is inspect.Parameter.empty:
            found.append(one.sent_as)
        elif one.place is Place.FILTERS:
            found += [name for name, field in one.kind.model_fields.items() if field.is_required()]
    return found


def _iter_parts(value: Any) -> Iterator[BaseModel]:
    """Yield each model in a value, itself first."""
    if isinstance(value, BaseModel):
        yield value
        value = value.__dict__
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _iter_parts(one)


def _show_short(document: Document) -> Any:
    """Return a view model as JSON, with short lists and texts where it stays valid."""
    shown = _shorten(document).as_json()
    try:
        kept = type(document).model_validate(shown).as_json() == shown
    except ValidationError:
        kept = False
    return shown if kept else document.as_json()


def _shorten(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: _shorten(one) for name, one in value.__dict__.items()})
    if isinstance(value, (list, tuple)):
        most = _MOST_PARTS if value and isinstance(value[0], BaseModel) else _MOST_ITEMS
        return type(value)(_shorten(one) for one in value[:most])
    if isinstance(value, dict):
        if any(isinstance(one, BaseModel) for one in value.values()):
            return {name: _shorten(one) for name, one in [*value.items()][:_MOST_PARTS]}
        names = sorted(value) if all(isinstance(one, int) for one in value.values()) else [*value]  # counts
        return {name: _shorten(value[name]) for name in names[:_MOST_FIELDS]}
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[: _LONGEST_TEXT - 1]}…"
    return value
