"""Models of external data: validation stops after a few errors, and the rest never counts as valid."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field, ValidationError

from qdash_core.models.base import Value
from qdash_core.models.error_messages import add_fault_count, find_first_error
from qdash_core.models.fault_limit import ENTRY, MOST_FAULTS, FewFaults

if TYPE_CHECKING:
    from collections.abc import Callable


class Part(FewFaults, Value):
    number: float


class Whole(FewFaults, Value):
    parts: dict[Annotated[str, Field(max_length=3), ENTRY], Part] = Field(default={})
    groups: dict[str, Annotated[dict[str, Part], ENTRY]] = Field(default={})
    names: Annotated[tuple[Annotated[str, ENTRY], ...], Field(max_length=1_000_000)] = ()
    either: list[Annotated[int, ENTRY]] | list[Annotated[str, ENTRY]] = Field(default=[])
    part: Part | None = None


MANY = 100_000
WRONG: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "models in a mapping": (lambda: {"parts": {f"{at:x}": 1 for at in range(4_000)}}, "parts.0"),
    "keys": (lambda: {"parts": {f"name-{at}": {"number": 1} for at in range(MANY)}}, "parts.name-0.[key]"),
    "mappings in a mapping": (lambda: {"groups": {str(at): 1 for at in range(MANY)}}, "groups.0"),
    "parts of mappings": (
        lambda: {"groups": {str(at): {str(part): {} for part in range(100)} for at in range(100)}},
        "groups.0.0.number",
    ),
    "entries of a list": (lambda: {"names": ["a", *[1] * MANY]}, "names.1"),
    "behind others": (lambda: {"names": [*["a"] * MANY, *[1] * MANY]}, f"names.{MANY}"),
}


def list_faults(document: object) -> ValidationError:
    with pytest.raises(ValidationError) as found:
        Whole.model_validate(document)
    return found.value


@pytest.mark.parametrize(("document", "place"), WRONG.values(), ids=WRONG)
def test_validation_stops_after_a_few_faults_and_says_where_the_first_is(
    document: Callable[[], dict[str, Any]], place: str
) -> None:
    error = list_faults(document())

    assert error.error_count() == MOST_FAULTS + 1
    assert find_first_error(error)[0] == place


def test_many_faults_take_hardly_more_memory_than_none() -> None:
    document = {"names": [1] * MANY}
    tracemalloc.start()
    find_first_error(list_faults(document))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 2 * MANY, "two bytes for each entry"


def test_a_few_faults_are_all_found() -> None:
    error = list_faults({"parts": {"a": 1, "b": {}}, "names": [1] * 5, "part": {"number": "x"}})

    assert error.error_count() == 8


def test_an_object_with_many_unknown_keys_has_one_fault_that_names_the_known_ones() -> None:
    error = list_faults({"part": {str(at): at for at in range(MANY)}})

    assert error.error_count() == 1
    assert find_first_error(error) == ("part", f"it has {MANY} fields, and there are only number")


def test_nothing_is_left_out_of_a_document_that_is_accepted() -> None:
    error = list_faults({"either": ["a"] * 10, "names": ["a"] * 3, "part": 1})
    assert error.error_count() == 1, "the alternative that fits is taken"

    # The alternative that does not match has too many errors: the others would have been omitted.
    error = list_faults({"either": ["a"] * 100, "names": ["a"]})
    assert find_first_error(error) == ("", "there are more than 20 faults")


def test_documents_are_counted_each_by_itself() -> None:
    for _ in range(3):
        assert list_faults({"names": [1] * 15}).error_count() == 15
    assert Whole.model_validate({"names": ["a"] * 100}).names == ("a",) * 100


def test_a_document_in_json_is_treated_alike() -> None:
    with pytest.raises(ValidationError) as found:
        Whole.model_validate_json('{"names": [' + "1," * MANY + "1]}")

    assert found.value.error_count() == MOST_FAULTS + 1


def test_only_where_validation_stopped_a_message_says_that_there_are_more() -> None:
    assert add_fault_count("a: it is missing", MOST_FAULTS) == "a: it is missing"
    assert (
        add_fault_count("a: it is missing", MOST_FAULTS + 1)
        == "a: it is missing (the first of more than 20 faults)"
    )
