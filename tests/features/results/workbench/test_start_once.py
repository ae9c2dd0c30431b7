"""A start that is pressed twice is one run: at the route, and at the button whose response was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamlit.testing.v1 import AppTest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.runs.operations.executions import submit_run
from qdash_core.errors import StoreUnavailableError
from qdash_core.models.request import RunRequest

from ....core.bench import CHIP

if TYPE_CHECKING:
    from ....api.conftest import Host
    from ....ui.conftest import DashboardPages

REQUEST = RunRequest(chip_id=CHIP, flow="Frequency", single="0")


class LossyView:
    """View of an editor whose first response is lost after the host has answered."""

    def __init__(self, view: Any) -> None:
        self.view = view
        self.edits = True
        self.link = view.link
        self.requests = 0

    def ask(self, operation: Any, *place: Any, **asked: Any) -> Any:
        found = self.view.ask(operation, *place, **asked)
        self.requests += operation.name == submit_run.name
        if operation.name == submit_run.name and self.requests == 1:
            raise StoreUnavailableError("the response was lost")
        return found


def list_executions(host: Host) -> list[str]:
    return [
        one.execution_id
        for one in host.qdash.get(EXECUTIONS).newest(host.qdash.access("admin"), chip_id=CHIP, limit=9)
    ]


def draw_form(view: LossyView) -> AppTest:
    """Return the buttons of a form with the request."""

    def form() -> None:
        import streamlit as st

        from qdash_builtin.runs.pages.run_submission import draw_submission

        draw_submission(st.session_state["view"], st.session_state["request"], key="form")

    drawn = AppTest.from_function(form, default_timeout=30)
    drawn.session_state["view"] = view
    drawn.session_state["request"] = REQUEST
    return drawn.run()


def test_a_request_that_arrives_twice_is_one_run(host: Host, pages: DashboardPages) -> None:
    view = pages.view("admin")
    first, second = (view.ask(submit_run.once("once"), asked=REQUEST) for _ in range(2))
    assert first.execution_id == second.execution_id
    assert list_executions(host) == [first.execution_id]


def test_a_button_pressed_again_after_a_lost_response_starts_no_other_run(
    host: Host, pages: DashboardPages
) -> None:
    view = LossyView(pages.view("admin"))
    drawn = draw_form(view)
    drawn.button("form.start").click().run()
    assert [one.value for one in drawn.error] != []
    drawn.button("form.start").click().run()
    (started,) = list_executions(host)
    assert view.requests == 2
    assert started in drawn.success[0].value
    assert drawn.button("form.start").disabled
