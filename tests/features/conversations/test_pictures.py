"""Figures as pictures for a model: few, small, one at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.conversations.tool_observer import MOST_PICTURES, ToolObserver
from qdash_builtin.conversations.tools import figure_pictures
from qdash_builtin.conversations.tools.figure_pictures import FIGURE_PICTURE, MOST_BYTES
from qdash_builtin.conversations.tools.shown_references import find_shown_references
from qdash_builtin.results.feature import RESULTS
from qdash_core import AssistantError, RawData
from qdash_core.hooks.assistants import ToolPicture, ToolResult
from qdash_core.models.references import Reference

from ...access import ADMIN
from ...core.bench import make_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.access import Access

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\x34\0\0\2\x08"
"""Beginning of a picture of 820 × 520 pixels."""
TRACE = make_task("T1", measure=lambda *_: RawData({"signal <b>": ([1.0, 2.0, 3.0], "a.u.")}, {}))


class Artist:
    """Draws every figure as the same picture."""

    def __init__(self) -> None:
        self.png = PNG
        self.drawn: list[dict[str, Any]] = []
        self.patience_s: list[float] = []
        self.meanwhile: Callable[[], object] = list

    def __call__(self, figure: dict[str, Any], *, patience_s: float, **_: object) -> bytes:
        self.drawn.append(figure)
        self.patience_s.append(patience_s)
        self.meanwhile()
        return self.png


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(TRACE)


@pytest.fixture
def artist(monkeypatch: pytest.MonkeyPatch) -> Artist:
    made = Artist()
    monkeypatch.setattr(figure_pictures, "render_picture", made)
    return made


def read_figure(bench: Bench, task_id: str, access: Access = ADMIN) -> ToolResult:
    return FIGURE_PICTURE.bind(bench.qdash, access).call({"task_id": task_id})


def test_a_picture_is_described_with_its_citation_titles_and_size(bench: Bench, artist: Artist) -> None:
    task_id = bench.run("T1").task_id
    found = read_figure(bench, task_id[:8])
    assert found.pictures == (ToolPicture(PNG, 820, 520),)
    assert artist.drawn == [bench.qdash.get(RESULTS).figure(ADMIN, task_id)]
    document = found.document
    assert (document["task"], document["target"]) == ("T1", "0")
    assert document["title"].startswith("T1 0")
    assert document["axes"]["yaxis"] == "signal <b> (a.u.)"
    assert document["picture"] == {"width": 820, "height": 520, "bytes": len(PNG)}
    assert [*find_shown_references(document)] == [Reference("result", task_id)]


def test_a_figure_of_any_layout_is_described_in_a_few_lines(
    bench: Bench, artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = bench.run("T1").task_id
    axes = {f"xaxis{number}": {"title": "x" * 30_000} for number in range(400)}
    layouts = ({"title": {"text": "t" * 30_000}, **axes}, None, [])
    monkeypatch.setattr(bench.qdash.get(RESULTS), "figure", lambda *_: {"layout": next(given)})
    given = iter(layouts)
    documents = [read_figure(bench, task_id).document for _ in layouts]
    assert [(len(one["title"]), len(one["axes"])) for one in documents] == [(200, 20), (0, 0), (0, 0)]
    assert {one["cite"] for one in documents} == {f"[result:{task_id}]"}
    artist.png = PNG[:-2] + b"\0\4"
    given = iter(layouts)
    with pytest.raises(AssistantError, match="no usable size, 820 × 4 pixels"):
        read_figure(bench, task_id)


def test_pictures_of_an_answer_are_few_and_small(bench: Bench, artist: Artist) -> None:
    given = {"task_id": bench.run("T1").task_id}
    observer = ToolObserver(most_calls=9, is_stopped=lambda: False, check_access=list)
    [tool] = observer.observe([FIGURE_PICTURE.bind(bench.qdash, ADMIN)])
    for _ in range(MOST_PICTURES):
        tool.call(given)
    with pytest.raises(AssistantError, match="limit of 4 calls for pictures"):
        tool.call(given)
    assert len(artist.drawn) == len(observer.results) == MOST_PICTURES
    artist.png += bytes(MOST_BYTES)
    with pytest.raises(AssistantError, match="the limit is 500,000: use `figure_numbers`"):
        read_figure(bench, given["task_id"])


def test_one_picture_is_drawn_at_a_time_and_an_ended_answer_does_not_wait(
    bench: Bench, artist: Artist
) -> None:
    task_id = bench.run("T1").task_id
    has_ended = Event()
    observer = ToolObserver(most_calls=9, is_stopped=has_ended.is_set, check_access=list)
    [other] = observer.observe([FIGURE_PICTURE.bind(bench.qdash, ADMIN)])

    def draw_another() -> None:
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(other.call, {"task_id": task_id})
            with pytest.raises(TimeoutError):
                waiting.result(0.1)
            has_ended.set()
            with pytest.raises(AssistantError, match="the answer has ended"):
                waiting.result(10)

    artist.meanwhile = draw_another
    read_figure(bench, task_id)
    assert len(artist.drawn) == 1


def test_the_time_for_a_picture_begins_when_it_is_drawn(
    bench: Bench, artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figure_pictures, "_WAIT_S", 0.0)
    task_id = bench.run("T1").task_id

    def draw_another() -> None:
        with pytest.raises(AssistantError, match="other answers are being drawn"):
            read_figure(bench, task_id)

    artist.meanwhile = draw_another
    read_figure(bench, task_id)
    assert artist.patience_s == [figure_pictures.PATIENCE_S]
