"""Rules of the map in the browser: judgement and colours of a chip's values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips import pages
from qdash_builtin.metrics.pages.marks import WORDS
from qdash_ui_streamlit import components

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

_FOLDER = Path(pages.__file__).with_name("chip_map")
_PARTS = (
    Path(components.__file__).with_name("shared.js"),
    *(_FOLDER / f"{part}.js" for part in ("judgement", "scale", "data", "drawing", "news")),
)
_AS = 'how: {title: "T1", unit: "%s", better: "maximize", magnitude: %s}'
FIT = {"word": "fit", "reasons": []}


@pytest.fixture(scope="module")
def run(chromium: Browser) -> Iterator[Callable[..., Any]]:
    """Function that runs JavaScript with the parts of the map imported."""
    parts = "\n".join(part.read_text("utf-8") for part in _PARTS)
    page = chromium.new_page()
    page.add_script_tag(content=parts)
    yield page.evaluate
    page.close()


def judge(run: Callable[..., Any], target: str, **changes: Any) -> dict[str, Any]:
    """Return the judgement of T1 of a chip's target with the given changes."""
    at = "2026-11-21T12:00:00Z"
    chip: dict[str, Any] = {
        "data": {"nothing": "never measured", "mark_words": WORDS},
        "metric": {"qubit": "t1", "coupling": None},
        "definitions": {
            "qubits": {"t1": {"title": "T1", "unit": "us", "scale": 1, "better": "maximize", "age_limit_s": 3600,
                              "specification": "at least 100 us"}},
            "couplings": {},
        },
        "known": {"qubits": {"0": {"t1": {"value": 81.5, "error": 1.3, "unit": "us", "calibrated_at": at}}}},
        "statuses": {"qubits": {"0": {"status": "calibrated"}}},
    }  # fmt: skip
    asked = [{**chip, **changes}, target]
    found: dict[str, Any] = run(
        "([map, id]) => { const one = judge(map, id); return {...one, said: describe(one), signs: signs_of(one)}; }",
        asked,
    )
    return found


def known(**value: Any) -> dict[str, Any]:
    """Return T1 of qubit 0 with further fields."""
    return {"qubits": {"0": {"t1": {"value": 81.5, "error": 1.3, "unit": "us", **value}}}}


def state(status: str, **more: Any) -> dict[str, Any]:
    """Return the status of qubit 0."""
    return {"qubits": {"0": {"status": status, **more}}}


FAILED = state("failed", status_reason={"text": "CheckRabi failed: no oscillation", "task_id": "r9"})


def test_a_value_is_described_with_its_error_and_unit(run: Callable[..., Any]) -> None:
    found = judge(run, "0")
    assert found["state"] == "value"
    assert found["said"] == "Qubit 0: T1 81.5(13)\N{NO-BREAK SPACE}µs, calibrated"


def test_a_missing_value_differs_from_one_of_a_failed_target(run: Callable[..., Any]) -> None:
    assert judge(run, "0", known={})["state"] == "missing"
    failed = judge(run, "0", known={}, statuses=FAILED)
    assert failed["state"] == "failed"
    assert failed["said"] == "Qubit 0: T1, failed: CheckRabi failed: no oscillation, never measured"


def test_a_failed_target_has_no_colour_but_its_value(run: Callable[..., Any]) -> None:
    found = judge(run, "0", statuses=FAILED)
    assert (found["state"], found["value"]) == ("failed", 81.5)


@pytest.mark.parametrize(
    ("mark", "words"),
    [("too-old", "too old"), ("last-failed", "last failed"), ("inputs-moved", "inputs moved")],
)
def test_a_mark_is_a_word_with_its_reason(run: Callable[..., Any], mark: str, words: str) -> None:
    found = judge(run, "0", known=known(mark_reasons=[{"mark": mark, "reason": "for a reason"}]))
    assert f"{words}: for a reason" in found["said"]
    assert found["signs"] == [mark]


def test_a_flagged_result_has_a_sign_for_every_metric(run: Callable[..., Any]) -> None:
    flagged = state("calibrated", flagged=[{"task": "CheckT1", "text": "CheckT1 was flagged: far away"}])
    for metric in ("t1", None):
        found = judge(run, "0", statuses=flagged, metric={"qubit": metric, "coupling": None})
        assert found["signs"] == ["flagged"]
        assert "flagged result awaits a decision: CheckT1 was flagged: far away" in found["said"]


def test_the_host_decides_what_is_out_of_specification(run: Callable[..., Any]) -> None:
    found = judge(run, "0", known=known(out_of_spec=True))
    assert "out of specification: at least 100\N{NO-BREAK SPACE}µs" in found["said"]
    assert found["signs"] == ["out"]
    assert judge(run, "0")["signs"] == []


def test_a_value_out_of_specification_shows_by_how_much_it_misses_its_limit(run: Callable[..., Any]) -> None:
    limited = {
        "title": "Readout",
        "unit": "%",
        "scale": 100,
        "better": "maximize",
        "threshold": 0.99,
        "specification": "at least 99 %",
    }
    definitions = {"qubits": {"t1": limited}, "couplings": {}}
    value = {"qubits": {"0": {"t1": {"value": 0.98999, "unit": "", "out_of_spec": True}}}}
    assert judge(run, "0", known=value, definitions=definitions)["said"].endswith(
        "at least 99\N{NO-BREAK SPACE}% (0.001\N{NO-BREAK SPACE}% below)"
    )


def test_an_unknown_metric_is_reported_as_unknown(
    run: Callable[..., Any],
) -> None:
    found = judge(run, "0", metric={"qubit": "t7", "coupling": None})
    assert found["said"] == "Qubit 0: t7, calibrated, unknown metric"


@pytest.mark.parametrize("status", ["excluded", "dead"])
def test_a_target_set_aside_has_a_sign_of_its_own_and_no_other(run: Callable[..., Any], status: str) -> None:
    aside = state(status, flagged=[{"task": "CheckT1", "text": "CheckT1 was flagged"}])
    value = known(out_of_spec=True, mark_reasons=[{"mark": "too-old", "reason": "old"}])
    found = judge(run, "0", statuses=aside, known=value)
    assert (found["state"], found["signs"]) == (status, [status])


def scale(
    run: Callable[..., Any], values: list[float], *, unit: str = "us", magnitude: bool = False
) -> dict[str, Any]:
    how = _AS % (unit, str(magnitude).lower())
    made = f'values.map((value) => ({{ state: "value", value, {how} }}))'
    ends = "[scale.fraction(scale.low), scale.fraction(scale.high)]"
    found: dict[str, Any] = run(
        f'(values) => {{ const scale = scale_of("qubit", {made}); return {{ low: scale.low, high: scale.high, '
        f"below: scale.below, above: scale.above, logarithmic: scale.logarithmic, median: scale.median, ends: {ends} }}; }}",
        values,
    )
    return found


def test_an_outlier_does_not_compress_the_colour_scale(run: Callable[..., Any]) -> None:
    found = scale(run, [*(float(n) for n in range(100, 200)), 5000.0])
    assert found["high"] < 210
    assert (found["below"], found["above"]) == (2, 2)
    assert found["ends"] == [0, 1]


def test_neighbouring_frequencies_differ_on_the_map(run: Callable[..., Any]) -> None:
    assert run("short_between(4.87, 5.25)(5.20347)") == "5.203"
    assert run("short_between(20, 264)(81.54)") == "82"


def test_a_value_fits_its_disc_however_close_the_values_are(run: Callable[..., Any]) -> None:
    assert run("short_between(99.951102, 99.951479)(99.951479)") == "99.951479"
    assert run("short_between(99.951102, 99.951479, DIGITS)(99.951479)") == "99.951"
    assert run("short_between(-312.4512, -312.4507, DIGITS)(-312.4512)") == "−312.45"
    assert run("short_between(0.12345671, 0.12345678, DIGITS)(0.12345671)") == "0.1235"


def test_values_over_decades_have_a_logarithmic_scale(run: Callable[..., Any]) -> None:
    assert scale(run, [0.01, 0.1, 1.0, 10.0])["logarithmic"]
    assert not scale(run, [-0.01, 0.1, 1.0, 10.0])["logarithmic"]


def test_a_magnitude_metric_is_coloured_by_its_absolute_value(run: Callable[..., Any]) -> None:
    found = scale(run, [-5.0, 1.0, 2.0], magnitude=True)
    assert (found["low"], found["high"], found["median"]) == (1, 5, 2)


def test_equal_values_have_a_scale(run: Callable[..., Any]) -> None:
    found = scale(run, [56.9, 56.9, 56.9])
    assert found["low"] < 56.9 < found["high"]


def test_the_scale_of_a_single_fidelity_ends_at_100_percent(run: Callable[..., Any]) -> None:
    found = scale(run, [99.95], unit="%")
    assert found["low"] < 99.95 < found["high"] == 100
    assert scale(run, [100.0], unit="%")["ends"] == [0, 1]


@pytest.mark.parametrize(
    ("statuses", "read"),
    [
        (["calibrated"], "Qubit 0: calibrated"),
        (["calibrated"] * 4, "4 qubits and couplings measured"),
        (["calibrated", "failed", "calibrated", "failed"], "4 qubits and couplings measured, failed: 1, 3"),
        (["failed"] * 5, "5 qubits and couplings measured, 5 failed"),
    ],
)
def test_few_measured_targets_are_read_out_and_many_counted(
    run: Callable[..., Any], statuses: list[str], read: str
) -> None:
    judgements = [
        {
            "id": str(n),
            "kind": "qubit",
            "status": one,
            "marks": [],
            "flagged": [],
            "issues": [],
            "fitness": FIT,
        }
        for n, one in enumerate(statuses)
    ]
    assert run("news_of", judgements) == read
