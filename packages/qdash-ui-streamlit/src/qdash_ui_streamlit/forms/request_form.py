"""Form of a request, made from the model that also gives its options on the command line and its fields over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import streamlit as st
from pydantic import BaseModel, ValidationError

from qdash_core.errors import InvalidInputError, LoginError, QDashError, StaleError
from qdash_core.models.error_messages import describe_error
from qdash_ui_streamlit.display.markdown import escape_markdown, format_sentence
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.reruns import rerun, say
from qdash_ui_streamlit.forms.form_fields import capitalise, list_form_fields
from qdash_ui_streamlit.session import refresh_user

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from qdash_ui_streamlit.forms.form_fields import FormField, Offered
    from qdash_ui_streamlit.view import View

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")
_ROWS = 4
_EMPTY: tuple[object, ...] = (None, "", [])
_BETWEEN_WORDS = str.maketrans(dict.fromkeys("'\",:;()", " "))
_MOST_INLINE = 3
"""Maximum number of fields that have the button beside them, not below."""


@dataclass(frozen=True, kw_only=True)
class RequestForm(Generic[M, R]):
    """Form of a request; its model declares labels, kinds, limits, choices and help of the fields.

    Parameters
    ----------
    model : type
        Its fields with an input are those of the form.
    send : callable
        Called before the record is read again, with the version that the form shows.
    success : str
        Message of success; empty for none.
    present : mapping or None
        Present values: only changed ones are sent; or None to send all fields that are not empty.
    version : object
        Inputs are kept while it stays the same.
    fields : sequence of str
        Fields in the order of the form, if not all in that of the model.
    given : mapping
        Values of fields that have no input, which each request has.
    then : callable or None
        Called with the answer when the form is drawn next: draws the page again, or goes to another one.
    in_dialog : bool
        Whether the form is in a dialog, which a second button closes, and the first one after its request.
    """

    view: View
    model: type[M]
    send: Callable[[M], R]
    place: str
    label: str
    success: str = "Saved."
    present: Mapping[str, Any] | None = None
    version: object = 0
    fields: Sequence[str] = ()
    offered: Mapping[str, Offered] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    long_texts: Container[str] = ()
    then: Callable[[R], object] | None = None
    in_dialog: bool = False

    def draw(self) -> None:
        """Draw the form with the error of its last request, beside the field that it is about."""
        number = st.session_state.setdefault(self._number, 0)
        key = f"{self.place}.{self.version}.{number}"
        known = self._list_fields()
        shown = self._list_inputs(known)
        with st.form(self.place, border=False):
            self._draw_fields(known, shown, key)
        if (error := st.session_state.pop(f"{self.place}.error", None)) is not None:
            show_problem(error)
        if self.in_dialog and st.button("Go back", width="stretch", key=f"{self.place}.back"):
            rerun()
        if (answer := st.session_state.pop(f"{self.place}.answer", None)) is not None:
            if self.then is not None:
                self.then(*answer)
            elif self.in_dialog:
                rerun()

    def _draw_fields(self, known: Mapping[str, FormField], shown: Mapping[str, Any], key: str) -> None:
        """Draw the inputs in rows, long texts between them, and the button: beside a few inputs, else below."""
        problems: dict[str, str] = st.session_state.pop(f"{self.place}.problems", {})
        is_inline = len(known) <= _MOST_INLINE and not self.in_dialog and not self.long_texts
        alignment: Literal["bottom", "top"] = "bottom" if is_inline else "top"
        for is_long, names in groupby(known, lambda name: name in self.long_texts):
            with st.container(horizontal=not is_long, vertical_alignment=alignment):
                for name in names:
                    st.session_state.setdefault(f"{key}.{name}", shown[name])
                    with st.container(width="stretch" if is_long else "content"):
                        offered, rows = self.offered.get(name), _ROWS if is_long else 1
                        known[name].draw(self.view, f"{key}.{name}", offered=offered, rows=rows)
                        if name in problems:
                            st.error(problems[name], icon=":material/error:")
                if is_inline:
                    self._draw_button(known, shown, key)
        if not is_inline:
            self._draw_button(known, shown, key)

    @property
    def _number(self) -> str:
        return f"{self.place}.number"

    def _list_fields(self) -> dict[str, FormField]:
        known = list_form_fields(self.model)
        return {name: known[name] for name in self.fields or [one for one in known if one not in self.given]}

    def _list_inputs(self, known: Mapping[str, FormField]) -> dict[str, Any]:
        """Return the present values, or the defaults, as the inputs have them."""
        return {
            name: one.to_input(
                self.view,
                one.default if self.present is None else self.present.get(name),
                is_chosen=name in self.offered,
            )
            for name, one in known.items()
        }

    def _draw_button(self, known: Mapping[str, FormField], shown: Mapping[str, Any], key: str) -> None:
        st.form_submit_button(
            self.label,
            type="primary",
            width="stretch" if self.in_dialog else "content",
            key=f"{self.place}.go",
            on_click=self._submit,
            args=(known, shown, key),
        )

    def _submit(self, known: Mapping[str, FormField], shown: Mapping[str, Any], key: str) -> None:
        """Send the request, and keep its error until the form is drawn."""
        typed = {name: st.session_state[f"{key}.{name}"] for name in known}
        asked = self._read_request(known, shown, typed)
        problems = self._find_problems(known, asked)
        if not problems:
            try:
                if self.present is not None and not asked:
                    raise InvalidInputError("no field was changed")
                answer = self.send(self.model.model_validate({**asked, **self.given}))
            except ValidationError as error:
                problems, st.session_state[f"{self.place}.error"] = _sort_faults(error, known)
            except StaleError as error:
                lost = ", ".join(f"{known[name].label} {typed[name]}" for name in asked)
                st.session_state[f"{self.place}.error"] = StaleError(
                    f"{error}. The form shows the present values. Not saved: {lost}"
                )
            except QDashError as error:
                if isinstance(error, LoginError):  # wrong password, or expired login
                    refresh_user()
                name = _find_named_field(str(error), known, asked)
                if name is None:
                    st.session_state[f"{self.place}.error"] = error
                else:
                    problems = {name: format_sentence(str(error))}
            else:
                st.session_state[self._number] += 1  # empties the form
                st.session_state[f"{self.place}.answer"] = (answer,)
                if self.success:
                    say(self.success)
        st.session_state[f"{self.place}.problems"] = problems

    def _read_request(
        self, known: Mapping[str, FormField], shown: Mapping[str, Any], typed: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the changed fields, or for a new record those that are not empty, or whose default is not."""
        asked = {name: one.from_input(self.view, typed[name]) for name, one in known.items()}
        if self.present is not None:
            return {name: value for name, value in asked.items() if typed[name] != shown[name]}
        return {
            name: value
            for name, value in asked.items()
            if not (value in _EMPTY and known[name].default in _EMPTY)
        }

    def _find_problems(self, known: Mapping[str, FormField], asked: Mapping[str, Any]) -> dict[str, str]:
        """Return the messages about missing values by field."""
        names = known if self.present is None else asked
        return {
            name: "Enter a value." for name in names if known[name].is_required and asked.get(name) in _EMPTY
        }


def _sort_faults(
    error: ValidationError, known: Mapping[str, FormField]
) -> tuple[dict[str, str], InvalidInputError | None]:
    """Return what is wrong, by field, and an error about several fields together or about one without an input, if there is one."""
    found: dict[str, str] = {}
    other = None
    for one in reversed(error.errors(include_url=False, include_context=False)):
        name, message = str(next(iter(one["loc"]), "")), describe_error(one)
        if name in known:
            found[name] = escape_markdown(f"{capitalise(message)}.")
        else:
            other = InvalidInputError(f"{name}: {message}" if name else message)
    return found, other


def _find_named_field(message: str, known: Mapping[str, FormField], asked: Mapping[str, Any]) -> str | None:
    """Return the field whose name a message begins with, or whose value it names first; None if it is about none."""
    begun = message.partition(":")[0].partition(".")[0]
    if begun in known:
        return begun
    words = message.translate(_BETWEEN_WORDS).split()
    places = {
        name: words.index(value)
        for name, value in asked.items()
        if known[name].is_required and isinstance(value, str) and value in words
    }
    return min(places, key=places.__getitem__, default=None)
