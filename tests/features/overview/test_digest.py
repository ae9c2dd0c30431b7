"""Digest on the overview: its facts with links, the judgement, the findings with buttons and commands, and the news on the map."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from qdash_api.samples import read_samples
from qdash_builtin.digests.pages.digest_attention import list_unnamed_failures
from qdash_builtin.digests.views import AdviceDocument, DigestDocument
from qdash_builtin.home.views.backups import BackupStatusDocument
from qdash_builtin.overview.pages.judgement_sentence import format_judgement
from qdash_builtin.overview.pages.night import describe_queue, list_findings
from qdash_builtin.overview.pages.night_map import collect_news
from qdash_builtin.overview.pages.overview_data import OverviewData
from qdash_builtin.runs.views.queue import QueueEntryDocument, WorkerDocument
from qdash_core.models.judgement import Fitness
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
    connection: Any = SimpleNamespace(now=lambda: DIGEST.until)
    me: Any = SimpleNamespace(role=role)
    return View(connection, me, "default", ZoneInfo("UTC"))


def draw_part(module: str, function: str, *args: object, **params: str) -> AppTest:
    test = AppTest.from_function(draw, args=(module, function, args), default_timeout=30)
    for name, value in params.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return test


QUIET = OverviewData(
    chips=(),
    more_chips=False,
    running=(),
    last=(),
    interrupted=(),
    queue=(),
    workers=(WorkerDocument(**read_samples("qdash_builtin")["WorkerDocument"]),),
    locks=(),
    timetables=(),
    backup=BackupStatusDocument(overdue=False),
    digest=None,
    problems=(),
)
"""An overview without alerts."""


def join_markdown(test: AppTest) -> str:
    return "\n".join(one.value for one in test.markdown).replace("&amp;", "&")


def draw_facts(**changes: Any) -> str:
    digest = DigestDocument(**{**EXAMPLE, **changes})
    return join_markdown(draw_part("digests.pages.digest_facts", "draw_facts", make_view(), digest))


def draw_advice(role: ProjectRole, *advice: dict[str, Any], **params: str) -> AppTest:
    digest = DIGEST.model_copy(update={"advice": [make_advice(**one) for one in advice]})
    view = make_view(role)
    return draw_part(
        "overview.pages.findings", "draw_findings", view, list_findings(view, QUIET, digest), **params
    )


def make_queue(*changes: dict[str, Any]) -> list[QueueEntryDocument]:
    entry = {
        **read_samples("qdash_builtin")["QueueEntryDocument"],
        "execution_id": "20261130-004",
        "name": "full",
        "chip_id": "lab",
        "state": "waiting",
        "waits_for": "",
        "detached": True,
    }
    return [QueueEntryDocument(**{**entry, **one}) for one in changes]


def test_without_an_active_run_the_page_tells_what_queued_runs_wait_for() -> None:
    view = make_view()
    assert describe_queue(view, []) == "No active runs."
    name = "[full on lab](/execution?execution=20261130-004)"
    (held,) = make_queue({"waits_for": "its release: *helium* fill"})
    assert describe_queue(view, [held]) == f"Queued: {name} waits for its release: \\*helium\\* fill."
    assert describe_queue(view, make_queue({})) == f"Queued: {name} is about to begin."
    many = describe_queue(view, make_queue({"state": "running"}, *[{}] * 4))
    assert f"{name} has begun; " in many
    assert many.endswith("; [2 more](/executions?view=queue).")


def make_advice(kind: str = "measure", **more: Any) -> AdviceDocument:
    usual = {"text": "Do it", "reason": "it failed", "targets": [], "conditions": []}
    return AdviceDocument(**{**usual, "kind": kind, "command": f"qdash {kind} lab", **more})


def test_each_count_links_to_the_list_that_it_counts() -> None:
    said = draw_facts(too_old=3)
    run = DIGEST.runs[0]
    for outcome, n in run.outcomes.items():
        assert (
            f'href="/execution?execution={run.execution_id}&outcome={outcome}">{n}\N{NO-BREAK SPACE}{outcome}'
            in said
        )
    assert 'href="/chip?chip=lab&view=values&show=inputs-moved">114 with inputs that moved' in said
    assert 'href="/chip?chip=lab&view=values&show=too-old">3 too old' in said
    assert "/compare?chip=lab&before=2026-11-24T09%3A00%3A00Z&after=now" in said
    assert 'href="/qubit?chip=lab&qubit=5&metric=t1">5</a>: 13.9 µs' in said
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
    assert "▽</span>&nbsp;1 newly out of specification" in said
    assert "1 worse" in said
    assert "(−49.7σ)" in said
    assert "multiplexer 3 fell together" in said


def test_failures_of_unfit_targets_are_left_to_the_findings() -> None:
    still = {**UNFIT, "targets": ["23"], "shared": "", "reason": "no signal", "task_id": ""}
    group = {**EXAMPLE["failures"][0], "kind": "target", "cause": "qubit 23", "targets": ["23"]}
    said = draw_facts(still_unfit=[still], failures=[group])
    assert "no signal" not in said
    assert "qubit 23" not in said
    assert "T1 20.1 and 60.4 µs, for 2 d 12 h and 1 d 12 h on average" in said


def judge(**changes: Any) -> str:
    return format_judgement(make_view(), DigestDocument(**{**EXAMPLE, **changes})).replace("&amp;", "&")


def test_the_judgement_is_a_sentence_with_the_reasons_of_unfit_targets() -> None:
    group = {**UNFIT, "targets": ["52", "55"], "reason": "far <worse>", "task_id": ""}
    alone = {**UNFIT, "targets": ["5"], "shared": "", "reason": "CheckT1 failed: noise", "task_id": "a"}
    qubits = {"fit": 58, "degraded": 2, "unfit": 3, "excluded": 1}
    said = judge(newly_unfit=[group, alone], fitness={"qubit": qubits, "coupling": {"unknown": 112}})
    assert said == (
        "<b>60 of 64 qubits may be used</b> (2 degraded), 3 may not: 52, 55 of multiplexer 13 (far &lt;worse&gt;), "
        '<a href="/qubit?chip=lab&qubit=5">5</a> (<a href="/result?result=a" title="CheckT1 failed: noise">CheckT1 failed</a>), '
        "1 set aside."
    )


def test_the_judgement_names_couplings_and_the_end_of_a_past_digest() -> None:
    fitness = {"qubit": {"fit": 2}, "coupling": {"unfit": 1}}
    said = judge(newly_unfit=[], still_unfit=[], fitness=fitness, advised_then=[])
    assert said == (
        "At the end, <b>2 of 2 qubits may be used</b>; <b>0 of 1 coupling may be used</b>, 1 may not, because of a qubit."
    )


def test_the_map_shows_the_news_of_each_target() -> None:
    news = collect_news(DigestDocument(**{**EXAMPLE, "not_fit": {"unfit": ["52"], "unknown": ["0-1"]}}))
    assert (news["52"].fitness, news["52"].signs) == (Fitness.UNFIT, {"failed"})
    assert news["52"].lines == ["Readout fidelity is beyond the minimum of 85 %"]
    assert (news["0-1"].fitness, news["0-1"].signs) == (Fitness.UNKNOWN, set())
    (flagged,) = DIGEST.flagged
    assert "flagged" in news[flagged.target].signs
    (worse,) = (one for moved in DIGEST.moved for one in moved.worsened)
    assert "changed" in news[worse.target].signs


def test_a_run_that_has_not_begun_has_no_time() -> None:
    run = {**EXAMPLE["runs"][0], "status": "scheduled", "start_at": None, "end_at": None}
    said = draw_facts(runs=[run])
    assert f"{run['name']}</a>, " in said


def test_without_anything_to_watch_there_is_no_heading() -> None:
    assert "To watch" not in draw_facts(left_specification=[], failures=[], moved_inputs=0)


def test_texts_of_users_are_escaped() -> None:
    manual = {**EXAMPLE["manual"][0], "username": "<b>eve", "reason": "<script>alert(1)</script>"}
    failure = {**EXAMPLE["failures"][0], "targets": ["2"], "message": '<img src="x">', "task_id": ""}
    said = draw_facts(manual=[manual], failures=[failure])
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
    kinds = ("measure", "review", "compare", "undo", "release")
    test = draw_advice(ProjectRole.EDITOR, *({"kind": one, "event": 31} for one in kinds))
    assert [one.label for one in test.button] == ["Measure …", "Create release …"]
    said = join_markdown(test)
    assert [
        f"{n}. **Do it**: it failed<br><small><code>qdash {one} lab" in said for n, one in enumerate(kinds, 1)
    ] == [True] * 5
    for title, address in (
        ("Review", "/review?chip=lab"),
        ("Compare", "/compare?chip=lab&before=2026-11-24T09%3A00%3A00Z&after=now"),
        ("Open event", "/chip?chip=lab&view=changes&event=31"),
    ):
        assert f'href="{address}">{title}</a>' in said


def test_a_viewer_sees_commands_without_buttons() -> None:
    test = draw_advice(ProjectRole.VIEWER, {"kind": "measure"}, {"kind": "release"})
    assert join_markdown(test).count("<code>qdash") == 2
    assert not test.button


def test_ten_findings_are_shown_and_the_others_behind_a_link() -> None:
    many = [{"kind": "measure", "text": f"Measure {number}"} for number in range(13)]
    test = draw_advice(ProjectRole.EDITOR, *many)
    assert len(test.button) == 10
    assert "[3 more findings](/?findings=all)" in join_markdown(test)
    assert len(draw_advice(ProjectRole.EDITOR, *many, findings="all").button) == 13


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
    assert "qubits may be used" in said
    assert f"/execution?execution={execution_id}&outcome=" in said
    (choice,) = [one for one in test.selectbox if one.label == "Time"]
    assert choice.options == ["since yesterday 18:00", "last hour", "tonight", "last night", "from .. to"]
    later = open_page("viewer", "overview", since=execution_id)
    assert "No run in this time." in join_markdown(later)


@pytest.mark.slow
@pytest.mark.usefixtures("chip")
def test_an_error_of_the_host_is_shown_in_place(open_page: OpenPage) -> None:
    test = open_page("viewer", "overview", since="soon")
    assert any("'soon' is not a point in time" in one.value for one in test.error)
    missing = open_page("viewer", "overview", chip="none")
    assert any("none" in one.value for one in missing.warning)
    for drawn in (test, missing):
        assert "Latest executions" in {one.value for one in drawn.header}


@pytest.mark.parametrize(
    ("numbers", "advised"),
    [
        ({Fitness.UNKNOWN: 7, Fitness.FIT: 0}, True),
        ({Fitness.UNKNOWN: 5, Fitness.FIT: 2}, False),
        ({}, False),
    ],
)
def test_a_chip_that_was_never_calibrated_leads_to_the_page_run(
    numbers: dict[Fitness, int], advised: bool
) -> None:
    digest = DIGEST.model_copy(update={"advice": [], "fitness": {"qubit": numbers}})
    found = list_findings(make_view(), QUIET, digest)
    assert [one.page for one in found] == ([("Run", "/run?chip=lab")] if advised else [])


def test_a_digest_of_the_past_tells_what_was_advised_without_buttons_and_commands() -> None:
    advised = [make_advice(text="Measure 5 again", command="")]
    digest = DIGEST.model_copy(update={"advice": [], "advised_then": advised})
    view = make_view()
    drawn = draw_part("overview.pages.findings", "draw_findings", view, list_findings(view, QUIET, digest))
    assert "1. **Measure 5 again**: it failed" in join_markdown(drawn)
    assert not drawn.button
