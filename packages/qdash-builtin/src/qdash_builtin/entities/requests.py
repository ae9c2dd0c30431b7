"""Request bodies for the records of entities, made from their declarations."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field, create_model

from qdash_builtin.entities.editable import Editable
from qdash_builtin.entities.filters import list_entity_filters
from qdash_builtin.entities.reference_fields import RefersTo
from qdash_builtin.entities.service import LONGEST_TEXT
from qdash_builtin.record_lookup.call_ids import resolve_result_id
from qdash_builtin.request_parts.given_time import GivenTime
from qdash_core.models.input_kinds import list_choices
from qdash_core.models.targets import parse_target_id
from qdash_core.operations.bodies import Body, Filter
from qdash_core.operations.command import OnCommandLine

if TYPE_CHECKING:
    from qdash_builtin.entities.entity import Entity
    from qdash_builtin.entities.filters import EntityFilter
    from qdash_core.operations.call import Call

_REFERENCES = {"chip": "CHIP", "target": "Q", "result": "TASK_ID"}
_METAVARS = {"time": "TIME", "number": "NUMBER", "text": "TEXT", "boolean": "YES|NO"}


@cache
def make_edit_body(entity: Entity[Any]) -> type[Body]:
    """Return the body of an edit, in which no field is required."""
    text = f"Changes of {entity.article} {entity.noun}; absent fields are unchanged"
    kinds = {entity.get_input_kind(name) for name in entity.editable if entity.is_optional(name)}
    cleared = f", null clears {'a time' if kinds == {'time'} else 'an optional field'}" if kinds else ""
    optional = {
        name: (kind, _make_default(entity, default)) for name, (kind, default) in _iter_fields(entity)
    }
    example = entity.edit_example or dict(list(_get_example(entity).items())[:1])
    return _make_body(entity, "Edit", f"{text}{cleared}.", optional, example, Body)


@cache
def make_filter(entity: Entity[Any]) -> type[Filter]:
    """Return the filters of a list: those for references, and those for the fields that the declaration names."""
    fields: dict[str, Any] = {
        name: (
            Annotated[
                str | None,
                Field(
                    max_length=128, description=f"Only {entity.plural_noun} that refer to this {mark.kind}."
                ),
                OnCommandLine(name=mark.kind, metavar=_REFERENCES[mark.kind]),
            ],
            None,
        )
        for name, mark in entity.references.items()
    }
    for name, one in list_entity_filters(entity).items():
        fields[name] = (_make_filter_kind(entity, one), None)
    text = f"Filters of a list of {entity.plural_noun}, which must all hold."
    name = f"{entity.schema_name}Filter"
    return create_model(name, __base__=Filter, __module__=__name__, __doc__=text, **fields)


def _make_filter_kind(entity: Entity[Any], one: EntityFilter) -> Any:
    """Return the type of a parameter that filters by a field."""
    kind: Any = entity.model.model_fields[one.field].annotation
    if entity.get_input_kind(one.field) == "time":
        kind = GivenTime
    elif kind in (str, str | None):
        kind = Annotated[str, Field(max_length=LONGEST_TEXT)]
    return Annotated[
        kind | None,
        Field(description=f"Only {entity.plural_noun} {one.condition}."),
        OnCommandLine(name=one.option.removeprefix("--"), metavar=_get_metavar(entity, one.field)),
    ]


def resolve_given(call: Call, entity: Entity[Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return given fields with the whole id of a result, and a target in its stored form."""
    if "task_id" in entity.references and "task_id" in given:
        given["task_id"] = resolve_result_id(call, given["task_id"])
    if "target" in entity.references and given.get("target"):
        given["target"] = parse_target_id(given["target"])
    return given


def _make_default(entity: Entity[Any], default: Any) -> Any:
    """Return the default of a field of an edit: for plugins one that the schema does not show, as clients might send it."""
    return Field(default_factory=lambda: None) if entity.is_of_plugin else default


@cache
def make_create_body(entity: Entity[Any]) -> type[Body]:
    """Return the body of a creation: all editable fields, and the id unless it is assigned."""
    fields = {
        name: (kind, default)
        for name, (kind, default) in _iter_fields(entity)
        if entity.is_of_plugin or default is ...
    }
    identity: dict[str, Any] = {} if entity.assigns_ids else {entity.key: (_make_id(entity), ...)}
    return _make_body(
        entity,
        "Request",
        f"Request to {entity.verb} {entity.article} {entity.noun}.",
        {**fields, **identity},
        _get_example(entity),
        make_edit_body(entity),
    )


def _make_id(entity: Entity[Any]) -> Any:
    metavar = entity.name.upper() if entity.is_of_plugin else ""
    return Annotated[
        str,
        Field(min_length=1, max_length=64, title=entity.noun),
        OnCommandLine(is_argument=True, metavar=metavar),
    ]


def _make_body(
    entity: Entity[Any],
    suffix: str,
    text: str,
    fields: dict[str, Any],
    example: Any,
    base: type[Body],
) -> type[Body]:
    name = f"{entity.schema_name}{suffix}"
    config = ConfigDict(allow_inf_nan=False, json_schema_extra={"examples": [dict(example)]})
    exampled = type(name, (base,), {"model_config": config, "__module__": __name__, "__doc__": text})
    return create_model(name, __base__=exampled, __module__=__name__, __doc__=text, **fields)


def _iter_fields(entity: Entity[Any]) -> Any:
    """Yield the type and default of each field that users edit, as bodies have them."""
    for name in entity.editable:
        field = entity.model.model_fields[name]
        kind: Any = field.annotation
        if entity.get_input_kind(name) == "time":
            kind = GivenTime if field.is_required() else GivenTime | None
        elif kind is str:
            least = 1 if entity.is_of_plugin and field.is_required() else None
            kind = Annotated[str, Field(min_length=least, max_length=LONGEST_TEXT)]
        rules = [one for one in field.metadata if not isinstance(one, (Editable, RefersTo))]
        for rule in rules:
            kind = Annotated[kind, rule]
        kind = Annotated[kind, Field(title=entity.get_label(name)), _make_mark(entity, name)]
        yield name, (kind, ... if field.is_required() else field.get_default(call_default_factory=True))


def _make_mark(entity: Entity[Any], name: str) -> OnCommandLine:
    shown = entity.editable[name].help
    option = entity.get_option(name).removeprefix("--")
    return OnCommandLine(name=option, metavar=_get_metavar(entity, name), help=shown, is_hidden=not shown)


def _get_metavar(entity: Entity[Any], name: str) -> str:
    if name in entity.references:
        return _REFERENCES[entity.references[name].kind]
    kind = entity.get_input_kind(name)
    if kind == "choice" and entity.is_of_plugin:
        return "|".join(list_choices(entity.model.model_fields[name].annotation))
    return _METAVARS.get(kind, name.upper())


def _get_example(entity: Entity[Any]) -> dict[str, Any]:
    names = [*(() if entity.assigns_ids else (entity.key,)), *entity.editable]
    return {name: entity.example[name] for name in names if name in entity.example}
