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
    assert [one.value for one in drawn.error] == ["This page failed: SystemExit: 3"]
    assert [one.value for one in drawn.markdown] == ["the rest"]


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
