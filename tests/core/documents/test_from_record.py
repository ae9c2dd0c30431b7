"""View models made from records: fields, nested records, empty values and fields that replace attributes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pydantic import AliasPath, Field, ValidationError

from qdash_core.documents.base import Document, OmitEmpty


@dataclass(frozen=True, slots=True)
class Part:
    qid: str


@dataclass(frozen=True, slots=True)
class Whole:
    name: str
    reason: str
    parts: tuple[Part, ...]
    head: Part | None
    secret: str = "hidden"


class PartDocument(Document):
    target: str = Field(validation_alias=AliasPath("qid"))


class WholeDocument(Document):
    name: str
    reason: OmitEmpty[str] = None
    parts: list[PartDocument]
    first: str | None = Field(default=None, validation_alias=AliasPath("head", "qid"))


WHOLE = Whole("a", "", (Part("0"), Part("1")), Part("2"))


def test_a_view_model_has_the_fields_of_its_record_and_of_the_records_in_it() -> None:
    shown = WholeDocument.from_record(WHOLE).as_json()

    assert shown == {"name": "a", "parts": [{"target": "0"}, {"target": "1"}], "first": "2"}


def test_an_unknown_part_is_absent() -> None:
    assert "first" not in WholeDocument.from_record(Whole("a", "", (), None)).as_json()


@pytest.mark.parametrize(("reason", "shown"), [("", None), ("why", "why")])
def test_an_empty_text_is_absent(reason: str, shown: str | None) -> None:
    assert WholeDocument.from_record(Whole("a", reason, (), None)).reason == shown


def test_further_fields_replace_attributes() -> None:
    shown = WholeDocument.from_record(WHOLE, name="b", first="9")

    assert (shown.name, shown.first, len(shown.parts)) == ("b", "9", 2)


def test_a_record_without_a_required_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="parts"):
        WholeDocument.from_record(Part("0"), name="a")


def test_a_further_field_that_the_view_model_does_not_have_is_refused() -> None:
    with pytest.raises(AssertionError, match="nickname"):
        WholeDocument.from_record(WHOLE, nickname="b")
