"""Operations of the records of an entity, made from its declaration."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from qdash_builtin.attachments.answers import FILE_TYPE, list_attachments, send_attachment
from qdash_builtin.attachments.requests import FileName
from qdash_builtin.attachments.views import AttachmentDocument
from qdash_builtin.entities.composition import open_attachments, open_entity
from qdash_builtin.entities.requests import (
    make_create_body,
    make_edit_body,
    make_filter,
    resolve_given,
)
from qdash_builtin.entities.views import get_view_model
from qdash_builtin.request_parts.path_parts import Name
from qdash_core.documents.pages import PageOf
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.bodies import RawBody
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import Field

    from qdash_builtin.attachments.accepted_files import AcceptedFiles
    from qdash_builtin.entities.entity import Entity
    from qdash_core.models.base import Record
    from qdash_core.operations.operation import Operation

_PLUGIN_PREFIX = "/entities"
"""Beginning of the paths of the entities of plugins."""
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

    def list_records(call: Call, query: Any = None) -> Any:
        given = {} if query is None else query.model_dump(exclude_none=True)
        filters = resolve_given(call, entity, given)
        found = open_entity(call.qdash, entity).page(call.access, call.page, filters=filters)
        return PageOf.from_page(found, document.from_record)

    def get_fields(call: Call, body: Any) -> dict[str, Any]:
        """Return the given fields; an empty text clears an optional one."""
        given = resolve_given(call, entity, body.model_dump(exclude_unset=True))
        return {
            name: None if value == "" and entity.is_optional(name) else value for name, value in given.items()
        }

    def create(call: Call, body: Any) -> Any:
        fields = get_fields(call, body)
        return respond(
            call, open_entity(call.qdash, entity).create(call.access, fields.pop(key, None), **fields)
        )

    def show(call: Call, **given: str) -> Any:
        return respond(call, open_entity(call.qdash, entity).show(call.access, given[key]))

    def edit(call: Call, body: Any, **given: str) -> Any:
        service = open_entity(call.qdash, entity)
        return respond(
            call,
            service.edit(call.access, given[key], as_of=call.as_of, **get_fields(call, body)),
        )

    def delete(call: Call, force: bool = False, **given: str) -> Any:
        service = open_entity(call.qdash, entity)
        as_of = call.as_of if entity.is_of_plugin else None
        return document.from_record(service.delete(call.access, given[key], force=force, as_of=as_of))

    noun, plural = (text.replace("-", "_") for text in (entity.name, entity.plural))
    if prefix:  # a plugin may choose a name of the host
        noun, plural = f"entity_{noun}", f"entity_{plural}"
    named = {key: (Annotated[Name, OnCommandLine(metavar=entity.name.upper())], _REQUIRED)}
    forced = {"force": (_Force, False)} if entity.is_noted else {}
    creation = f"qdash {entity.name} create" + ("" if entity.assigns_ids else f" {entity.name.upper()}")
    declare_list = operations.get(
        path,
        needs=RequiredRole.VIEWER,
        command=Command(
            f"{entity.name} list",
            empty=f"no {entity.plural_noun} yet",
            first=f"{entity.verb} one with `{creation}`",
        ),
    )
    declare_creation = operations.post(
        path,
        needs=edits,
        status=201,
        creates=True,
        command=Command(f"{entity.name} create"),
    )
    declare_show = operations.get(
        one,
        needs=RequiredRole.VIEWER,
        versioned=True,
        command=Command(f"{entity.name} show"),
    )
    declare_edit = operations.patch(
        one, needs=edits, edits=True, compares=one, command=Command(f"{entity.name} edit")
    )
    declare_deletion = operations.delete(
        one,
        needs=deletes,
        edits=entity.is_of_plugin,
        compares=one,
        command=Command(f"{entity.name} delete", says=f"{entity.noun} {{{key}}} was deleted"),
    )
    if entity.attachments is not None:
        _declare_attachment_operations(operations, entity, one, entity.attachments)
    return (
        declare_list(
            _set_signature(
                list_records,
                PageOf[document],  # type: ignore[valid-type]
                f"list_{plural}",
                f"List the {entity.plural_noun} of the project, {entity.order_phrase}.",
                {"query": (make_filter(entity), _REQUIRED)} if entity.references or entity.filters else {},
            )
        ),
        declare_creation(
            _set_signature(
                create,
                document,
                f"create_{noun}",
                f"{entity.verb.capitalize()} {a}.",
                {"body": (make_create_body(entity), _REQUIRED)},
            )
        ),
        declare_show(_set_signature(show, document, f"show_{noun}", f"Show {a}.", named)),
        declare_edit(
            _set_signature(
                edit,
                document,
                f"edit_{noun}",
                f"Change fields of {a}; absent fields are unchanged.",
                {**named, "body": (make_edit_body(entity), _REQUIRED)},
            )
        ),
        declare_deletion(
            _set_signature(delete, document, f"delete_{noun}", f"{entity.deletion}.", {**named, **forced})
        ),
    )


def make_plugin_operations(entity: Entity[Any]) -> Operations:
    """Return the operations of the records of a plugin's entity."""
    operations = Operations(entity.plural)
    declare_entity_operations(operations, entity, prefix=_PLUGIN_PREFIX)
    return operations


def _declare_attachment_operations(
    operations: Operations, entity: Entity[Any], one: str, accepted: AcceptedFiles
) -> None:
    """Declare the operations that attach, list, download and delete the files of a record."""
    key, noun, a = entity.key, f"entity_{entity.name.replace('-', '_')}", f"{entity.article} {entity.noun}"
    document, path = AttachmentDocument, f"{one}/attachments/{{name}}"

    def attach(call: Call, name: str, contents: bytes, **given: str) -> AttachmentDocument:
        files = open_attachments(call.qdash, entity)
        return document.from_record(files.add(call.access, given[key], name, contents))

    def list_files(call: Call, **given: str) -> PageOf[AttachmentDocument]:
        return list_attachments(call, open_attachments(call.qdash, entity), given[key])

    def download(call: Call, name: str, **given: str) -> FileAnswer:
        return send_attachment(call, open_attachments(call.qdash, entity), given[key], name)

    def delete(call: Call, name: str, **given: str) -> AttachmentDocument:
        return document.from_record(
            open_attachments(call.qdash, entity).delete(call.access, given[key], name)
        )

    record = {key: (Annotated[Name, OnCommandLine(metavar=entity.name.upper())], _REQUIRED)}
    named = {**record, "name": (FileName, _REQUIRED)}
    of_record = f"of {a}"
    needs = RequiredRole(entity.edit_role)
    operations.put(
        path,
        needs=needs,
        slow=True,
        largest_body=accepted.size,
        command=Command(f"{entity.name} attach", says="{name}: {size} bytes were attached"),
    )(
        _set_signature(
            attach,
            document,
            f"attach_to_{noun}",
            f"Attach a file to {a}, in place of one of the same name.",
            {**named, "contents": (RawBody, _REQUIRED)},
        )
    )
    operations.get(
        f"{one}/attachments",
        needs=RequiredRole.VIEWER,
        command=Command(f"{entity.name} attachments", empty=f"the {entity.noun} has no attachments"),
    )(
        _set_signature(
            list_files,
            PageOf[document],  # type: ignore[valid-type]
            f"list_attachments_of_{noun}",
            f"List the files {of_record}, by name.",
            record,
        )
    )
    operations.get(
        path,
        needs=RequiredRole.VIEWER,
        slow=True,
        versioned=True,
        media_type=FILE_TYPE,
        command=Command(f"{entity.name} download", says="{bytes} bytes in {file}"),
    )(_set_signature(download, FileAnswer, f"download_from_{noun}", f"Download a file {of_record}.", named))
    operations.delete(
        path,
        needs=needs,
        command=Command(f"{entity.name} detach", says="attachment {name} was deleted"),
    )(_set_signature(delete, document, f"delete_attachment_of_{noun}", f"Delete a file {of_record}.", named))


def _set_signature(
    function: Callable[..., Any],
    answer: Any,
    name: str,
    text: str,
    parameters: Mapping[str, tuple[Any, Any]] | None = None,
) -> Callable[..., Any]:
    """Return a function with the name, docstring, parameters and answer that its transports read."""
    given = {"call": (Call, _REQUIRED), **(parameters or {})}
    signature = inspect.Signature(
        [
            inspect.Parameter(one, _BY_NAME, annotation=annotation, default=default)
            for one, (annotation, default) in given.items()
        ]
    )

    def perform(*args: Any, **named: Any) -> Any:
        return function(**signature.bind(*args, **named).arguments)

    perform.__name__, perform.__doc__ = name, text
    perform.__annotations__ = {one: annotation for one, (annotation, _) in given.items()} | {"return": answer}
    perform.__signature__ = signature  # type: ignore[attr-defined]
    return perform
