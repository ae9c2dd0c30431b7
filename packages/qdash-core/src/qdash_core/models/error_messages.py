"""Plain-language messages for validation errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.fault_limit import MANY, MOST_FAULTS

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_OWN = ("value_error", "assertion_error")
_IN_OTHER_WORDS = {
    "missing": "it is missing",
    "extra_forbidden": "there is no such field",
    "bool_parsing": "it has to be true or false",
    "bool_type": "it has to be true or false",
    "string_type": "it has to be text",
    "string_pattern_mismatch": "it has characters that are not possible here",
    "dict_type": "it has to be names with values",
    "model_type": "it has to be names with values",
    "model_attributes_type": "it has to be names with values",
    "list_type": "it has to be a list",
    "tuple_type": "it has to be a list",
}


def describe_error(complaint: ErrorDetails) -> str:
    """Return a validation error in plain language."""
    kind = complaint["type"]
    if kind in _OWN:
        return complaint["msg"].partition(", ")[2]  # after "Value error"
    message = _IN_OTHER_WORDS.get(kind, complaint["msg"])
    return message.replace("Input should be", "it has to be", 1).replace(
        "String should have", "it has to have", 1
    )


def add_fault_count(message: str, faults: int) -> str:
    """Return the message of the first fault, with a remark if validation stopped at too many faults."""
    return f"{message} (the first of {MANY})" if faults > MOST_FAULTS else message


def find_first_error(error: ValidationError) -> tuple[str, str]:
    """Return the dotted field path of the first validation error, and its message in plain words."""
    # The library lists all errors. Without unneeded details it takes half the time and memory.
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return ".".join(str(part) for part in first["loc"]), describe_error(first)
