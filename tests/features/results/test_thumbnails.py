"""Thumbnails: the newest result of a task on every target, drawn from raw data and fit."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_core import InvalidInputError, NotFoundError, RawData

from ...access import ADMIN
from ...core.bench import CHIP, make_raising, make_task

if TYPE_CHECKING:
    from ...core.bench import Bench
    from ...core.conftest import MakeBench

pytest.importorskip("qdash_pictures")  # the tests of the core run without it

LINE = {"data": [{"mode": "lines", "x": [0, 1], "y": [0, 1]}]}


def list_css_classes(svg: str | None) -> list[str]:
    assert svg is not None
    return [part.attrib["class"] for part in ET.fromstring(svg)]


def as_class_method(function: Any) -> Any:
    return classmethod(lambda cls, raw, output: function(raw, output))


@pytest.mark.every_store
def test_each_target_has_the_newest_result(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(aliases=("Old",)))
    bench.run(qid="1")
    newest = {qid: bench.run(qid=qid).task_id for qid in ("3", "1", "0")}
    made = bench.qdash.get(RESULTS).make_thumbnails(ADMIN, CHIP, "Old")
    assert [*made] == ["0", "1", "3"]
    assert {qid: one.result.task_id for qid, one in made.items()} == newest
    assert all(list_css_classes(one.svg) == ["p"] for one in made.values())
    assert [*bench.qdash.get(RESULTS).make_thumbnails(ADMIN, CHIP, "Measure", ["Q03", "4"])] == ["3"]
    with pytest.raises(NotFoundError, match="no chip"):
        bench.qdash.get(RESULTS).make_thumbnails(ADMIN, "nothing", "Measure")
    with pytest.raises(InvalidInputError, match="not a qubit"):
        bench.qdash.get(RESULTS).make_thumbnails(ADMIN, CHIP, "Measure", ["x"])


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        (
            {
                "sketch": as_class_method(lambda *_: LINE),
                "figure": as_class_method(make_raising(AssertionError)),
            },
            ["f"],
        ),
        ({"figure": as_class_method(lambda *_: LINE)}, ["f"]),
        ({"figure": as_class_method(lambda *_: None)}, ["p"]),
        ({"figure": as_class_method(make_raising(SystemExit(2)))}, ["p"]),
        ({"figure": as_class_method(lambda *_: {"data": [{"y": "text"}]})}, ["p"]),
        ({"figure": as_class_method(lambda *_: {"data": 3})}, ["p"]),
        ({"figure": as_class_method(lambda *_: {"data": []})}, ["p"]),
    ],
    ids=["sketch", "figure", "none", "fails", "no numbers", "no figure", "empty"],
)
def test_what_the_task_draws_is_shown_or_else_its_points(
    make_bench: MakeBench, attributes: dict[str, Any], shown: list[str]
) -> None:
    bench = make_bench(make_task(**attributes))
    made = bench.qdash.get(RESULTS).make_thumbnail(ADMIN, bench.run().task_id)
    assert list_css_classes(made.svg) == shown


def test_a_result_without_anything_to_draw_has_no_picture(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(measure=lambda *_: RawData({})), make_task("Untidy", measure=lambda *_: 42))
    for name in ("Measure", "Untidy"):
        assert bench.qdash.get(RESULTS).make_thumbnail(ADMIN, bench.run(name).task_id).svg is None


def test_raw_data_that_are_gone_or_damaged_have_no_picture(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    results = [bench.run() for _ in range(2)]
    files = [bench.qdash.settings.home / "artifacts" / one.raw_data_path[0] for one in results]
    files[0].unlink()
    files[1].write_bytes(files[1].read_bytes()[:40])
    assert [bench.qdash.get(RESULTS).make_thumbnail(ADMIN, one.task_id).svg for one in results] == [
        None,
        None,
    ]


def test_data_of_a_failed_analysis_and_of_a_task_that_is_gone_are_drawn(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(postprocess=make_raising(ValueError("no decay"))))
    bench.run()
    without = bench.reinstall(make_task("Another")).qdash.get(RESULTS)
    for results in (bench.qdash.get(RESULTS), without):
        assert list_css_classes(results.make_thumbnails(ADMIN, CHIP, "Measure")["0"].svg) == ["p"]


def test_what_could_not_be_read_or_drawn_once_is_tried_again(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(figure=as_class_method(lambda *_: LINE)))
    result = bench.run()
    file = bench.qdash.settings.home / "artifacts" / result.raw_data_path[0]
    away = file.rename(file.with_suffix(".away"))
    assert bench.qdash.get(RESULTS).make_thumbnail(ADMIN, result.task_id).svg is None
    away.rename(file)
    assert list_css_classes(bench.qdash.get(RESULTS).make_thumbnail(ADMIN, result.task_id).svg) == ["f"]


def test_a_picture_is_drawn_once(make_bench: MakeBench) -> None:
    calls = []
    bench = make_bench(make_task(figure=as_class_method(lambda *_: calls.append(1) or LINE)))
    bench.run()
    first, second = (
        bench.qdash.get(RESULTS).make_thumbnails(ADMIN, CHIP, "Measure")["0"].svg for _ in range(2)
    )
    assert (first == second, len(calls)) == (True, 1)


def remove_pictures_plugin(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the pictures plugin from the registry of a bench."""
    monkeypatch.setattr(
        type(bench.qdash.registry),
        "pictures",
        make_raising(InvalidInputError("qdash-pictures must be installed")),
    )


def test_pictures_are_needed_only_for_what_has_to_be_drawn(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(make_task(figure=as_class_method(lambda *_: LINE)))
    bench.run(qid="0")
    before = bench.qdash.get(RESULTS).make_thumbnails(ADMIN, CHIP, "Measure")
    remove_pictures_plugin(bench, monkeypatch)
    assert bench.qdash.get(RESULTS).make_thumbnails(ADMIN, CHIP, "Measure", ["4"]) == {}
    after = bench.qdash.get(RESULTS).make_thumbnails(ADMIN, CHIP, "Measure")
    assert after["0"].svg == before["0"].svg is not None
    bench.run(qid="1")
    with pytest.raises(InvalidInputError, match="must be installed"):
        bench.qdash.get(RESULTS).make_thumbnails(ADMIN, CHIP, "Measure")


@pytest.mark.parametrize("method", ["thumbnail", "points"])
@pytest.mark.parametrize("error", [RuntimeError("no fonts"), SystemExit(2), KeyError("x")])
def test_a_failing_pictures_plugin_costs_its_own_results_their_thumbnails_only(
    make_bench: MakeBench,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    method: str,
    error: BaseException,
) -> None:
    bench = make_bench(make_task())
    for qid in ("0", "1"):
        bench.run(qid=qid)
    with (
        monkeypatch.context() as patched,
        caplog.at_level(logging.WARNING, "qdash_builtin.results.thumbnails"),
    ):
        patched.setattr(type(bench.qdash.registry.pictures()), method, make_raising(error))
        made = bench.qdash.get(RESULTS).make_thumbnails(ADMIN, CHIP, "Measure")
    assert {qid: one.svg for qid, one in made.items()} == {"0": None, "1": None}
    (record,) = caplog.records
    assert "2 thumbnails could not be drawn: Measure 0" in record.message
    assert type(error).__name__ in record.message
    healed = bench.qdash.get(RESULTS).make_thumbnails(ADMIN, CHIP, "Measure")
    assert all(list_css_classes(one.svg) == ["p"] for one in healed.values())
