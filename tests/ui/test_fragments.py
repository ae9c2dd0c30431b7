"""Parts of a page: each shows its errors in place, stops its requests after a logout, and gives way to the user's navigation."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.slow


def _raise_logged_out() -> None:
    import streamlit as st

    from qdash_core.errors import LoginError
    from qdash_ui_streamlit.display.fragments import fragment
    from qdash_ui_streamlit.session import _SESSION

    if "begun" not in st.session_state:
        st.session_state["begun"] = st.session_state[_SESSION] = True
    if _SESSION not in st.session_state:
        st.markdown("the form")
        return

    @fragment
    def draw() -> None:
        raise LoginError("the token holds no longer")

    draw()


def test_a_logout_in_a_fragment_reruns_the_whole_page() -> None:
    drawn = AppTest.from_function(_raise_logged_out, default_timeout=10).run()
    assert [one.value for one in drawn.markdown] == ["the form"]
    assert not drawn.exception


def _raise_error() -> None:
    import streamlit as st

    from qdash_ui_streamlit.display.fragments import fragment

    @fragment
    def draw() -> None:
        raise SystemExit(3)

    draw()
    st.markdown("the rest")


def test_an_error_is_shown_in_place_of_its_fragment() -> None:
    drawn = AppTest.from_function(_raise_error, default_timeout=10).run()
    (said,) = (one.value for one in drawn.error)
    assert said.startswith("This part of the page failed: SystemExit: 3")
    assert [one.value for one in drawn.markdown] == ["the rest"]


def _fail_once() -> None:
    import streamlit as st

    from qdash_core.operations.transport import ConnectionLostError
    from qdash_ui_streamlit.display.fragments import fragment

    @fragment
    def draw(name: str) -> None:
        st.session_state[name] = st.session_state.get(name, 0) + 1
        if st.session_state[name] == 1:
            error = ConnectionLostError("the host cannot be reached")
            error.add_note("request 4711")
            raise error
        st.markdown(f"drawn: {name}")

    draw("one")
    draw("other")


def test_failed_parts_say_what_to_do_and_are_tried_again_by_a_button() -> None:
    drawn = AppTest.from_function(_fail_once, default_timeout=10).run()
    assert ["ask the operator whether the host is running" in one.value for one in drawn.error] == [
        True,
        True,
    ]
    drawn.button[0].click().run()
    assert not drawn.error
    assert [one.value for one in drawn.markdown] == ["drawn: one", "drawn: other"]


def _ask_for_something_unknown() -> None:
    from qdash_core.errors import NotFoundError
    from qdash_ui_streamlit.display.notices import show_problem

    show_problem(NotFoundError("there is no chip 'nope'"), step="[Open Chip](/chip)", may_retry=True)


def test_what_does_not_exist_is_no_error_to_try_again_but_has_a_way_on() -> None:
    drawn = AppTest.from_function(_ask_for_something_unknown, default_timeout=10).run()
    assert [one.value for one in drawn.warning] == ["There is no chip 'nope'  \n[Open Chip](/chip)"]
    assert not drawn.error
    assert not drawn.button


def _navigate_while_drawing() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

    from qdash_ui_streamlit.display.fragments import fragment
    from qdash_ui_streamlit.display.reruns import rerun

    st.markdown(st.query_params.get("view", "source"))

    @fragment
    def draw() -> None:
        if "view" not in st.query_params:
            context = get_script_run_ctx()
            assert context is not None
            assert context.script_requests is not None
            context.script_requests.request_rerun(RerunData(query_string="view=run"))  # as of the browser
            rerun()

    draw()


def test_a_navigation_while_a_page_is_drawn_is_not_lost_when_it_is_drawn_again() -> None:
    drawn = AppTest.from_function(_navigate_while_drawing, default_timeout=10).run()
    assert [one.value for one in drawn.markdown] == ["run"]
    assert not drawn.exception


def _say_before_a_rerun() -> None:
    import streamlit as st

    from qdash_ui_streamlit.display.fragments import fragment
    from qdash_ui_streamlit.display.reruns import draw_said, rerun, say

    @fragment
    def draw() -> None:
        if st.session_state.setdefault("n_drawn", 0) == 0:
            st.session_state["n_drawn"] = 1
            say("Saved.")
            rerun()

    draw()
    draw_said()


def test_a_message_before_a_rerun_is_shown_once_by_the_page_that_is_drawn_again() -> None:
    drawn = AppTest.from_function(_say_before_a_rerun, default_timeout=10).run()
    assert [one.value for one in drawn.toast] == ["Saved."]
    assert not drawn.run().toast
