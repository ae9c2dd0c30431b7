"""Ids of qubits and couplings, and lists of them as entered by people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import (
    by_number,
    make_coupling_id,
    parse_coupling_id,
    parse_qubit_id,
    split_coupling,
)

NUMBERS = st.integers(min_value=0)


@pytest.mark.parametrize(
    ("text", "qid"),
    [("0", "0"), ("143", "143"), ("Q07", "7"), ("Q143", "143"), ("q3", "3"), ("Q00", "0"), ("Q0", "0")],
)
def test_ids_and_labels_are_accepted(text: str, qid: str) -> None:
    assert parse_qubit_id(text) == qid


@pytest.mark.parametrize(
    "text",
    [
        "",
        "007",
        "-1",
        "+1",
        "1.0",
        " 1",
        "1\n",
        "Q",
        "Q-1",
        "QQ1",
        "X1",
        "1Q",
        "Q 1",
        "0-1",
        "١",
        "²",
        3,
        None,
    ],
)
def test_anything_else_is_refused_and_named(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_qubit_id(text)
    assert repr(text) in str(caught.value)


@given(NUMBERS, st.integers(min_value=0, max_value=5))
def test_an_id_is_its_own_normal_form_and_that_of_its_labels(number: int, zeros: int) -> None:
    assert parse_qubit_id(str(number)) == str(number)
    assert parse_qubit_id(f"Q{'0' * zeros}{number}") == str(number)


@given(st.text(alphabet="019Qq-+ \n٣"))
def test_a_qubit_is_normalised_or_refused(text: str) -> None:
    try:
        qid = parse_qubit_id(text)
    except InvalidInputError:
        return
    assert qid == str(int(qid))


@given(NUMBERS, NUMBERS)
def test_a_coupling_is_the_same_from_either_end(a: int, b: int) -> None:
    if a == b:
        with pytest.raises(InvalidInputError, match="coupled to itself"):
            make_coupling_id(str(a), str(b))
        return
    expected = f"{min(a, b)}-{max(a, b)}"
    assert make_coupling_id(str(a), str(b)) == make_coupling_id(f"Q{b}", str(a)) == expected
    assert parse_coupling_id(f"{a}-{b}") == parse_coupling_id(f"q{b}-Q0{a}") == expected
    assert split_coupling(expected) == (str(min(a, b)), str(max(a, b)))


@pytest.mark.parametrize("text", ["", "-", "0", "0-", "-1", "0-1-2", "0_1", "0-01", "a-b", "Q01-1", 3])
def test_what_is_no_pair_of_qubits_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_coupling_id(text)


@given(st.lists(NUMBERS))
def test_qubits_sort_by_number(numbers: list[int]) -> None:
    assert sorted(map(str, numbers), key=by_number) == [str(number) for number in sorted(numbers)]


@given(st.lists(st.tuples(NUMBERS, NUMBERS)))
def test_couplings_sort_by_number(pairs: list[tuple[int, int]]) -> None:
    assert sorted((f"{a}-{b}" for a, b in pairs), key=by_number) == [f"{a}-{b}" for a, b in sorted(pairs)]
