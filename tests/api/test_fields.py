"""Descriptions of the fields of view models, from their docstrings in the source."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from qdash_api.fields import read_field_descriptions
from qdash_api.html.docs_page import render_page


class Cold(BaseModel):
    temperature_mk: float
    """Of the mixing chamber."""
    since: str = ""
    name: str = ""
    """As it was
    registered."""


class Colder(Cold):
    name: str = ""
    """Whatever people call it."""


class Elsewhere:
    name: str = ""
    """Of no document."""


def test_a_field_says_what_its_class_says_or_else_the_one_that_it_came_from() -> None:
    assert read_field_descriptions([Cold, Colder, Elsewhere]) == {
        Cold: {"temperature_mk": "Of the mixing chamber.", "name": "As it was\nregistered."},
        Colder: {"temperature_mk": "Of the mixing chamber.", "name": "Whatever people call it."},
    }


def test_a_model_without_a_source_says_nothing() -> None:
    made = type("Made", (BaseModel,), {"__module__": "nowhere"})
    assert read_field_descriptions([made]) == {made: {}}


def test_fields_are_told_in_the_document_and_those_of_bodies_on_the_page(document: dict[str, Any]) -> None:
    fields = document["components"]["schemas"]["RunRequest"]["properties"]
    assert fields["since"]["description"] == "The execution of which only what did not complete is run."
    page = render_page(document)
    assert "<code>since</code></td><td></td><td>The execution of which only" in page
    assert "<code>flow</code></td><td>required</td>" in page
    assert "<code>targets.exclude</code></td><td></td><td>Qubits that are left out.</td>" in page
