"""Timetables for users, with the actions of editors."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.runs.operations.executions import list_executions
from qdash_builtin.timetables.feature import TIMETABLE_CLOCK
from qdash_builtin.timetables.models.timetable import Cron, Interval, Moment
from qdash_builtin.timetables.operations import list_timetables, show_timetable
from qdash_builtin.timetables.pages.timetable_details import list_facts
from qdash_builtin.timetables.pages.timetables import describe_schedule, get_status, make_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from qdash_builtin.timetables.views.timetables import TimetableDocument
    from qdash_ui_streamlit.view import View

    from ....api.conftest import Host

    OpenPage = Callable[..., AppTest]
    Made = Callable[..., TimetableDocument]
    ViewOf = Callable[[str], View]

pytestmark = pytest.mark.slow
TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def list_buttons(test: AppTest) -> list[str]:
    assert not test.exception
    return [one.label for one in test.button]


def press(test: AppTest, label: str) -> AppTest:
    return next(one for one in test.button if one.label == label).click().run()


def is_disabled(test: AppTest, label: str) -> bool:
    return next(one.disabled for one in test.button if one.label == label)


def by_cron(test: AppTest) -> AppTest:
    return test.selectbox(key="form.begins").set_value("By cron").run()


def choose(test: AppTest, *names: str) -> AppTest:
    test.session_state["timetables.table"] = {"chosen": [*names]}
    return test.run()


def get_timetables(view: View) -> dict[str, TimetableDocument]:
    return {one.name: one for one in view.ask(list_timetables).items}


def test_an_empty_list_of_timetables_shows_advice(open_page: OpenPage) -> None:
    for username, offered in (("viewer", []), ("editor", ["New timetable …"])):
        test = open_page(username, "timetables")
        assert list_buttons(test) == offered
        assert test.info[0].value.startswith("There are no timetables yet.")


def test_a_viewer_has_no_buttons_that_would_be_refused(open_page: OpenPage, made: Made) -> None:
    made()
    assert list_buttons(open_page("viewer", "timetables", timetable="night")) == []
    assert list_buttons(open_page("editor", "timetables")) == [
        "New timetable …",
        "Pause",
        "Resume",
        "Start now",
        "Remove",
    ]


def test_a_row_shows_the_schedule_and_the_outcome_of_the_last_start(
    host: Host, view_of: ViewOf, made: Made
) -> None:
    due = made().next_starts[0]
    host.qdash.get(TIMETABLE_CLOCK).handle_due(due + timedelta(seconds=1))
    (row,) = make_rows(view_of("viewer"), [view_of("viewer").ask(show_timetable, "night")])
    assert (row["flow"], row["when"]) == ("Measure", "At 02:00 every day, Asia/Tokyo")
    assert row["state"] == "active"
    assert (row["last"], row["became"]) == (due, "started")
    assert row["execution"] == f"/execution?execution={row['run']}"
    host.qdash.get(TIMETABLE_CLOCK).handle_due(due + timedelta(days=1, seconds=1))
    (row,) = make_rows(view_of("viewer"), [view_of("viewer").ask(show_timetable, "night")])
    assert (row["became"], row["execution"]) == ("skipped", None)
    assert "waits still" in row["run"]


def test_a_schedule_is_described_in_words(made: Made) -> None:
    nightly = made()
    assert describe_schedule(nightly, TOKYO) == "At 02:00 every day"
    six_hours = nightly.model_copy(update={"when": Interval(every_s=21_600.0, anchor=NOON)})
    assert describe_schedule(six_hours, TOKYO) == "Every 6 h"
    once = nightly.model_copy(update={"when": Moment(at=NOON)})
    assert describe_schedule(once, TOKYO) == "Once, at 2026-11-21 21:00"


def test_a_timetable_without_starts_is_paused_or_ended(made: Made) -> None:
    nightly = made()
    assert get_status(nightly) == "active"
    assert get_status(nightly.model_copy(update={"next_starts": []})) == "ended"
    assert get_status(nightly.model_copy(update={"next_starts": [], "paused": True})) == "paused"


def test_selected_timetables_are_paused_and_resumed(open_page: OpenPage, made: Made, view_of: ViewOf) -> None:
    made("a")
    made("b")
    test = press(choose(open_page("editor", "timetables"), "a"), "Pause")
    assert {name: one.paused for name, one in get_timetables(view_of("viewer")).items()} == {
        "a": True,
        "b": False,
    }
    press(choose(test, "a"), "Resume")
    assert not get_timetables(view_of("viewer"))["a"].paused


def test_without_a_selection_the_open_timetable_is_paused_and_resumed(
    open_page: OpenPage, made: Made, view_of: ViewOf
) -> None:
    made("a")
    made("b")
    test = press(open_page("editor", "timetables", timetable="b"), "Pause")
    paused = get_timetables(view_of("viewer"))["b"]
    assert list_facts(view_of("viewer"), paused)["Next starts"] == "none while it is paused"
    assert {name: one.paused for name, one in get_timetables(view_of("viewer")).items()} == {
        "a": False,
        "b": True,
    }
    press(choose(test, "a"), "Pause")
    press(choose(test), "Resume")
    assert [name for name, one in get_timetables(view_of("viewer")).items() if one.paused] == ["a"]


def test_a_manual_start_queues_a_run_and_a_second_one_is_refused(
    open_page: OpenPage, made: Made, view_of: ViewOf
) -> None:
    made()
    test = press(choose(open_page("editor", "timetables"), "night"), "Start now")
    (run,) = view_of("viewer").ask(list_executions).items
    assert get_timetables(view_of("viewer"))["night"].execution_id == run.execution_id
    test = press(choose(test, "night"), "Start now")
    refused = f"its last start, execution {run.execution_id}, waits still"
    assert refused in test.error[0].value


def test_a_timetable_is_removed_only_after_confirmation(
    open_page: OpenPage, open_dialog: OpenPage, made: Made, view_of: ViewOf
) -> None:
    about = [made()]
    test = press(choose(open_page("editor", "timetables"), "night"), "Remove")
    assert list_buttons(test)[-2:] == ["Remove", "Keep it"]
    press(open_dialog("editor", "timetables.pages.timetable_actions", "confirm_removal", about), "Keep it")
    assert [*get_timetables(view_of("viewer"))] == ["night"]
    press(open_dialog("editor", "timetables.pages.timetable_actions", "confirm_removal", about), "Remove")
    assert get_timetables(view_of("viewer")) == {}


def test_the_timetable_in_the_url_is_shown_in_detail(open_page: OpenPage, made: Made) -> None:
    made()
    test = open_page("viewer", "timetables", timetable="night")
    assert [one.value for one in test.header] == ["night"]
    gone = open_page("viewer", "timetables", timetable="gone")
    assert "There is no timetable gone" in gone.info[0].value


def test_missing_workers_are_reported(open_page: OpenPage, made: Made) -> None:
    made()
    assert "`qdash worker`" in open_page("viewer", "timetables").warning[0].value


def test_an_editor_creates_a_timetable_with_the_run_form_and_sees_it(
    form: OpenPage, view_of: ViewOf, opened: list[tuple[str, str]]
) -> None:
    test = by_cron(form("editor", timetable_only=True))
    test = press(test, "Create timetable")
    assert [one.value for one in test.error] == ["Enter a name"]
    test.text_input(key="form.name").set_value("weekday nights").run()
    test.text_input(key="form.cron").set_value("0 2 * * 1-5").run()
    assert any("At 02:00 on Monday through Friday" in one.value for one in test.markdown)
    test = press(test, "Create timetable")
    assert "Timetable name 'weekday nights'" in test.error[0].value
    test.text_input(key="form.name").set_value("weekday-nights").run()
    test = press(test, "Create timetable")
    assert opened == [("timetables", "weekday-nights")]
    made = get_timetables(view_of("viewer"))["weekday-nights"]
    assert (made.request.flow, made.username, made.timezone) == ("Measure", "editor", "UTC")


def test_an_editor_creates_a_timetable_of_digests(
    digest_form: AppTest, open_page: OpenPage, view_of: ViewOf
) -> None:
    test = by_cron(digest_form)
    test.text_input(key="form.since").set_value("18:00").run()
    test.text_input(key="form.name").set_value("morning").run()
    test.text_input(key="form.cron").set_value("0 8 * * *").run()
    press(test, "Create timetable")
    made = get_timetables(view_of("viewer"))["morning"]
    assert made.digest is not None
    assert (made.digest.since, made.request) == ("18:00", None)
    (row,) = make_rows(view_of("viewer"), [made])
    assert (row["flow"], row["chip_id"]) == ("digest", made.chip_id)
    assert list_facts(view_of("viewer"), made)["Activity"] == f"digest of {made.chip_id} since 18:00"
    page = choose(open_page("editor", "timetables", timetable="morning"), "morning")
    assert is_disabled(page, "Start now")
    assert not is_disabled(page, "Pause")
    assert "None of the chosen ones starts a run." in page.caption[-1].value


def test_an_invalid_schedule_is_reported_and_creates_no_timetable(form: OpenPage, view_of: ViewOf) -> None:
    test = by_cron(form("editor", timetable_only=True))
    test.text_input(key="form.name").set_value("night").run()
    test.text_input(key="form.cron").set_value("often").run()
    assert "Cron expression 'often'" in test.error[0].value
    test.text_input(key="form.cron").set_value("[often](https://evil.example)").run()
    test = press(test, "Create timetable")
    assert "](" not in test.error[0].value
    assert get_timetables(view_of("viewer")) == {}


@pytest.mark.parametrize(("kind", "cron"), [("Every day", "0 22 * * *"), ("On weekdays", "30 6 * * Mon,Sat")])
def test_a_timetable_is_created_without_a_cron_expression(
    form: OpenPage, view_of: ViewOf, kind: str, cron: str
) -> None:
    test = form("editor").selectbox(key="form.begins").set_value(kind).run()
    test.text_input(key="form.name").set_value("night").run()
    if kind == "On weekdays":
        test.button_group(key="form.days").set_value(["Sat", "Mon"]).run()
        test.time_input(key="form.at").set_value(time(6, 30)).run()
        assert any("At 06:30 on Monday and Saturday" in one.value for one in test.markdown)
    press(test, "Create timetable")
    assert get_timetables(view_of("viewer"))["night"].when == Cron(expression=cron)


def test_a_form_starts_a_run_now_or_creates_a_timetable(form: OpenPage, view_of: ViewOf) -> None:
    test = form("editor")
    assert list_buttons(test) == ["Dry run", "Start"]
    test = test.selectbox(key="form.begins").set_value("At intervals").run()
    test.text_input(key="form.name").set_value("often").run()
    test.text_input(key="form.every").set_value("6h").run()
    press(test, "Create timetable")
    assert get_timetables(view_of("viewer"))["often"].when.kind == "interval"
    assert view_of("viewer").ask(list_executions).items == []


def test_a_viewer_has_only_the_dry_run(form: OpenPage) -> None:
    test = form("viewer")
    assert list_buttons(test) == ["Dry run"]
    assert not [one.key for one in test.selectbox if one.key == "form.begins"]
