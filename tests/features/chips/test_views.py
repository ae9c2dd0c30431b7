"""Figures and yield of a chip: positions of pictures, and classes of values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.pages.chip_figures import get_default_size
from qdash_builtin.chips.pages.thumbnail_layout import place_couplings, place_in_rows, place_qubits
from qdash_builtin.chips.views.layouts import TopologyDocument
from qdash_builtin.metrics.pages.chip_distributions import make_panels, select_axis
from qdash_builtin.metrics.pages.value_selection import ValueSelection
from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionDocument, MetricDefinitionsDocument
from qdash_builtin.metrics.views.metric_summaries import ChipSummaryDocument
from qdash_core.chips.lattices import get_builtin_topology

if TYPE_CHECKING:
    from collections.abc import Mapping

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", ["heavy-hex-27", "heavy-hex-127", "square-lattice-mux-64", "linear-16"])
def test_thumbnails_of_a_chip_do_not_overlap(name: str) -> None:
    layout = TopologyDocument.from_topology(get_builtin_topology(name))
    for placed in (place_qubits(layout), place_couplings(layout)):
        rows: dict[int, list[float]] = {}
        for _, x, row in placed:
            rows.setdefault(row, []).append(x)
        for xs in rows.values():
            assert all(b - a > 0.99 for a, b in zip(sorted(xs), sorted(xs)[1:], strict=False))


def test_thumbnails_are_arranged_like_the_chip() -> None:
    placed = {
        target: (x, row)
        for target, x, row in place_qubits(
            TopologyDocument.from_topology(get_builtin_topology("heavy-hex-127"))
        )
    }
    assert len({row for _, row in placed.values()}) == 13
    assert placed["0"] == (0.0, 0)
    assert placed["14"] == (0.0, 1)


def test_thumbnails_that_would_overlap_are_placed_in_a_square() -> None:
    crowded = {str(number): (0.3 * number, 0.0) for number in range(6)}
    assert place_in_rows(crowded) == [
        ("0", 0.0, 0),
        ("1", 1.0, 0),
        ("2", 2.0, 0),
        ("3", 0.0, 1),
        ("4", 1.0, 1),
        ("5", 2.0, 1),
    ]


def test_few_thumbnails_are_large() -> None:
    assert [get_default_size(n) for n in (7, 27, 127)] == ["L", "M", "S"]


def test_a_value_selection_becomes_the_query_of_the_host() -> None:
    assert ValueSelection().query() == {}
    assert ValueSelection("best", "cd-7").query() == {"mode": "best", "cooldown_id": "cd-7"}
    assert ValueSelection(since=NOON).query() == {"since": "2026-11-21T12:00:00Z"}
    assert ValueSelection(since=NOON).arguments() == {"since": NOON}


@pytest.mark.parametrize(
    ("values", "fraction", "scale"),
    [
        ([80.0, 110.0], False, "linear"),
        ([1.0, 110.0], False, "log"),
        ([-1.0, 110.0], False, "linear"),
        ([0.9, 0.99, 0.9995], True, "nines"),
        ([0.99, 0.995], True, "linear"),
        ([], False, "linear"),
    ],
)
def test_the_axis_type_resolves_several_decades(values: list[float], fraction: bool, scale: str) -> None:
    assert select_axis(values, fraction=fraction) == scale


def make_summary(**of: object) -> dict[str, object]:
    return {"unit": "", "targets": 3, "n": 2, "missing": 1, "cdf": [[0.98, 0.5], [0.99, 1.0]], **of}


def make_chip_summary(qubits: Mapping[str, object]) -> ChipSummaryDocument:
    return ChipSummaryDocument.model_validate(
        {"chip_id": "a", "mode": "latest", "qubits": qubits, "couplings": {}}
    )


FIDELITY = MetricDefinitionDocument(
    title="Fidelity",
    unit="%",
    scale=100.0,
    better="maximize",
    magnitude=False,
    threshold=0.985,
    specification="at least 98.5 %",
)
ANGLE = MetricDefinitionDocument(
    title="Angle",
    unit="mrad",
    scale=1000.0,
    better="minimize",
    magnitude=True,
    threshold=0.002,
    specification="at most 2 mrad in size",
)
KNOWN = MetricDefinitionsDocument(
    qubits={"fidelity": FIDELITY, "angle": ANGLE},
    couplings={},
    qubit_groups=[],
    coupling_groups=[],
    qubit_table=[],
    coupling_table=[],
)


def test_panels_use_display_units_with_specified_metrics_first() -> None:
    now = {
        "raw": make_summary(),
        "fidelity": make_summary(within=1, median=0.985, best={"target": "2", "value": 0.99}),
    }
    first, second = make_panels(make_chip_summary(now), None, KNOWN)
    assert (first.title, first.unit, first.limits) == ("Fidelity", "%", (98.5,))
    assert first.now.cdf == ((98.0, 0.5), (99.0, 1.0))
    assert (first.now.within, first.now.missing, first.now.median) == (1, 1, 98.5)
    assert (first.now.best_target, first.now.best) == ("2", 99.0)
    assert (second.title, second.now.within, second.now.median, second.limits) == ("raw", None, None, ())


def test_a_magnitude_threshold_has_both_signs() -> None:
    (panel,) = make_panels(make_chip_summary({"angle": make_summary()}), None, KNOWN)
    assert panel.limits == (-2.0, 2.0)


def test_a_metric_only_in_the_comparison_has_no_current_values() -> None:
    (panel,) = make_panels(
        make_chip_summary({}), make_chip_summary({"fidelity": make_summary(within=2)}), KNOWN
    )
    assert (panel.now.n, panel.now.missing, panel.now.within, panel.now.cdf) == (0, 3, None, ())
    assert panel.then is not None
    assert panel.then.within == 2
