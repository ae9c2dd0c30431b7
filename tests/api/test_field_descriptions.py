"""Descriptions of the fields of view models, from their docstrings in the source."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from qdash_core.documents.field_descriptions import read_field_descriptions


class Cryostat(BaseModel):
    temperature_mk: float
    """Temperature of the mixing chamber."""
    since: str = ""
    name: str = ""
    """Name in the
    registry."""


class NamedCryostat(Cryostat):
    name: str = ""
    """Display name."""


class NotAModel:
    name: str = ""
    """Name outside a model."""


def test_a_field_has_the_description_of_its_class_or_else_of_the_base_class() -> None:
    assert read_field_descriptions([Cryostat, NamedCryostat, NotAModel]) == {
        Cryostat: {"temperature_mk": "Temperature of the mixing chamber.", "name": "Name in the\nregistry."},
        NamedCryostat: {"temperature_mk": "Temperature of the mixing chamber.", "name": "Display name."},
    }


def test_a_model_without_source_code_has_no_descriptions() -> None:
    made = type("Made", (BaseModel,), {"__module__": "nowhere"})
    assert read_field_descriptions([made]) == {made: {}}


def test_descriptions_are_in_the_openapi_document(document: dict[str, Any]) -> None:
    fields = document["components"]["schemas"]["RunRequest"]["properties"]
    assert fields["since"]["description"] == "Execution whose incomplete tasks are run."
