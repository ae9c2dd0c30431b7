"""Digest on the overview: its facts with links, and the advised actions with buttons and commands."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from qdash_builtin.digests.pages.digest_attention import list_unnamed_failures
from qdash_builtin.digests.views import AdviceDocument, DigestDocument
from qdash_core.models.project import ProjectRole
from qdash_ui_streamlit.view import View

from ..runs.pages.conftest import draw

if TYPE_CHECKING:
    from collections.abc import Callable

    OpenPage = Callable[..., AppTest]
    RequestRun = Callable[..., str]

EXAMPLE = json.loads(Path(__file__).with_name("digest.json").read_text("utf-8"))
"""A digest with something in each of its parts."""
DIGEST = DigestDocument(**EXAMPLE)
UNFIT = EXAMPLE["newly_unfit"][0]
VALUE = {"value": 13.9, "error": 0.4, "unit": "us", "execution_id": "", "task_id": ""}


def make_view(role: ProjectRole = ProjectRole.EDITOR) -> View:
    """Return a view that sends no request."""
    nothing: Any = None
    me: Any = SimpleNamespace(role=role)
    return View(nothing, me, "default", ZoneInfo("UTC"))


def draw_part(module: str, function: str, *args: object) -> AppTest:
    test = AppTest.from_function(
        draw, args=(f"digests.pages.{module}", function, args), default_timeout=30
    ).run()
    assert not test.exception
    return test


def join_markdown(test: AppTest) -> str:
    return "\n".join(one.value for one in test.markdown).replace("&amp;", "&")


def draw_facts(**changes: Any) -> str:
    digest = DigestDocument(**{**EXAMPLE, **changes})
    return join_markdown(draw_part("digest_facts", "draw_facts", make_view(), digest))


def draw_advice(role: ProjectRole, *advice: dict[str, Any]) -> AppTest:
    digest = DIGEST.model_copy(update={"advice": [make_advice(**one) for one in advice]})
    return draw_part("digest_advice", "draw_advice", make_view(role), digest)


def make_advice(kind: str = "measure", **more: Any) -> AdviceDocument:
    usual = {"text": "Do it", "reason": "it failed", "targets": [], "conditions": []}
    return AdviceDocument(**{**usual, "kind": kind, "command": f"qdash {kind} lab", **more})


def test_each_count_links_to_the_list_that_it_counts() -> None:
    said = draw_facts(too_old=3)
    run = DIGEST.runs[0]
    for outcome, n in run.outcomes.items():
        assert f'href="/execution?execution={run.execution_id}&outcome={outcome}">{n} {outcome}' in said
    assert 'href="/review?chip=lab">⚑ 1 to review' in said
    assert 'href="/chip?chip=lab&view=values&show=inputs-moved">114 with inputs that moved' in said
    assert 'href="/chip?chip=lab&view=values&show=too-old">3 too old' in said
    assert "/compare?chip=lab&before=2026-11-24T09%3A00%3A00Z&after=now" in said
    assert 'href="/qubit?chip=lab&qubit=5&metric=t1">5</a>: 13.9 µs' in said
    assert f'href="/result?result={DIGEST.newly_unfit[0].task_id}"' in said
    assert 'href="/chip?chip=lab&view=changes&event=31">event 31' in said


def test_yield_and_medians_are_beside_those_of_the_start() -> None:
    said = draw_facts(metrics=[{**EXAMPLE["metrics"][0], "within": 60, "within_before": 61}])
    row = said.partition("<tbody>")[2]
    assert ">60/64</a></td>" in said
    assert '<td class="n">61/64</td>' in said
    assert said.index("80.9\N{NO-BREAK SPACE}µs") < said.index("83\N{NO-BREAK SPACE}µs")
    assert row


def test_a_value_that_is_unknown_is_not_shown_as_zero() -> None:
    metric = {
        name: value
        for name, value in EXAMPLE["metrics"][0].items()
        if not name.startswith(("within", "median"))
    }
    said = draw_facts(metrics=[{**metric, "n": 0, "n_before": 0, "n_new": 0}])
    assert said.count('<td class="n">–</td>') == 2


def test_statuses_have_signs_and_words_beside_colours() -> None:
    said = draw_facts()
    assert "✗</span>&nbsp;4 newly unfit" in said
    assert "▽</span>&nbsp;1 newly out of specification" in said
    assert "1 worse" in said
    assert "(−49.7σ)" in said
    assert "multiplexer 3 fell together" in said


def test_unstable_values_and_targets_that_are_still_unfit_are_told_once() -> None:
    still = {**UNFIT, "targets": ["23"], "shared": "", "reason": "no signal", "task_id": ""}
    group = {**EXAMPLE["failures"][0], "kind": "target", "cause": "qubit 23", "targets": ["23"]}
    said = draw_facts(still_unfit=[still], failures=[group])
    assert "1 still unfit" in said
    assert "no signal" in said
    assert "qubit 23" not in said
    assert "t1 20.1 and 60.4 µs, for 2 d 12 h and 1 d 12 h on average" in said


def test_targets_that_are_unfit_together_are_one_line_with_what_they_share() -> None:
    group = {**UNFIT, "targets": ["52", "55"], "reason": "far <worse>", "task_id": ""}
    said = draw_facts(newly_unfit=[group])
    assert "2 newly unfit" in said
    assert (
        'qubit=52">52</a>, <a href="/qubit?chip=lab&qubit=55">55</a> of multiplexer 13: far &lt;worse&gt;'
        in said
    )


def test_a_run_that_has_not_begun_has_no_time() -> None:
    run = {**EXAMPLE["runs"][0], "status": "scheduled", "start_at": None, "end_at": None}
    said = draw_facts(runs=[run])
    assert f"{run['name']}</a>, " in said


def test_kinds_without_items_are_named_together() -> None:
    absent = {"newly_unfit": [], "left_specification": [], "flagged": [], "failures": [], "moved_inputs": 0}
    said = draw_facts(**absent)
    absent_kinds = ("failure", "value newly out of specification", "flagged result", "stale value")
    assert f"No newly unfit target, no {', no '.join(absent_kinds)}" in said


def test_texts_of_users_are_escaped() -> None:
    manual = {**EXAMPLE["manual"][0], "username": "<b>eve", "reason": "<script>alert(1)</script>"}
    unfit = {**UNFIT, "reason": '<img src="x">', "task_id": ""}
    said = draw_facts(manual=[manual], newly_unfit=[unfit])
    assert "<b>eve" not in said
    assert "<script>" not in said
    assert "<img" not in said


def test_failures_of_unfit_targets_are_listed_once() -> None:
    group = EXAMPLE["failures"][0]
    alone = {**group, "kind": "target", "cause": "qubit 53", "targets": ["53"]}
    other = {**group, "kind": "target", "cause": "qubit 2", "targets": ["2"]}
    digest = DigestDocument(**{**EXAMPLE, "failures": [group, alone, other]})
    assert [one.cause for one in list_unnamed_failures(digest)] == ["multiplexer 3", "qubit 2"]


def test_each_action_has_a_reason_a_command_and_a_button_or_page() -> None:
    kinds = ("resume", "measure", "review", "compare", "undo", "release")
    more: dict[str, Any] = {"resume": {"execution_id": "20261125-001"}, "undo": {"event": 31}}
    test = draw_advice(ProjectRole.EDITOR, *({"kind": one, **more.get(one, {})} for one in kinds))
    assert [one.value for one in test.code] == [f"qdash {one} lab" for one in kinds]
    assert [one.label for one in test.button] == ["Resume", "Measure …", "Create release …"]
    said = join_markdown(test)
    assert [f"{number}. **Do it**: it failed" in said for number in range(1, 7)] == [True] * 6
    for title, address in (
        ("Review", "/review?chip=lab"),
        ("Compare", "/compare?chip=lab&before=2026-11-24T09%3A00%3A00Z&after=now"),
        ("Open event", "/chip?chip=lab&view=changes&event=31"),
    ):
        assert f'href="{address}">{title}</a>' in said


def test_a_viewer_sees_commands_without_buttons() -> None:
    test = draw_advice(ProjectRole.VIEWER, {"kind": "measure"}, {"kind": "resume"}, {"kind": "release"})
    assert len(test.code) == 3
    assert not test.button


@pytest.mark.slow
def test_the_form_of_an_advised_measurement_is_filled_in(chip: str, view_of: Callable[[str], View]) -> None:
    advice = make_advice(targets=["1"], conditions=["failed"], flow="Measure")
    args = (view_of("editor"), chip, advice)
    test = AppTest.from_function(
        draw, args=("digests.pages.digest_advice", "draw_measure_form", args), default_timeout=30
    ).run()
    assert not test.exception
    assert [one.value for one in test.multiselect] == [["failed"]]
    assert test.text_input[0].value == "1"
    assert "Start" in [one.label for one in test.button]


@pytest.mark.slow
def test_the_start_is_chosen_in_the_address(request_run: RequestRun, open_page: OpenPage) -> None:
    execution_id = request_run(performed=True)
    test = open_page("viewer", "overview")
    said = join_markdown(test)
    assert "Digest of" in said
    assert f"/execution?execution={execution_id}&outcome=" in said
    (choice,) = [one for one in test.selectbox if one.label == "Since"]
    assert choice.options[:2] == ["yesterday 18:00", "last 24 hours"]
    assert choice.options[2:4] == ["last night", "the night before last"]
    assert choice.options[4].startswith(f"end of {execution_id}")
    later = open_page("viewer", "overview", since=execution_id)
    assert [one.value for one in later.info] == [f"No run since {execution_id.replace('-', chr(92) + '-')}."]


@pytest.mark.slow
@pytest.mark.usefixtures("chip")
def test_an_error_of_the_host_is_shown_in_place(open_page: OpenPage) -> None:
    test = open_page("viewer", "overview", since="soon")
    assert any("'soon' is not a point in time" in one.value for one in test.error)
    missing = open_page("viewer", "overview", chip="none")
    assert any("none" in one.value for one in missing.warning)
    for drawn in (test, missing):
        assert {"Chips", "Latest executions"} <= {one.value for one in drawn.header}


def test_a_digest_of_the_past_tells_what_was_advised_without_buttons_and_commands() -> None:
    advised = [make_advice(text="Measure 5 again", command="")]
    digest = DIGEST.model_copy(update={"advice": [], "advised_then": advised})
    drawn = draw_part("digest_advice", "draw_advice", make_view(), digest)
    assert [one.value for one in drawn.subheader] == ["What was advised then"]
    assert "1. **Measure 5 again**: it failed" in join_markdown(drawn)
    assert (len(drawn.button), len(drawn.code)) == (0, 0)
