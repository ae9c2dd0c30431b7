"""A schedule as a timeline."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.figures.files import get_figure_renderer
from qdash_builtin.runs.timelines import BlockTimes, Span
from qdash_core import InvalidInputError
from qdash_core.models.execution import ExecutionModel
from qdash_core.scheduling.colouring import Colouring
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.scheduling.makespan import list_schedule
from qdash_core.scheduling.schedule import Schedule
from qdash_pictures.schedule_timeline import (
    Bar,
    make_run_timeline,
    make_schedule_timeline,
    make_timeline_bars,
    repeat_on_resources,
    schedule_timeline,
)

from ..case_tables import each_case

SHARED = {
    "project_id": "default",
    "username": "admin",
    "chip_id": "lab",
    "execution_id": "20261120-000",
}
CONFLICTS = Conflicts(
    {
        "0-1": frozenset({"qubit 0", "qubit 1", "mux 0"}),
        "2-10": frozenset({"qubit 2", "qubit 10", "mux 0", "mux 2"}),
    }
)
BARS = [
    Bar("0-1", "group 1", 0.0, 20.0, "0-1"),
    Bar("2-10", "group 2", 20.0, 50.0, "2-10"),
    Bar("0-2", "group 2", 20.0, 45.0, "0-2"),
]


def test_a_bar_begins_and_ends_when_it_does() -> None:
    first, second = schedule_timeline(BARS, title="plan")["data"]

    assert (first["base"], first["x"]) == ([0.0], [20.0])
    assert (second["base"], second["x"]) == ([20.0, 20.0], [30.0, 25.0])
    assert (first["name"], second["name"]) == ("group 1", "group 2")
    assert second["hovertext"][0] == "2-10: group 2<br>20 to 50 s"


def test_rows_are_in_order_of_number_from_the_top() -> None:
    layout = schedule_timeline(BARS, title="plan")["layout"]

    assert layout["yaxis"]["ticktext"] == ["0-1", "0-2", "2-10"]
    first, last = layout["yaxis"]["range"]
    assert first > last


def test_the_bound_is_a_line_and_the_distance_to_it_is_said() -> None:
    figure = schedule_timeline(BARS, title="plan", bound_s=40.0)

    assert [(line["x0"], line["line"]["dash"]) for line in figure["layout"]["shapes"]] == [
        (50.0, "solid"),
        (40.0, "dash"),
    ]
    assert "25.0 % above the lower bound of 40 s" in figure["layout"]["title"]["text"]


def test_a_schedule_at_its_bound_says_so() -> None:
    title = schedule_timeline(BARS, title="plan", bound_s=50.0)["layout"]["title"]["text"]

    assert "at the lower bound of 50 s" in title


@each_case(("length_s", "axis"), [(50.0, "s"), (1800.0, "min"), (20_000.0, "h")])
def test_the_unit_of_time_is_that_of_the_length(length_s: float, axis: str) -> None:
    figure = schedule_timeline([Bar("0", "CheckT1", 0.0, length_s, "0")], title="run")

    assert figure["layout"]["xaxis"]["title"]["text"] == f"Laboratory time ({axis})"
    size = {"s": 1.0, "min": 60.0, "h": 3600.0}[axis]
    assert figure["data"][0]["x"] == [pytest.approx(length_s / size, abs=1e-6)]


def test_a_list_schedule_is_drawn_with_its_groups_as_labels() -> None:
    timeline = list_schedule(CONFLICTS, {"0-1": 5.0, "2-10": 7.0})

    bars = make_timeline_bars(timeline, {"0-1": "group 1", "2-10": "group 2"})

    assert bars == [
        Bar("0-1", "group 1", 0.0, 5.0, "0-1"),
        Bar("2-10", "group 2", 5.0, 12.0, "2-10"),
    ]


def test_in_rows_of_resources_a_bar_is_drawn_on_each_that_it_occupies() -> None:
    bars = repeat_on_resources(BARS, CONFLICTS.resources, "mux")

    assert [(bar.target, bar.row) for bar in bars] == [("0-1", "mux 0"), ("2-10", "mux 0"), ("2-10", "mux 2")]
    figure = schedule_timeline(bars, title="plan")
    assert [trace["text"] for trace in figure["data"]] == [["0-1"], ["2-10", "2-10"]]


def test_bars_are_lettered_as_long_as_letters_fit() -> None:
    low, high = (
        schedule_timeline([Bar(str(n), "group 1", 0.0, 20.0, f"mux {n}") for n in range(count)], title="plan")
        for count in (256, 60)
    )

    assert high["data"][0]["text"][:2] == ["0", "1"]
    assert "text" not in low["data"][0]
    assert low["data"][0]["hovertext"][0].startswith("0: group 1"), "told all the same"


def test_what_a_run_measured_is_drawn_when_it_was_measured() -> None:
    execution = ExecutionModel(**SHARED, name="full")
    spans = [
        Span("0", "CheckRabi", 0.0, 3.0),
        Span("1", "CheckT1", 4.0, 2.0),
        Span("0-1", "Check2QGateCoherenceLimit", 6.0, 0.0),
        Span("0-1", "CreateZX90", 6.0, 5.0),
        Span("", "CheckNoise", 11.0, 1.0),
    ]

    figure = make_run_timeline(execution, spans, bound_s=10.0)

    assert [(trace["name"], trace["base"], trace["x"]) for trace in figure["data"]] == [
        ("CheckRabi", [0.0], [3.0]),
        ("CheckT1", [4.0], [2.0]),
        ("CreateZX90", [6.0], [5.0]),
        ("CheckNoise", [11.0], [1.0]),
    ]
    assert figure["layout"]["yaxis"]["ticktext"] == ["0", "1", "0-1", "chip"]
    assert "full on lab, 20261120-000" in figure["layout"]["title"]["text"]
    assert "20.0 % above the lower bound of 10 s" in figure["layout"]["title"]["text"]


def test_the_blocks_of_a_run_are_numbered_between_dotted_lines_and_their_strategy_is_named() -> None:
    execution = ExecutionModel(**SHARED, name="rough")
    spans = [Span("0", "CheckRabi", 0.0, 3.0), Span("1", "CheckRabi", 3.5, 2.0)]
    blocks = [BlockTimes("serial", 1, 0.0, 3.0), BlockTimes("serial", 2, 3.5, 5.5)]
    layout = make_run_timeline(execution, spans, blocks=blocks)["layout"]

    dotted = [line["x0"] for line in layout["shapes"] if line["line"]["dash"] == "dot"]
    assert dotted == [3.5], "before each block but the first"
    assert [(one["x"], one["text"]) for one in layout["annotations"]] == [(1.5, "1"), (4.5, "2")]
    assert "serial in 2 blocks (dotted lines)" in layout["title"]["text"]


def test_the_blocks_of_a_plan_are_drawn_alike() -> None:
    free = Conflicts({"0": frozenset(), "1": frozenset()})
    colouring = Colouring((("0",), ("1",)), 1, "", "serial", frozenset({1}))
    schedule = Schedule("qubit", colouring, free, {"0": 2.0, "1": 3.0})
    layout = make_schedule_timeline(schedule, title="plan")["layout"]

    assert [line["x0"] for line in layout["shapes"] if line["line"]["dash"] == "dot"] == [2.0]
    assert [one["text"] for one in layout["annotations"]] == ["1", "2"]


def test_a_run_that_has_measured_nothing_cannot_be_drawn() -> None:
    with pytest.raises(
        InvalidInputError, match="full on lab, 20261120-000: there are no measurements to draw"
    ):
        make_run_timeline(ExecutionModel(**SHARED, name="full"), [Span("0", "CheckT1", 0.0, 0.0)])


def test_labels_of_one_colour_differ_in_pattern() -> None:
    bars = [Bar(str(n), f"group {n}", 0.0, 1.0, str(n)) for n in range(26)]

    looks = [
        (trace["marker"]["color"], trace["marker"].get("pattern", {}).get("shape"))
        for trace in schedule_timeline(bars, title="plan")["data"]
    ]

    assert len(set(looks)) == 26


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="run 7: there are no measurements to draw"):
        schedule_timeline([], title="run 7")


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 40), st.floats(0, 1e5), st.floats(0, 1e4)), min_size=1
    )
)
def test_every_bar_is_drawn_once(drawn: list[tuple[int, int, float, float]]) -> None:
    bars = [Bar(str(q), f"group {g}", start, start + length, str(q)) for q, g, start, length in drawn]

    figure = schedule_timeline(bars, title="plan", bound_s=1.0)

    assert sum(len(trace["x"]) for trace in figure["data"]) == len(bars)
    told = [text.partition("<br>")[0] for trace in figure["data"] for text in trace["hovertext"]]
    assert sorted(told) == sorted(f"{bar.target}: {bar.label}" for bar in bars)


@pytest.mark.slow
def test_it_is_drawn() -> None:
    assert get_figure_renderer(".png")(schedule_timeline(BARS, title="plan", bound_s=40.0)).startswith(
        b"\x89PNG"
    )
