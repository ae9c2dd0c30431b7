"""Fields of a form, as the model of a request declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import streamlit as st
from pydantic.fields import FieldInfo

from qdash_core.documents.field_descriptions import describe_field
from qdash_core.models.annotations import is_optional, iter_metadata, iter_parts
from qdash_core.models.input_kinds import find_input_kind, list_choices
from qdash_core.operations.command import OnCommandLine
from qdash_ui_streamlit.forms.time_params import EARLIEST, LATEST, format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic import BaseModel

    from qdash_core.models.input_kinds import InputKind
    from qdash_ui_streamlit.view import View

    Offered = Sequence[str] | Mapping[str, str]
    """Values that a page offers for a field, or their texts by value."""

WIDTH = 240
"""Width of an input, in pixels."""
YES_OR_NO = {True: "yes", False: "no"}
"""Labels of the values of a yes-or-no field."""


@dataclass(frozen=True, slots=True)
class FormField:
    """Field of a form.

    Parameters
    ----------
    label : str
        Title in the model, else the name without `_at` and `_id`.
    is_required : bool
        Whether a request needs it.
    is_optional : bool
        Whether it may be None.
    least, most : float or None
        Both included.
    """

    name: str
    label: str
    kind: InputKind
    help: str
    choices: tuple[str, ...]
    declared: FieldInfo
    is_required: bool
    is_optional: bool
    is_whole: bool
    longest: int | None
    least: float | None
    most: float | None

    @property
    def default(self) -> Any:
        """Default, or None."""
        return None if self.is_required else self.declared.get_default(call_default_factory=True)

    def draw(
        self, view: View, key: str, *, offered: Offered | None = None, is_open: bool = False, rows: int = 1
    ) -> None:
        """Draw the input; `st.session_state[key]` must hold its value.

        Parameters
        ----------
        offered : sequence, mapping or None
            Values that the page offers for a text or a list of texts, or None to have them typed.
        is_open : bool
            Whether other entries of a list may be typed.
        rows : int
            Lines of a text; 0 for one line. Its width is that of the form, except for 1.
        """
        label, text = self.label, self.help or None
        if offered is not None or self.kind in ("choice", "boolean"):
            self._draw_choice(key, offered, is_open=is_open)
        elif self.kind == "time":
            text = f"{self.help} Time zone: {view.zone.key}".strip()
            st.datetime_input(label, None, EARLIEST, LATEST, key=key, step=60, help=text, width=WIDTH)
        elif self.kind == "number":
            self._draw_number(key)
        elif rows > 1:
            st.text_area(label, key=key, max_chars=self.longest, help=text, height=24 * rows + 24)
        else:
            text = f"{self.help} Separated by commas.".strip() if self.kind == "texts" else text
            longest = None if self.kind == "texts" else self.longest
            st.text_input(label, key=key, max_chars=longest, help=text, width=WIDTH if rows else "stretch")

    def _draw_choice(self, key: str, offered: Offered | None, *, is_open: bool) -> None:
        texts: dict[Any, str]
        if isinstance(offered, Mapping):
            texts = dict(offered)
        elif self.kind == "boolean":
            texts = dict(YES_OR_NO)
        else:
            texts = {one: one for one in (self.choices if offered is None else offered)}
        present = st.session_state[key]
        given = present if isinstance(present, list) else [] if present is None else [present]
        values = [*dict.fromkeys([*texts, *given])]

        def show(value: Any) -> str:
            return texts.get(value, str(value))

        text = self.help or None
        if self.kind == "texts":
            st.multiselect(
                self.label,
                values,
                format_func=show,
                key=key,
                help=text,
                max_selections=self.longest,
                accept_new_options=is_open,
                width=WIDTH,
            )
        else:
            first = None if self.is_optional or present is None else 0  # None lets a user clear it
            st.selectbox(self.label, values, first, format_func=show, key=key, help=text, width=WIDTH)

    def _draw_number(self, key: str) -> None:
        present = st.session_state[key]  # one from before a limit may be outside
        least = None if self.least is None else min(self.least, self.least if present is None else present)
        most = None if self.most is None else max(self.most, self.most if present is None else present)
        whole = int if self.is_whole else float
        st.number_input(
            self.label,
            None if least is None else whole(least),
            None if most is None else whole(most),
            None,
            1 if self.is_whole else None,
            "%d" if self.is_whole else "%g",
            key=key,
            help=self.help or None,
            width=WIDTH,
        )

    def to_input(self, view: View, value: Any, *, is_chosen: bool = False) -> Any:
        """Return a value as the input has it: a time local and without seconds, a list as text unless its members are chosen."""
        if self.kind == "texts":
            return [*(value or ())] if is_chosen else ", ".join(value or ())
        if value is None:
            return "" if self.kind == "text" and not is_chosen else None
        if isinstance(value, datetime):
            return value.astimezone(view.zone).replace(second=0, microsecond=0, tzinfo=None)
        if self.kind == "number":
            return int(value) if self.is_whole else float(value)
        return str(value) if self.kind == "choice" else value

    def from_input(self, view: View, value: Any) -> Any:
        """Return the value of an input as a request has it: an empty one is None if the field may be, or a list."""
        if isinstance(value, datetime):
            return format_time(value.replace(tzinfo=view.zone))
        if self.kind == "texts":
            parts = value.split(",") if isinstance(value, str) else value
            return [text for one in parts if (text := one.strip())]
        if isinstance(value, str):
            value = value.strip()
        return None if value == "" and self.is_optional else value


@cache
def list_form_fields(model: type[BaseModel]) -> Mapping[str, FormField]:
    """Return the fields of a model that have an input, by name."""
    return {
        name: _read_field(model, name, kind)
        for name, field in model.model_fields.items()
        if (kind := find_input_kind(field.annotation)) is not None
    }


def _read_field(model: type[BaseModel], name: str, kind: InputKind) -> FormField:
    field = model.model_fields[name]
    metadata = [*_iter_rules([*field.metadata, *iter_metadata(field.annotation)])]
    title = field.title or next(
        (one.title for one in metadata if isinstance(one, FieldInfo) and one.title), None
    )
    mark = next((one.help for one in metadata if isinstance(one, OnCommandLine) and one.help), "")
    text = " ".join((describe_field(model, name) or mark).split())
    least, most = _find_limit(metadata, "ge", "gt"), _find_limit(metadata, "le", "lt")
    return FormField(
        name,
        capitalise(title or name.removesuffix("_at").removesuffix("_id").replace("_", " ")),
        kind,
        _describe_empty(text),
        (*list_choices(field.annotation),) if kind == "choice" else (),
        field,
        field.is_required(),
        is_optional(field.annotation),
        {*iter_parts(field.annotation)} & {int, float} == {int},
        None if (longest := _find_limit(metadata, "max_length")) is None else int(longest),
        least,
        most,
    )


def _iter_rules(metadata: Iterable[Any]) -> Iterator[Any]:
    for one in metadata:
        yield one
        if isinstance(one, FieldInfo):
            yield from one.metadata


def _find_limit(metadata: Sequence[Any], *names: str) -> float | None:
    found = (getattr(one, name, None) for one in metadata for name in names if not isinstance(one, FieldInfo))
    return next((one for one in found if one is not None), None)


def _describe_empty(text: str) -> str:
    """Return a description with `empty:` in place of `null:`, or of `absent:` if null has no meaning."""
    parts = text.removesuffix(".").split("; ")
    kept, dropped = (
        ("null: ", "absent: ") if any(one.startswith("null: ") for one in parts) else ("absent: ", "")
    )
    shown = "; ".join(
        one.replace(kept, "empty: ", 1) if one.startswith(kept) else one
        for one in parts
        if not dropped or not one.startswith(dropped)
    )
    return f"{shown}." if shown else ""


def capitalise(text: str) -> str:
    """Return a text with an upper-case initial."""
    return text[:1].upper() + text[1:]
