"""Validation errors in readable words."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from qdash_core.models.error_messages import find_first_error


class Sample(BaseModel):
    """A model with each kind of field."""

    model_config = ConfigDict(extra="forbid")

    size: int = 1
    name: str = ""
    sure: bool = True
    theme: Literal["light", "dark"] = "light"
    parts: list[int] = []

    @field_validator("name")
    @classmethod
    def no_shouting(cls, name: str) -> str:
        if name.isupper():
            raise ValueError("nobody is deaf here")
        return name


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "ANN"}, ("name", "nobody is deaf here")),
        ({"name": 3}, ("name", "it has to be text")),
        ({"sure": "perhaps"}, ("sure", "it has to be true or false")),
        ({"theme": "red"}, ("theme", "it has to be 'light' or 'dark'")),
        (
            {"parts": [1, 0.5]},
            ("parts.1", "it has to be a valid integer, got a number with a fractional part"),
        ),
        ({"colour": 1}, ("colour", "there is no such field")),
    ],
)
def test_a_complaint_is_told_in_plain_words(given: dict[str, object], told: tuple[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Sample.model_validate(given)
    assert find_first_error(refused.value) == told
