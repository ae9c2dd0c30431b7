"""Cache of the best gates of a twin: computed once, and robust against damage of its file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qdash_fake import best_gates
from qdash_fake.best_gates import BestGates
from qdash_fake.physics.draw import draw_chip

from .conftest import make_table

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_fake.physics.chip import ChipTruth
    from qdash_fake.physics.pair import Pair

FILE = "best_gates.json"


@pytest.fixture
def chip() -> ChipTruth:
    table = make_table(
        {"frequency_ghz": 5.1},
        {"frequency_ghz": 5.0},
        {"frequency_ghz": 4.9},
        couplings=(("0", "1"), ("1", "2")),
    )
    return draw_chip(table, 1)


@pytest.fixture(autouse=True)
def searched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Pairs for which a search ran; the search itself has tests of its own."""
    found: list[tuple[str, str]] = []

    def search(pair: Pair) -> float:
        found.append((pair.control.qid, pair.target.qid))
        return 1e-6 * pair.control.coherence.t1_us / 3

    monkeypatch.setattr(best_gates, "estimate_error", search)
    return found


def test_a_second_look_searches_no_more(
    chip: ChipTruth, tmp_path: Path, searched: list[tuple[str, str]]
) -> None:
    first = BestGates(chip, tmp_path).choose_control("0-1")
    assert sorted(searched) == [("0", "1"), ("1", "0")]
    assert BestGates(chip, tmp_path).choose_control("0-1") == first
    assert len(searched) == 2
    BestGates(chip).choose_control("0-1")
    assert len(searched) == 4  # no cache without a folder


def test_another_chip_is_searched_anew(
    chip: ChipTruth, tmp_path: Path, searched: list[tuple[str, str]]
) -> None:
    BestGates(chip, tmp_path).choose_control("0-1")
    moved = replace(chip.qubits["0"], frequency_ghz=chip.qubits["0"].frequency_ghz + 1e-9)
    other = replace(chip, qubits={**chip.qubits, "0": moved})
    BestGates(other, tmp_path).choose_control("0-1")
    assert len(searched) == 4
    assert len(json.loads((tmp_path / FILE).read_text())) == 2  # the cache does not grow


def test_searches_side_by_side_add_to_each_other(
    chip: ChipTruth, tmp_path: Path, searched: list[tuple[str, str]]
) -> None:
    one, other = BestGates(chip, tmp_path), BestGates(chip, tmp_path)
    one.choose_control("0-1")
    other.choose_control("1-2")
    again = BestGates(chip, tmp_path)
    again.choose_control("0-1")
    again.choose_control("1-2")
    assert len(searched) == 4


@pytest.mark.parametrize(
    "contents", ["", "{", "[]", "null", '{"rough of 0-1 from 0": [1, "x"]}', "[" * 100_000]
)
def test_a_file_that_is_broken_is_made_anew(
    contents: str, chip: ChipTruth, tmp_path: Path, searched: list[tuple[str, str]]
) -> None:
    (tmp_path / FILE).write_text(contents)
    BestGates(chip, tmp_path).choose_control("0-1")
    BestGates(chip, tmp_path).choose_control("0-1")
    assert len(searched) == 2


def test_what_cannot_be_kept_is_found_all_the_same(
    chip: ChipTruth, tmp_path: Path, searched: list[tuple[str, str]]
) -> None:
    gone = BestGates(chip, tmp_path / "gone")
    assert gone.choose_control("0-1") in {"0", "1"}
    (tmp_path / FILE).mkdir()
    assert BestGates(chip, tmp_path).choose_control("0-1") in {"0", "1"}
    assert len(searched) == 4
