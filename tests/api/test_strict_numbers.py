"""Numbers of values over HTTP: booleans and text are refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from qdash_builtin.chips.requests.chips import DesignRequest
from qdash_builtin.results.requests import AnalysisRequest
from qdash_builtin.values.requests.value_changes import ValuesRequest
from qdash_core.models.request import GivenInput, RunRequest


@pytest.mark.parametrize("number", [True, "50", "1e3", None, [50], 10**400, float("inf")])
@pytest.mark.parametrize("field", ["value", "error"])
def test_a_value_that_is_no_number_is_refused(number: Any, field: str) -> None:
    given = {"value": 50.0, "error": 1.0, field: number}
    if number is None and field == "error":
        return
    bodies: list[tuple[type[BaseModel], dict[str, Any]]] = [
        (ValuesRequest, {"values": {"t1": given}, "reason": "by hand"}),
        (AnalysisRequest, {"parameters": {"t1": given}, "model": "line"}),
        (RunRequest, {"flow": "T1", "inputs": {"t1": given}}),
    ]
    for body, document in bodies:
        with pytest.raises(ValidationError, match="t1"):
            body.model_validate(document)


@pytest.mark.parametrize("number", [True, "5.1"])
def test_a_design_value_and_a_figure_of_merit_are_numbers(number: Any) -> None:
    with pytest.raises(ValidationError, match="qubit_frequency"):
        DesignRequest.model_validate({"qubits": {"0": {"qubit_frequency": number}}})
    with pytest.raises(ValidationError, match="reduced_chi2"):
        AnalysisRequest.model_validate(
            {"parameters": {"t1": {"value": 1.0}}, "model": "line", "quality": {"reduced_chi2": number}}
        )


def test_whole_numbers_are_numbers() -> None:
    assert GivenInput.model_validate({"value": 50, "error": 2}) == GivenInput(value=50.0, error=2.0)
