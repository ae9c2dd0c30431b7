"""A metric on the map of a chip: positions, colours, and missing values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.figures.files import get_figure_renderer
from qdash_core import InvalidInputError
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.models.chip import TargetStatus
from qdash_core.models.chip_values import ChipValues
from qdash_core.models.marks import Mark
from qdash_core.tasks.colours import INK

from .chips import chip_of, draw_map, values_of

if TYPE_CHECKING:
    from qdash_core.chips.topology import Topology

FALCON = get_builtin_topology("heavy-hex-27")
SQUARE = get_builtin_topology("square-lattice-mux-16")


def scaled(figure: dict[str, Any]) -> dict[str, Any]:
    """Return the only trace with a colour bar."""
    (trace,) = (one for one in figure["data"] if one.get("marker", {}).get("showscale"))
    return dict(trace)


def with_ids(figure: dict[str, Any]) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if "ids" in trace]


def in_legend(figure: dict[str, Any]) -> list[str]:
    return [trace["name"] for trace in figure["data"] if trace.get("showlegend", True)]


def t1_of(qids: tuple[str, ...]) -> dict[str, float]:
    return {qid: 50.0 + int(qid) for qid in qids}


def test_every_qubit_is_at_its_place_with_its_value_as_colour() -> None:
    figure = draw_map(chip_of(FALCON), values_of("t1", t1_of(FALCON.qids), unit="us"), "t1")

    drawn = scaled(figure)
    places = {site.id: (site.col, site.row) for site in FALCON.qubits}
    assert dict(zip(drawn["ids"], zip(drawn["x"], drawn["y"], strict=True), strict=True)) == places
    assert drawn["marker"]["color"] == [50.0 + int(qid) for qid in drawn["ids"]]
    first, last = figure["layout"]["yaxis"]["range"]
    assert first > last, "row 0 is at the top"


def test_the_colour_bar_goes_from_the_least_to_the_most_and_names_the_unit() -> None:
    figure = draw_map(chip_of(FALCON), values_of("t1", t1_of(FALCON.qids), unit="us"), "t1")

    marker = scaled(figure)["marker"]
    assert (marker["cmin"], marker["cmax"]) == (50.0, 76.0)
    assert marker["colorbar"]["title"]["text"] == "t1 (µs)"
    assert "27 of 27 qubits, median 63\N{NO-BREAK SPACE}µs" in figure["layout"]["title"]["text"]


def test_who_points_at_a_qubit_reads_value_error_and_unit() -> None:
    figure = draw_map(chip_of(FALCON), values_of("t1", {"3": 81.5}, unit="us", error=1.3), "t1")

    assert scaled(figure)["hovertext"] == ["3<br>81.5 ± 1.3\N{NO-BREAK SPACE}µs<br>calibrated"]


def test_qubits_without_a_value_are_hollow_and_those_set_aside_are_crossed() -> None:
    aside = {"5": TargetStatus.EXCLUDED, "6": TargetStatus.DEAD}
    values = {qid: value for qid, value in t1_of(FALCON.qids).items() if qid not in ("2", "6")}

    figure = draw_map(chip_of(FALCON, aside), values_of("t1", values, unit="us"), "t1")

    _, hollow = with_ids(figure)
    assert dict(zip(hollow["ids"], hollow["marker"]["symbol"], strict=True)) == {
        "2": "circle",
        "5": "circle-x",
        "6": "circle-x",
    }
    assert hollow["marker"]["color"] == ["#ffffff", "#ffffff", INK], "a dead qubit stands out"
    assert in_legend(figure) == ["no accepted value: 1", "excluded: 1", "dead: 1"]
    assert "24 of 27 qubits" in figure["layout"]["title"]["text"]


def test_the_colours_are_those_of_the_qubits_in_use() -> None:
    aside = {"26": TargetStatus.EXCLUDED}

    figure = draw_map(chip_of(FALCON, aside), values_of("t1", t1_of(FALCON.qids), unit="us"), "t1")

    assert scaled(figure)["marker"]["cmax"] == 75.0


def test_a_chip_of_which_only_what_was_set_aside_has_values_is_drawn() -> None:
    figure = draw_map(chip_of(FALCON, {"1": TargetStatus.DEAD}), values_of("t1", {"1": 5.0}, unit="us"), "t1")

    assert "0 of 27 qubits" in figure["layout"]["title"]["text"]
    assert in_legend(figure) == ["no accepted value: 26", "dead: 1"]


def test_a_metric_of_couplings_colours_bars_and_numbers_the_qubits() -> None:
    values = {coupling: 0.99 - 0.001 * number for number, coupling in enumerate(FALCON.couplings[1:])}

    figure = draw_map(chip_of(FALCON), values_of("zx90_gate_fidelity", values), "zx90_gate_fidelity")

    assert scaled(figure)["ids"] == list(values)
    qubits = with_ids(figure)[-1]
    assert qubits["text"] == list(FALCON.qids)
    assert in_legend(figure) == ["no accepted value: 1"]
    texts = [note["text"] for note in figure["layout"]["annotations"]]
    assert texts[:3] == ["1", "1.1", "1.2"], "1 − F in per cent"
    assert {note["textangle"] for note in figure["layout"]["annotations"]} == {0.0, -90.0}


def test_a_bar_lies_between_its_two_qubits() -> None:
    figure = draw_map(
        chip_of(FALCON), values_of("zx90_gate_time", {"1-4": 300.0}, unit="ns"), "zx90_gate_time"
    )

    ends = [(trace["x"][:2], trace["y"][:2]) for trace in figure["data"] if trace.get("mode") == "lines"]
    assert ([1.0, 2.0], [1.0, 1.0]) in ends
    assert (scaled(figure)["x"], scaled(figure)["y"]) == ([1.5], [1.0])


def test_fidelities_are_shown_as_what_they_lack_of_one_on_a_logarithmic_scale() -> None:
    values = {"0": 0.9, "1": 0.99, "2": 0.999}

    figure = draw_map(chip_of(FALCON), values_of("average_gate_fidelity", values), "average_gate_fidelity")

    marker = scaled(figure)["marker"]
    assert marker["color"] == pytest.approx([-1.0, -2.0, -3.0])
    assert marker["colorbar"]["title"]["text"] == "1 − F (%)"
    assert {"0.5", "1", "2", "5"} <= set(marker["colorbar"]["ticktext"])
    assert scaled(figure)["text"] == ["10", "1", "0.1"]


def test_large_chips_have_texts_on_request_only() -> None:
    large = get_builtin_topology("square-lattice-mux-256")
    values = values_of("t1", t1_of(large.qids), unit="us")

    plain, labelled = (draw_map(chip_of(large), values, "t1", all_labels=asked) for asked in (False, True))

    assert not any("text" in trace for trace in plain["data"])
    assert len(scaled(labelled)["text"]) == 256


def test_an_unknown_metric_is_refused_with_those_that_there_are() -> None:
    values = values_of("t1", {"0": 50.0}, unit="us")

    with pytest.raises(InvalidInputError, match="chip lab has no value of 't2'; it has t1"):
        draw_map(chip_of(FALCON), values, "t2")


def test_a_chip_that_is_not_calibrated_is_told_what_to_do() -> None:
    with pytest.raises(
        InvalidInputError, match="nothing is calibrated yet on chip lab: `qdash calibrate lab"
    ):
        draw_map(chip_of(FALCON), ChipValues({}, {}), "t1")


@pytest.mark.parametrize(
    "drawn", [FALCON, pytest.param(SQUARE, marks=pytest.mark.slow)], ids=lambda drawn: drawn.name
)
def test_it_is_drawn(drawn: Topology) -> None:
    values = values_of("static_zz_interaction", dict.fromkeys(drawn.couplings[:5], -0.1), unit="MHz")
    figure = draw_map(chip_of(drawn), values, "static_zz_interaction")

    png = get_figure_renderer(".png")(figure)

    size = [int.from_bytes(png[place : place + 4], "big") for place in (16, 20)]
    assert size == [figure["layout"]["width"], figure["layout"]["height"]]


def draw_marks() -> dict[str, Any]:
    marks = {"0": [Mark.TOO_OLD, Mark.LAST_FAILED], "1": [Mark.INPUTS_MOVED], "2": [Mark.TOO_OLD]}
    values = values_of("t1", t1_of(FALCON.qids), unit="us", marks=marks)

    return draw_map(chip_of(FALCON, {"2": TargetStatus.EXCLUDED}), values, "t1")


def test_a_marked_value_has_a_badge_with_the_signs_and_the_legend_names_the_marks() -> None:
    figure = draw_marks()

    (badges,) = (
        trace
        for trace in figure["data"]
        if trace.get("marker", {}).get("symbol") == "square" and trace["x"] != [None]
    )
    assert badges["ids"] == ["0", "1"]
    assert badges["text"] == ["<b>~x</b>", "<b>&gt;</b>"]
    assert badges["hovertext"][1].endswith("<br>inputs-moved: why &lt;inputs-moved&gt;")
    assert in_legend(figure) == ["excluded: 1", "~ too-old: 1", "x last-failed: 1", "&gt; inputs-moved: 1"]


@pytest.mark.slow
def test_badges_are_drawn() -> None:
    assert get_figure_renderer(".svg")(draw_marks())


def test_on_a_large_map_marked_values_have_a_badge_without_text() -> None:
    large = get_builtin_topology("square-lattice-mux-256")

    figure = draw_map(chip_of(large), values_of("t1", t1_of(large.qids), marks={"7": [Mark.DISPUTED]}), "t1")

    (badges,) = (trace for trace in figure["data"] if trace.get("ids") == ["7"])
    assert "text" not in badges
    assert in_legend(figure) == ["# disputed: 1"]


def test_a_marked_coupling_has_its_badge_beside_the_bar() -> None:
    values = dict.fromkeys(FALCON.couplings, 0.99)
    marked = values_of("zx90_gate_fidelity", values, marks={FALCON.couplings[0]: [Mark.LAST_FAILED]})

    figure = draw_map(chip_of(FALCON), marked, "zx90_gate_fidelity")

    (badges,) = (trace for trace in figure["data"] if trace.get("text") == ["<b>x</b>"])
    bar = scaled(figure)
    middle = bar["x"][bar["ids"].index(FALCON.couplings[0])], bar["y"][bar["ids"].index(FALCON.couplings[0])]
    assert (badges["x"][0], badges["y"][0]) != middle


def test_failed_targets_have_a_ring_or_a_diamond_whether_they_have_a_value_or_not() -> None:
    failed = dict.fromkeys(["3", "4", "0-1"], TargetStatus.FAILED)
    values = {qid: value for qid, value in t1_of(FALCON.qids).items() if qid != "4"}

    figure = draw_map(chip_of(FALCON, failed), values_of("t1", values, unit="us"), "t1")

    (signs,) = (trace for trace in figure["data"] if trace.get("ids") == ["3", "4", "0-1"])
    assert signs["marker"]["symbol"] == ["circle-open", "circle-open", "diamond-open"]
    assert in_legend(figure) == ["no accepted value: 1", "failed: 3"]
