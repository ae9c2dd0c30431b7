"""Figures as pictures for a model: offered to models that read them, few, small, with the rights of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import AssistantError, NotFoundError, RawData
from qdash_core.assistant_tools import figure_pictures
from qdash_core.assistant_tools.figure_pictures import MOST_BYTES, MOST_PICTURES, FigurePictures
from qdash_core.assistant_tools.shown_references import find_shown_references
from qdash_core.assistant_tools.tool import ToolScope
from qdash_core.assistants.tool_observer import ToolObserver
from qdash_core.hooks.assistants import ResultWithPictures, ToolPicture
from qdash_core.models.references import RecordKind, Reference

from ...access import ADMIN, access_of
from ..bench import make_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..bench import Bench
    from ..conftest import MakeBench

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\x34\0\0\2\x08"
"""Beginning of a picture of 820 × 520 pixels."""
TRACE = make_task("T1", measure=lambda *_: RawData({"signal <b>": ([1.0, 2.0, 3.0], "a.u.")}, {}))


class Artist:
    """Draws every figure as the same picture."""

    def __init__(self) -> None:
        self.png = PNG
        self.drawn: list[dict[str, Any]] = []
        self.meanwhile: Callable[[], object] = list

    def __call__(self, figure: dict[str, Any], **_: object) -> bytes:
        self.drawn.append(figure)
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


def test_a_picture_is_described_with_its_citation_titles_and_size(bench: Bench, artist: Artist) -> None:
    task_id = bench.run("T1").task_id
    tool = FigurePictures().make_tool(ToolScope(bench.qdash, ADMIN))
    found = tool.call({"task_id": task_id[:8]})
    assert isinstance(found, ResultWithPictures)
    assert found.pictures == (ToolPicture(PNG, 820, 520),)
    assert artist.drawn == [bench.qdash.results.figure(ADMIN, task_id)]
    assert (found["task"], found["target"]) == ("T1", "0")
    assert found["title"].startswith("T1 0")
    assert found["axes"]["yaxis"] == "signal <b> (a.u.)"
    assert found["picture"] == {"width": 820, "height": 520, "bytes": len(PNG)}
    assert [*find_shown_references(found)] == [Reference(RecordKind.RESULT, task_id)]


def test_pictures_of_an_answer_are_few_and_small_and_those_of_the_project(
    bench: Bench, artist: Artist
) -> None:
    given = {"task_id": bench.run("T1").task_id}
    bench.add_project("elsewhere")
    with pytest.raises(NotFoundError):
        FigurePictures().make_tool(ToolScope(bench.qdash, access_of("eve", "elsewhere"))).call(given)
    tool = FigurePictures().make_tool(ToolScope(bench.qdash, ADMIN))
    for _ in range(MOST_PICTURES):
        tool.call(given)
    with pytest.raises(AssistantError, match="all 4 pictures of this answer are drawn"):
        tool.call(given)
    assert len(artist.drawn) == MOST_PICTURES
    artist.png += bytes(MOST_BYTES)
    with pytest.raises(AssistantError, match="the limit is 500,000: read `figure_numbers`"):
        FigurePictures().make_tool(ToolScope(bench.qdash, ADMIN)).call(given)


def test_one_picture_is_drawn_at_a_time_and_an_ended_answer_does_not_wait(
    bench: Bench, artist: Artist
) -> None:
    given = {"task_id": bench.run("T1").task_id}
    has_ended = iter([False, False, False, True])
    observer = ToolObserver(most_calls=9, is_stopped=lambda: next(has_ended), check_access=list)
    [other] = observer.observe([FigurePictures().make_tool(ToolScope(bench.qdash, ADMIN))])

    def draw_another() -> None:
        with pytest.raises(AssistantError, match="the answer has ended"):
            other.call(given)

    artist.meanwhile = draw_another
    FigurePictures().make_tool(ToolScope(bench.qdash, ADMIN)).call(given)
    assert len(artist.drawn) == 1
    assert list(has_ended) == []
