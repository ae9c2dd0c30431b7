"""Drawings of results with axes, or the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.results.drawings import DrawingMaker
from qdash_core import RawData

from ...core.bench import make_raising, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.results.drawings import Drawing

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

pytest.importorskip("qdash_pictures")  # the tests of the core run without it

LINE = {"data": [{"mode": "lines", "x": [0, 1], "y": [0, 1]}], "layout": {"title": "A line"}}


def draw(bench: Bench, *results: Any) -> list[Drawing]:
    maker = DrawingMaker(bench.qdash.registry, bench.qdash.artifacts)
    return [maker.draw(result) for result in results]


def test_a_result_is_drawn_by_its_task_or_else_as_points(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task("Line", figure=classmethod(lambda *_: LINE)),
        make_task("Failing", figure=classmethod(make_raising(SystemExit(2)))),
        make_task("Odd", figure=classmethod(lambda *_: {"data": [{"y": "text"}]})),
    )
    line, *points = draw(bench, *(bench.run(name) for name in ("Line", "Failing", "Odd")))
    assert line.svg is not None
    assert ">A line</text>" in line.svg
    for one in points:
        assert one.svg is not None
        assert 'class="p k0"' in one.svg


def test_missing_data_have_a_reason_instead_of_a_drawing(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(),
        make_task("Empty", measure=lambda *_: RawData({})),
        make_task("Untidy", measure=lambda *_: 42),
    )
    results = [bench.run(name) for name in ("Measure", "Measure", "Empty", "Untidy")]
    gone, damaged = (bench.qdash.settings.home / "artifacts" / one.raw_data_path[0] for one in results[:2])
    gone.unlink()
    damaged.write_bytes(damaged.read_bytes()[:40])
    found = draw(bench, *results)
    assert [one.svg for one in found] == [None] * 4
    assert found[0].reason == "the raw data no longer exist"
    assert found[1].reason.startswith("the raw data cannot be read")
    assert found[2].reason == "the raw data contain nothing that can be drawn"
    assert found[3].reason == "no raw data"


def test_raw_data_behind_a_link_out_of_the_storage_cannot_be_read(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(make_task())
    result = bench.run("Measure")
    folder = (bench.qdash.settings.home / "artifacts" / result.raw_data_path[0]).parent
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    (found,) = draw(bench, result)
    assert found.svg is None
    assert found.reason.startswith("the raw data cannot be read: ")
