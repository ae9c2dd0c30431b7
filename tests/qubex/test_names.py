"""Labels of qubex and ids of QDash, distinguished without the chip's files."""

from __future__ import annotations

import pytest

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_qubex.names import Names, make_target_id

from ..case_tables import each_case


@each_case(
    ("count", "target", "label"),
    [
        (4, "0", "Q0"),
        (16, "0", "Q00"),
        (16, "15", "Q15"),
        (144, "7", "Q007"),
        (16, "0-1", "Q00-Q01"),
        (16, "1-0", "Q01-Q00"),
    ],
)
def test_a_label_has_as_many_digits_as_the_highest_number(count: int, target: str, label: str) -> None:
    assert Names(count).target(target) == label


@each_case(
    ("label", "target"), [("Q00", "0"), ("Q007", "7"), (3, "3"), ("Q00-Q01", "0-1"), ("Q01-Q00", "0-1")]
)
def test_a_label_is_an_id_of_qdash(label: str | int, target: str) -> None:
    assert make_target_id(label) == target


@each_case("qid", ["16", "-1", "x", "²"])
def test_a_qubit_that_the_chip_does_not_have_is_refused(qid: str) -> None:
    with pytest.raises(NotFoundError, match="has 16 qubits, 0 to 15"):
        Names(16).qubit(qid)


@each_case("label", ["RQ00", "Q00-ef", "Q00-CR", "MUX0", "Q٣"])
def test_what_is_neither_qubit_nor_pair_is_refused(label: str) -> None:
    with pytest.raises(InvalidInputError, match="not a qubit or pair of qubex"):
        make_target_id(label)
