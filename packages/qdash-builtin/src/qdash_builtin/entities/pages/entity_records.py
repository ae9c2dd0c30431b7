"""Page of an entity of a plugin: a table of its records, and forms to add, edit and delete one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from html import escape
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from qdash_builtin.entities.filters import list_entity_filters
from qdash_builtin.entities.requests import make_create_body, make_edit_body
from qdash_builtin.entities.views import get_view_model
from qdash_core.errors import InvalidInputError, LoginError, QDashError
from qdash_core.models.input_kinds import list_choices
from qdash_core.parsing.limits import describe_excess
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import CellKind, Column, table
from qdash_ui_streamlit.display.download_link import draw_download_link
from qdash_ui_streamlit.display.file_sizes import format_size
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty, show_errors, show_problem
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.forms.confirm_action import confirm_action
from qdash_ui_streamlit.forms.form_fields import YES_OR_NO, capitalise
from qdash_ui_streamlit.forms.option_lists import load_options
from qdash_ui_streamlit.forms.query_params import draw_date_field, draw_select, draw_text_field
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from pydantic import BaseModel

    from qdash_builtin.attachments.accepted_files import AcceptedFiles
    from qdash_builtin.entities.entity import Entity
    from qdash_builtin.entities.filters import EntityFilter
    from qdash_core.features.sections import SectionSubject
    from qdash_core.models.input_kinds import InputKind
    from qdash_core.models.project import ProjectRole
    from qdash_ui_streamlit.view import View

_ENDS = {"": "", "least": " from", "most": " to", "below": " to"}
_PAGE, _NEWEST, _THUMBNAIL = 100, 5, 240
_KINDS: dict[str, CellKind] = {"time": "time", "number": "number"}


def render(view: View, entity: Entity[Any]) -> None:
    """Draw the page."""
    _EntityPage(view, entity).draw()


def draw_section(view: View, entity: Entity[Any], subject: SectionSubject) -> None:
    """Draw the newest records that refer to the chip of a page, and to its target; nothing if there are none."""
    given = {"chip_id": subject.chip_id, "target": subject.target}
    about = {name: value for name, value in given.items() if value and name in entity.references}
    page = _EntityPage(view, entity)
    body, _ = page.send("GET", params={"limit": _NEWEST, **about})
    if body["items"]:
        heading = capitalise(entity.plural_noun)
        st.subheader(heading, anchor=False)
        page.draw_table(body["items"], key=f"section.{entity.plural}", linked=True, left_out=about)
        if body.get("next"):
            st.markdown(f"[All {entity.plural_noun}]({view.link(entity.plural, chip=subject.chip_id)})")


def _name_param(name: str) -> str:
    """Return the query parameter of the page for a filter, distinct from its others."""
    return f"by-{name}"


@dataclass(frozen=True)
class _EntityPage:
    view: View
    entity: Entity[Any]

    def draw(self) -> None:
        st.title(capitalise(self.entity.plural_noun))
        edits, deletes = (self._includes(role) for role in (self.entity.edit_role, self.entity.delete_role))
        opens = edits or deletes or self.entity.attachments is not None
        _draw_live_list(self, linked=opens)
        if (record_id := self.view.param("record")) and opens:
            with show_errors():
                self._draw_record(record_id, edits=edits, deletes=deletes)
        if edits:
            self._draw_creation_form()

    def _includes(self, role: ProjectRole) -> bool:
        return self.view.me.role is not None and self.view.me.role.includes(role)

    def draw_list(self, *, linked: bool) -> None:
        entity, after = self.entity, self.view.param("after")
        chip_id = self.view.param("chip") if "chip_id" in entity.references else None
        filters = self._draw_filters()
        given = {"limit": _PAGE, "after": after, "chip_id": chip_id, **filters}
        body, _ = self.send("GET", params={name: value for name, value in given.items() if value})
        if not body["items"] and not after and not body.get("next"):
            ending = f" of chip {chip_id}" if chip_id else "" if filters else " yet"
            show_empty(f"There are no {'matching ' if filters else ''}{entity.plural_noun}{ending}.")
            return
        self.draw_table(body["items"], key=entity.plural, linked=linked)
        chosen = (*(("chip",) if chip_id else ()), *map(_name_param, filters))
        label = f"Pages of {entity.plural_noun}"
        draw_paging(self.view, entity.plural, chosen, body.get("next"), label=label)

    def _draw_filters(self) -> dict[str, str]:
        """Draw the filters by chip and by the fields that the declaration names, numbers as ranges, and return those of fields in the URL.

        A change returns to the first page.
        """
        given: dict[str, str | None] = {}
        with st.container(horizontal=True):
            if "chip_id" in self.entity.references:
                chips = load_options("chips", self.view.list_chip_ids)
                draw_select(self.view, "chip", "Chip", chips, any_text="any", clears=("after",))
            for name, one in list_entity_filters(self.entity).items():
                kind = self.entity.get_input_kind(one.field)
                if kind != "number" or one.bound:
                    given[name] = self._draw_filter(name, one, kind)
        return {name: value for name, value in given.items() if value}

    def _draw_filter(self, name: str, one: EntityFilter, kind: InputKind) -> str | None:
        label = capitalise(f"{self.entity.get_label(one.field)}{_ENDS[one.bound]}")
        place = _name_param(name)
        if kind == "time":
            day = draw_date_field(self.view, place, label, clears=("after",))
            if day is None:
                return None
            days = timedelta(days=one.bound == "below")  # the last day is included
            return datetime.combine(day + days, time(), self.view.zone).isoformat()
        if kind in ("choice", "boolean"):
            annotation = self.entity.model.model_fields[one.field].annotation
            options = ["yes", "no"] if kind == "boolean" else list_choices(annotation)
            return draw_select(self.view, place, label, options, any_text="any", clears=("after",))
        return draw_text_field(self.view, place, label, placeholder="any", clears=("after",))

    def draw_table(self, items: list[Any], *, key: str, linked: bool, left_out: Container[str] = ()) -> None:
        """Draw records as a table, with links to each if it can be changed."""
        entity, after = self.entity, self.view.param("after")
        kinds = {name: entity.get_input_kind(name) for name in entity.columns if name not in left_out}
        columns = [
            Column(name, capitalise(entity.get_label(name)), _KINDS.get(kind, "text"), link=f"{name}.href")
            for name, kind in kinds.items()
        ]
        choices = [name for name, kind in kinds.items() if kind == "boolean"]
        for row in items:
            row.update({name: YES_OR_NO.get(row.get(name)) for name in choices})
            if linked:
                row[f"{entity.key}.href"] = self.view.link(entity.plural, record=row[entity.key], after=after)
        label = capitalise(entity.plural_noun)
        table(self.view, columns, items, key=key, label=label, shown=20)

    def _draw_record(self, record_id: str, *, edits: bool, deletes: bool) -> None:
        body, version = self.send("GET", record_id)
        values = dict(get_view_model(self.entity).model_validate(body))
        name = f"{self.entity.noun} {record_id}"

        def delete() -> None:
            self.send("DELETE", record_id)
            self.view.set_params(record=None)

        st.header(capitalise(name), divider="gray")
        self._draw_attachments(record_id, body.get("attachments", ()))
        if edits and (accepted := self.entity.attachments) is not None:
            self._draw_upload(record_id, accepted)
        if edits:
            RequestForm(
                view=self.view,
                model=make_edit_body(self.entity),
                send=lambda body: self.send(
                    "PATCH", record_id, json=_dump(body), headers={"if-match": version}
                ),
                place=f"{self.entity.plural}.{record_id}",
                label="Save",
                present=values,
                version=version,
                fields=(*self.entity.editable,),
            ).draw()
        if deletes and st.button("Delete …", icon=":material/delete:", key="record.delete"):
            confirm_action(
                f"Delete {name}?",
                "It cannot be restored.",
                label="Delete",
                act=delete,
                success=f"{capitalise(name)} deleted.",
            )

    def _draw_attachments(self, record_id: str, files: Iterable[Mapping[str, Any]]) -> None:
        """Draw links to the files of a record, images with a thumbnail."""
        for one in files:
            path = self._make_path(record_id, one["name"])
            if one["media_type"].startswith("image/"):
                source, name = escape(self.view.host_path(path)), escape(one["name"])
                st.html(
                    f'<img src="{source}" alt="{name}" loading="lazy" style="max-width: 100%; max-height: {_THUMBNAIL}px">'
                )
            label = f"{one['name']} ({format_size(one['size'])})"
            draw_download_link(self.view, path, label, name=one["name"])

    def _draw_upload(self, record_id: str, accepted: AcceptedFiles) -> None:
        """Draw the control that attaches a file; its error stays until the next file."""
        place = f"{self.entity.plural}.{record_id}.file"
        number = st.session_state.setdefault(place, 0)
        problem_key = f"{place}.problem"

        def attach(name: str, contents: bytes) -> None:
            try:
                if len(contents) > accepted.size:  # the host refuses the body before it knows the name
                    raise InvalidInputError(describe_excess(name, len(contents), accepted.size))
                self.send("PUT", record_id, name, content=contents)
            except LoginError:
                raise
            except QDashError as error:
                st.session_state[problem_key] = error
            st.session_state[place] = number + 1  # empties the control

        given = st.file_uploader(
            f"Attach a file, up to {format_size(accepted.size)}",
            type=accepted.suffixes,
            key=f"{place}.{number}",
            max_upload_size=ceil(accepted.size / 2**20),
        )
        if given is not None:
            given_file = (given.name, given.getvalue())
            st.button("Attach", type="primary", key=f"{place}.go", on_click=attach, args=given_file)
        if (problem := st.session_state.pop(problem_key, None)) is not None:
            show_problem(problem)

    def _draw_creation_form(self) -> None:
        entity = self.entity
        st.header(f"{capitalise(entity.verb)} {entity.article} {entity.noun}", divider="gray")
        RequestForm(
            view=self.view,
            model=make_create_body(entity),
            send=lambda body: self.send("POST", json=_dump(body)),
            place=f"{entity.plural}.new",
            label=capitalise(entity.verb),
            fields=(*(() if entity.assigns_ids else (entity.key,)), *entity.editable),
        ).draw()

    def send(self, method: str, record_id: str = "", file: str = "", **options: Any) -> tuple[Any, str]:
        """Return the answer to a request for the records, one of them or its file, and its ETag; raise the errors of the core."""
        answer = self.view.connection.request(method, self._make_path(record_id, file), **options)
        return answer.json(), answer.headers.get("etag", "")

    def _make_path(self, record_id: str = "", file: str = "") -> str:
        record = f"/{quote(record_id, safe='')}" if record_id else ""
        return f"/entities/{self.entity.plural}{record}" + (
            f"/attachments/{quote(file, safe='')}" if file else ""
        )


def _dump(body: BaseModel) -> dict[str, Any]:
    """Return the fields of a request that are present."""
    return body.model_dump(mode="json", exclude_unset=True)


@fragment
def _draw_live_list(page: _EntityPage, *, linked: bool) -> None:
    """Draw the records, and again after each change of one."""
    rerun_on_events(page.entity.plural, (f"{page.entity.name}.*",))
    page.draw_list(linked=linked)
