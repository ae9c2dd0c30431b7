"""Lists of targets as users write them: one notation for qubits, couplings, both kinds and multiplexers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.target_lists import (
    MOST_TARGETS,
    format_targets,
    name_measurement,
    name_targets,
    names_targets,
    parse_couplings,
    parse_multiplexers,
    parse_qubits,
    parse_targets,
    require_known_targets,
)
from qdash_core.models.targets import make_coupling_id

if TYPE_CHECKING:
    from collections.abc import Callable

PARSERS = (parse_qubits, parse_couplings, parse_targets, parse_multiplexers)
SEPARATORS = st.sampled_from([",", ", ", " ", " ,", "\n", ",\t"])
NUMBERS = st.integers(0, 400)


@st.composite
def entries_of_qubits(draw: st.DrawFn, *, dash: bool) -> tuple[str, list[str]]:
    """Return an entry and its qubits: a number, a label or a range, with `-` only if allowed."""
    first, more = draw(NUMBERS), draw(st.integers(0, 30))
    write = draw(st.sampled_from([str, "Q{:02d}".format, "q{}".format]))
    if draw(st.booleans()):
        return write(first), [str(first)]
    between = draw(st.sampled_from(["..", "-"] if dash else [".."]))
    qubits = [str(number) for number in range(first, first + more + 1)]
    return f"{write(first)}{between}{write(first + more)}", qubits


@st.composite
def entries_of_couplings(draw: st.DrawFn) -> tuple[str, list[str]]:
    a, b = draw(st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] != pair[1]))
    write = draw(st.sampled_from([str, "Q{:02d}".format]))
    return f"{write(a)}-{write(b)}", [make_coupling_id(str(a), str(b))]


def lists_of(entries: st.SearchStrategy[tuple[str, list[str]]]) -> st.SearchStrategy[tuple[str, list[str]]]:
    """Texts with the targets that they stand for, in order, each once."""
    return st.tuples(st.lists(entries, min_size=1, max_size=6), SEPARATORS).map(
        lambda both: (
            both[1].join(text for text, _ in both[0]),
            list(dict.fromkeys(target for _, targets in both[0] for target in targets)),
        )
    )


@given(lists_of(entries_of_qubits(dash=True)))
def test_a_list_of_qubits_contains_ranges_with_both_ends(written: tuple[str, list[str]]) -> None:
    text, qubits = written
    assert list(parse_qubits(text)) == qubits


@given(lists_of(entries_of_couplings()))
def test_a_list_of_couplings_contains_couplings_in_either_order(written: tuple[str, list[str]]) -> None:
    text, couplings = written
    assert list(parse_couplings(text)) == couplings


@given(lists_of(st.one_of(entries_of_qubits(dash=False), entries_of_couplings())))
def test_in_a_list_of_both_kinds_two_dots_are_a_range_and_a_dash_is_a_coupling(
    written: tuple[str, list[str]],
) -> None:
    text, targets = written
    assert list(parse_targets(text)) == targets


@given(NUMBERS, st.integers(0, 30), st.sampled_from(["-", ".."]))
def test_a_list_of_multiplexers_contains_ranges(first: int, more: int, between: str) -> None:
    assert parse_multiplexers(f"{first}{between}{first + more}") == tuple(range(first, first + more + 1))


@given(lists_of(st.one_of(entries_of_qubits(dash=False), entries_of_couplings())))
def test_parsed_targets_are_parsed_to_themselves(written: tuple[str, list[str]]) -> None:
    targets = parse_targets(written[0])
    assert parse_targets(targets) == parse_targets(",".join(targets)) == targets


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for parse in PARSERS:
        try:
            found = parse(text)
        except InvalidInputError:
            continue
        assert 0 < len(found) <= MOST_TARGETS


@given(NUMBERS, st.integers(1, 50), st.sampled_from(["-", ".."]))
def test_a_reversed_range_is_refused(first: int, more: int, between: str) -> None:
    text = f"{first + more}{between}{first}"
    for parse in (parse_qubits, parse_multiplexers, *((parse_targets,) if between == ".." else ())):
        with pytest.raises(InvalidInputError, match="is reversed"):
            parse(text)


@pytest.mark.parametrize("text", ["", ",", "0,,1", "0,", " ", "0, ,1"])
def test_an_empty_entry_is_refused(text: str) -> None:
    for parse in PARSERS:
        with pytest.raises(InvalidInputError, match=r"empty entry|is not a coupling"):
            parse(text)


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (parse_qubits, "0;1", "'0;1' is not a qubit"),
        (parse_qubits, "01", "'01' is not a qubit"),
        (parse_qubits, "00-03", "'00' is not a qubit"),
        (parse_qubits, "0-1-2", "'0-1-2' is not a qubit"),
        (parse_qubits, "٣", "is not a qubit"),
        (parse_couplings, "0..3", "range of qubits"),
        (parse_couplings, "7", "'7' is not a coupling"),
        (parse_targets, "3-3", "cannot be coupled to itself"),
        (parse_targets, "0...3", "'0...3' is not a qubit"),
        (parse_multiplexers, "Q1", "neither a multiplexer"),
        (parse_multiplexers, "-1", "neither a multiplexer"),
        (parse_multiplexers, "0-1-2", "neither a multiplexer"),
        (parse_qubits, "0-10000", "more than 10000 entries"),
        (parse_qubits, "0-9999,10000", "more than 10000 entries"),
        (parse_qubits, "0-9999 0-9999", "more than 10000 entries"),
        (parse_multiplexers, "0-999999999", "more than 10000 entries"),
    ],
)
def test_a_mistake_in_a_list_is_named(parse: Callable[[str], object], text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        parse(text)


def test_several_texts_are_one_list() -> None:
    assert parse_qubits(["0-2", "Q07, 1"]) == ("0", "1", "2", "7")


def test_targets_are_told_from_other_names() -> None:
    assert [name for name in ("t1", "0", "q7", "0..3", "0-1", "Q", "design") if names_targets(name)] == [
        "0", "q7", "0..3", "0-1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("targets", "both_kinds", "message"),
    [
        (["9"], False, "chip a has no qubit 9; it has 4, 0 to 3"),
        (
            ["0", "7", "8", "9", "10", "11"],
            False,
            "chip a has no qubits 7, 8, 9 and 2 more; it has 4, 0 to 3",
        ),
        (["0-3"], False, "chip a has no coupling 0-3; those of qubit 0 are 0-1, 0-2"),
        (["3-9"], False, "chip a has no coupling 3-9; qubit 3 has none"),
        (["0-3"], True, "those of qubit 0 are 0-1, 0-2; a range of qubits is written as 0..3"),
    ],
)
def test_an_unknown_target_is_named_with_those_of_the_chip(
    targets: list[str], both_kinds: bool, message: str
) -> None:
    with pytest.raises(NotFoundError) as refused:
        require_known_targets(
            targets,
            "a",
            qubits=["0", "1", "2", "3"],
            couplings=["0-1", "0-2"],
            both_kinds=both_kinds,
        )
    assert str(refused.value).endswith(message)


def test_targets_on_the_chip_pass() -> None:
    require_known_targets(["0", "0-1"], "a", qubits=["0", "1"], couplings=["0-1"])


@pytest.mark.parametrize(
    ("targets", "text"),
    [
        (["10", "0", "2", "1", "11"], "0-2, 10, 11"),
        (["0", "1", "2", "0-1", "1-2"], "0..2, 0-1, 1-2"),
        (["7"], "7"),
        ([], ""),
    ],
)
def test_targets_are_shortened_to_ranges(targets: list[str], text: str) -> None:
    assert format_targets(targets) == text


@given(qubits=st.sets(NUMBERS, min_size=1))
def test_ranges_of_qubits_name_the_same_qubits(qubits: set[int]) -> None:
    assert {*parse_qubits(format_targets(map(str, qubits)))} == {*map(str, qubits)}


def test_targets_are_named_with_their_kind() -> None:
    assert [name_targets(one) for one in ([], ["0"], ["0-1", "1-2"], ["0", "0-1"])] == [
        "",
        "qubit 0",
        "couplings 0-1, 1-2",
        "targets 0, 0-1",
    ]
    assert name_targets(["0", "1", "2"], 2) == "qubits 0, 1 and 1 more"
    assert [name_measurement("Rabi", one) for one in ("", "0-1")] == ["Rabi", "Rabi on coupling 0-1"]
