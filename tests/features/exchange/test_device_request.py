"""Device requests: as users and files write them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from qdash_builtin.exchange.device_request import WHOLE_CHIP, DeviceRequest
from qdash_core.errors import InvalidInputError
from qdash_core.models.marks import Mark

FILE = Path(__file__).parent / "device_files" / "device_topology_request.json"


def test_nothing_given_is_the_whole_chip() -> None:
    assert DeviceRequest.parse() == WHOLE_CHIP


def test_texts_are_parsed() -> None:
    request = DeviceRequest.parse(
        qubits="0-2,Q07",
        exclude=["0..1", "3-2"],
        max_age="24h",
        without_marks=["last-failed"],
        largest_part=True,
    )
    assert request == DeviceRequest(
        qubits=("0", "1", "2", "7"),
        exclude=("0", "1", "2-3"),
        max_age=timedelta(hours=24),
        marks=(Mark.LAST_FAILED,),
        largest_part=True,
    )


def test_marks_may_be_one_text() -> None:
    assert DeviceRequest.parse(without_marks="too-old,disputed").marks == (Mark.TOO_OLD, Mark.DISPUTED)


def test_the_request_of_the_gateway_is_read() -> None:
    request = DeviceRequest.parse(request=FILE.read_text())
    assert request == DeviceRequest(
        name="anemone", device_id="anemone", qubits=("0", "2", "3"), exclude=("0-1", "1-3")
    )


def test_options_add_to_a_file() -> None:
    request = DeviceRequest.parse(
        request=FILE.read_text(), name="other", qubits="0", exclude="2", largest_part=True
    )
    assert request == DeviceRequest(
        name="other", device_id="anemone", qubits=("0",), exclude=("0-1", "1-3", "2"), largest_part=True
    )


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ("[]", "not a JSON object with name, device_id, qubits, exclude_couplings"),
        ('{"condition": {}}', "has 'condition'; it may have .* Limits are options of the export"),
        ('{"qubit": ["0"]}', "did you mean 'qubits'"),
        ('{"qubits": "0"}', "qubits of the device request is not a list"),
        ('{"qubits": [0]}', "qubits of the device request is not a list of texts"),
        ('{"qubits": []}', "qubits of the device request is empty"),
        ('{"qubits": ["a"]}', "'a' is not a qubit"),
        ('{"name": 3}', "name of the device request is not a text"),
        ("{", "not JSON"),
    ],
)
def test_a_file_that_is_no_request_is_refused(contents: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        DeviceRequest.parse(request=contents)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_qubit_fidelity": 99.0}, "min_qubit_fidelity is 99.0: write a number from 0 to 1"),
        ({"min_coupling_fidelity": float("nan")}, "min_coupling_fidelity is nan"),
        ({"name": " "}, "name is ' ': write 1 to 100 printable characters"),
        ({"device_id": "a\n"}, "device_id is"),
        ({"qubits": ""}, "qubits"),
        ({"qubits": []}, "the list of qubits is empty: leave it out for all qubits"),
        ({"max_age": "soon"}, "'soon' is not a length of time"),
        ({"without_marks": ["old"]}, "there is no mark 'old'"),
    ],
)
def test_an_invalid_limit_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        DeviceRequest.parse(**given)  # type: ignore[arg-type]
