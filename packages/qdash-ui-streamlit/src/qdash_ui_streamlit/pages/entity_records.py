"""Page of an entity of a plugin: a table of its records, and forms to add, edit and delete one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from qdash_core.documents.entities import get_view_model
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.components.table import CellKind, Column, table
from qdash_ui_streamlit.display.notices import show_empty, show_errors
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.forms.confirm_action import confirm_action
from qdash_ui_streamlit.forms.record_form import YES_OR_NO, draw_record_form

if TYPE_CHECKING:
    import httpx

    from qdash_core.entities.entity import Entity
    from qdash_core.models.project import ProjectRole
    from qdash_ui_streamlit.view import View

_PAGE = 100
_KINDS: dict[str, CellKind] = {"time": "time", "number": "number"}


def render(view: View, entity: Entity[Any]) -> None:
    """Draw the page."""
    st.title(entity.plural_noun.capitalize())
    edits, deletes = (_includes(view, role) for role in (entity.edit_role, entity.delete_role))
    _draw_list(view, entity, linked=edits or deletes)
    if (record_id := view.param("record")) and (edits or deletes):
        with show_errors():
            _draw_record(view, entity, record_id, edits=edits, deletes=deletes)
    if edits:
        _draw_creation_form(view, entity)


def _draw_list(view: View, entity: Entity[Any], *, linked: bool) -> None:
    after = view.param("after")
    body = _send(view, entity, "GET", params={"limit": _PAGE} | ({"after": after} if after else {})).json()
    if not body["items"] and not after:
        show_empty(f"There are no {entity.plural_noun} yet.")
        return
    columns = [
        Column(
            name,
            _capitalise(entity.get_label(name)),
            _KINDS.get(entity.get_kind(name), "text"),
            link="href" if linked and name == entity.key else "",
        )
        for name in entity.columns
    ]
    rows = [
        {
            **{name: YES_OR_NO[value] if isinstance(value, bool) else value for name, value in one.items()},
            "href": view.link(entity.plural, record=one[entity.key], after=after),
        }
        for one in body["items"]
    ]
    table(view, columns, rows, key=entity.plural, label=_capitalise(entity.plural_noun), shown=20)
    draw_paging(view, entity.plural, (), body.get("next"), label=f"Pages of {entity.plural_noun}")


def _draw_record(view: View, entity: Entity[Any], record_id: str, *, edits: bool, deletes: bool) -> None:
    answer = _send(view, entity, "GET", record_id)
    record = get_view_model(entity).model_validate_json(answer.content)
    version = answer.headers["etag"]
    st.header(f"{_capitalise(entity.noun)} {record_id}", divider="gray")
    if edits:
        place = f"{entity.plural}.{record_id}"
        save = partial(_edit, view, entity, record_id, version)
        draw_record_form(view, entity, dict(record), place=place, version=version, label="Save", save=save)
    if deletes and st.button("Delete …", icon=":material/delete:", key="record.delete"):
        confirm_action(
            f"Delete {entity.noun} {record_id}?",
            "It cannot be restored.",
            label="Delete",
            act=lambda: _delete(view, entity, record_id),
            success=f"{_capitalise(entity.noun)} {record_id} deleted.",
        )


def _draw_creation_form(view: View, entity: Entity[Any]) -> None:
    counter = f"{entity.plural}.added"
    added = st.session_state.setdefault(counter, 0)
    title = f"{entity.verb.capitalize()} {entity.article} {entity.noun}"
    st.header(title, divider="gray")
    known = {name: entity.model.model_fields[name] for name in entity.editable}
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in known.items()
        if not field.is_required()
    }

    def create(fields: dict[str, Any]) -> None:
        _send(view, entity, "POST", json=fields)
        st.session_state[counter] = added + 1  # empties the form

    draw_record_form(
        view,
        entity,
        defaults,
        place=f"{entity.plural}.new",
        version=added,
        label=entity.verb.capitalize(),
        save=create,
    )


def _edit(view: View, entity: Entity[Any], record_id: str, version: str, fields: dict[str, Any]) -> None:
    if not fields:
        raise InvalidInputError("no field was changed")
    _send(view, entity, "PATCH", record_id, json=fields, headers={"if-match": version})


def _delete(view: View, entity: Entity[Any], record_id: str) -> None:
    _send(view, entity, "DELETE", record_id)
    view.set_params(record=None)


def _send(
    view: View, entity: Entity[Any], method: str, record_id: str = "", **options: Any
) -> httpx.Response:
    """Send a request for the records or for one of them; raise the errors of the core.

    The client has no operation for routes of a plugin.
    """
    place = f"/{quote(record_id, safe='')}" if record_id else ""
    return view.client.get_httpx_client().request(method, f"/entities/{entity.plural}{place}", **options)


def _includes(view: View, role: ProjectRole) -> bool:
    return view.me.role is not None and view.me.role.includes(role)


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]
