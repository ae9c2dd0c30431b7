"""`qdash compare`: a chip at two points in time, or two chips."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.models.chip import TargetStatus
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


@pytest.fixture
def chip(command: InProcess) -> InProcess:
    """Chip `a` with a release `friday`; since then T1 of qubits 0 to 3 has fallen, and that of the others changed a little."""
    with open_qdash() as qdash:
        qdash.get(CHIPS).create(ADMIN, "a", get_builtin_topology("square-lattice-mux-16"), backend="fake")

        def set_t1(value: float, *qids: int) -> None:
            for qid in qids:
                qdash.get(VALUES).set(
                    ADMIN, "a", str(qid), {"t1": Parameter(value, 0.5, "us")}, reason="by hand"
                )

        set_t1(45.0, *range(12))
        qdash.get(RELEASES).create(ADMIN, "a", "friday")
        for qid in range(4):
            set_t1(20.0 + qid, qid)
        set_t1(45.5, *range(4, 12))
        set_t1(50.0, 12)
        qdash.get(TARGETS).set_aside(ADMIN, "a", "9", TargetStatus.EXCLUDED, "drifts")
    return command


def blank_times(text: str) -> str:
    return re.sub(r"\d\d-\d\d \d\d:\d\d JST", "TIME", text)


def test_a_comparison_shows_shared_changes_statuses_and_moved_values(chip: InProcess) -> None:
    assert blank_times(chip.does("compare", "release:friday")) == (
        "chip a at release:friday (TIME) → chip a now (TIME)\n"
        "\n"
        "t1 fell on 4 of 4 qubits of multiplexer 0, median −33.2σ: 0-3\n"
        "9: now excluded, was pending\n"
        "\n"
        "target  parameter  before      after       difference   change  effect  shared by\n"
        f"{'─' * 85}\n"
        "0       t1         45.0(5) µs  20.0(5) µs  −25.0(7) µs  −35.4σ  worse   multiplexer 0\n"
        "1       t1         45.0(5) µs  21.0(5) µs  −24.0(7) µs  −33.9σ  worse   multiplexer 0\n"
        "2       t1         45.0(5) µs  22.0(5) µs  −23.0(7) µs  −32.5σ  worse   multiplexer 0\n"
        "3       t1         45.0(5) µs  23.0(5) µs  −22.0(7) µs  −31.1σ  worse   multiplexer 0\n"
        "\n"
        "values: 4 moved beyond usual scatter (4 worse), 8 changed less, 1 appeared\n"
    )


def test_the_list_ends_at_the_limit_and_all_lists_every_difference(chip: InProcess) -> None:
    shortened = chip.does("compare", "release:friday", "--limit", "2")
    assert "; 2 more with --all" in shortened
    assert "−32.5σ" not in shortened
    everything = chip.does("compare", "release:friday", "--all")
    assert "+0.7σ" in everything
    assert "appeared" in everything.split("values:")[0]


def test_a_comparison_as_json_has_every_difference(chip: InProcess) -> None:
    found = chip.read_json("compare", "release:friday", "now", "--chip", "a", "--qids", "0-4")
    assert [(one["target"], one["moved"], one.get("shared")) for one in found["values"]] == [
        *((str(qid), True, "multiplexer 0") for qid in range(4)),
        ("4", False, None),
    ]
    assert found["values"][0]["difference"] == -25
    assert round(found["values"][0]["error"], 2) == 0.71
    (shared,) = found["shared"]
    assert (shared["resource"], shared["targets"], shared["rose"]) == (
        "multiplexer 0",
        ["0", "1", "2", "3"],
        False,
    )
    assert (found["before"]["label"], found["after"]["label"], found["unchanged"]) == (
        "release:friday",
        "now",
        0,
    )


def test_equal_states_are_told_in_one_sentence(chip: InProcess) -> None:
    assert "nothing changed: 13 equal values" in chip.does("compare", "now")


def test_a_bare_name_is_refused_with_the_ways_to_write_a_point(chip: InProcess) -> None:
    assert (
        "'release:NAME', 'cooldown:ID', 'cooldown-start:ID', 'chip:ID', 'day:DATE' or 'now'"
        in chip.run_refused("compare", "friday")
    )
    assert "name at least one parameter" in chip.run_refused("compare", "release:friday", "--metrics", ",")


def test_two_chips_are_compared_by_their_names(chip: InProcess) -> None:
    chip.does("chip", "create", "b", "--topology", "linear-4")
    told = blank_times(chip.does("compare", "chip:b", "chip:a", "--qids", "0"))
    assert told.startswith("chip b (TIME) → chip a (TIME)")
    assert "1 appeared" in told
