"""Operations of the records of an entity, made from its declaration."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from qdash_core.documents.entities import get_view_model
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.path_parts import Name
from qdash_core.operations.required_role import RequiredRole
from qdash_core.resources.requests.entities import make_create_body, make_edit_body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import Field

    from qdash_core.entities.entity import Entity
    from qdash_core.models.base import Record
    from qdash_core.operations.operation import Operation

_REQUIRED, _BY_NAME = inspect.Parameter.empty, inspect.Parameter.POSITIONAL_OR_KEYWORD
_Force = Annotated[bool, Field(description="True: delete even if it has a note.")]


def declare_entity_operations(
    operations: Operations, entity: Entity[Any], *, prefix: str = ""
) -> tuple[Operation[..., Any], ...]:
    """Declare and return the operations that list, create, show, edit and delete the records of an entity."""
    document, key = get_view_model(entity), entity.key
    edits, deletes = RequiredRole(entity.edit_role), RequiredRole(entity.delete_role)
    path = f"{prefix}/{entity.plural}"
    one, a = f"{path}/{{{key}}}", f"{entity.article} {entity.noun}"

    def respond(call: Call, record: Record) -> Any:
        call.set_changed_at(record.changed_at)
        return document.from_record(record)

    def list_records(call: Call) -> Any:
        return PageOf.from_page(
            call.qdash.open_entity(entity).page(call.access, call.page), document.from_record
        )

    def create(call: Call, body: Any) -> Any:
        fields = body.model_dump(exclude_unset=True)
        return respond(
            call, call.qdash.open_entity(entity).create(call.access, fields.pop(key, None), **fields)
        )

    def show(call: Call, **given: str) -> Any:
        return respond(call, call.qdash.open_entity(entity).show(call.access, given[key]))

    def edit(call: Call, body: Any, **given: str) -> Any:
        service = call.qdash.open_entity(entity)
        return respond(
            call,
            service.edit(call.access, given[key], as_of=call.as_of, **body.model_dump(exclude_unset=True)),
        )

    def delete(call: Call, force: bool = False, **given: str) -> Any:
        service = call.qdash.open_entity(entity)
        as_of = call.as_of if entity.is_of_plugin else None
        return document.from_record(service.delete(call.access, given[key], force=force, as_of=as_of))

    noun, plural = (text.replace("-", "_") for text in (entity.name, entity.plural))
    if prefix:  # a plugin may choose a name of the host
        noun, plural = f"entity_{noun}", f"entity_{plural}"
    named = {key: (Name, _REQUIRED)}
    forced = {"force": (_Force, False)} if entity.is_noted else {}
    declare_list = operations.get(path, needs=RequiredRole.VIEWER, answers=PageOf[document])  # type: ignore[valid-type]
    declare_creation = operations.post(path, needs=edits, answers=document, status=201, creates=True)
    declare_show = operations.get(one, needs=RequiredRole.VIEWER, answers=document, versioned=True)
    declare_edit = operations.patch(one, needs=edits, answers=document, edits=True, compares=one)
    declare_deletion = operations.delete(
        one, needs=deletes, answers=document, edits=entity.is_of_plugin, compares=one
    )
    return (
        declare_list(
            _set_signature(
                list_records,
                f"list_{plural}",
                f"List the {entity.plural_noun} of the project, {entity.order_phrase}.",
            )
        ),
        declare_creation(
            _set_signature(
                create,
                f"create_{noun}",
                f"{entity.verb.capitalize()} {a}.",
                {"body": (make_create_body(entity), _REQUIRED)},
            )
        ),
        declare_show(_set_signature(show, f"show_{noun}", f"Show {a}.", named)),
        declare_edit(
            _set_signature(
                edit,
                f"edit_{noun}",
                f"Change fields of {a}; absent fields are unchanged.",
                {**named, "body": (make_edit_body(entity), _REQUIRED)},
            )
        ),
        declare_deletion(
            _set_signature(delete, f"delete_{noun}", f"{entity.deletion}.", {**named, **forced})
        ),
    )


def _set_signature(
    function: Callable[..., Any],
    name: str,
    text: str,
    parameters: Mapping[str, tuple[Any, Any]] | None = None,
) -> Callable[..., Any]:
    """Return a function with the name, docstring and parameters that its transports read."""
    given = {"call": (Call, _REQUIRED), **(parameters or {})}
    function.__name__, function.__doc__ = name, text
    function.__annotations__ = {one: annotation for one, (annotation, _) in given.items()}
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(one, _BY_NAME, annotation=annotation, default=default)
            for one, (annotation, default) in given.items()
        ]
    )
    return function
