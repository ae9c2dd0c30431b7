"""Corrections of Streamlit, so that the browser gets all that a run of the script or of a fragment has drawn."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from streamlit.runtime.app_session import AppSession
    from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

_SOON_S = 0.005


def keep_unsent_fragments() -> None:
    """Make Streamlit send what a fragment has drawn, also if it is drawn again before that.

    Streamlit would send only what the fragments within it have drawn, such as the contents of a dialog without the
    dialog: the browser then shows a blank page.
    """
    from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

    clear = ForwardMsgQueue.clear

    @wraps(clear)
    def keep(
        queue: ForwardMsgQueue,
        retain_lifecycle_msgs: bool = False,
        fragment_ids_this_run: list[str] | None = None,
    ) -> None:
        clear(queue, retain_lifecycle_msgs, None if fragment_ids_this_run is None else [])

    setattr(ForwardMsgQueue, "clear", keep)  # noqa: B010  mypy permits no assignment


def begin_runs_in_turn() -> None:
    """Make Streamlit handle all messages of a run before it begins another one in a new thread.

    The thread of a run that has ended takes no further request, while its last messages wait in the event loop. Streamlit would begin the
    next run at once and ignore these messages: what that run has drawn would be missing until the page is loaded again.
    """
    from streamlit.runtime.app_session import AppSession, AppSessionState

    create = AppSession._create_scriptrunner
    waiting: WeakKeyDictionary[AppSession, list[RerunData]] = WeakKeyDictionary()

    @wraps(create)
    def create_in_turn(session: AppSession, initial_rerun_data: RerunData) -> None:
        requests = waiting.setdefault(session, [])
        requests.append(initial_rerun_data)
        if len(requests) == 1:
            begin(session, requests)

    def begin(session: AppSession, requests: list[RerunData]) -> None:
        if session._scriptrunner is not None:
            session._event_loop.call_later(_SOON_S, begin, session, requests)
            return
        handled = [*requests]
        requests.clear()
        if session._state is AppSessionState.SHUTDOWN_REQUESTED:
            return
        create(session, handled[0])
        for one in handled[1:]:
            request(session, one)

    def request(session: AppSession, rerun_data: RerunData) -> None:
        if session._scriptrunner is None or not session._scriptrunner.request_rerun(rerun_data):
            create_in_turn(session, rerun_data)

    setattr(AppSession, "_create_scriptrunner", create_in_turn)  # noqa: B010  mypy permits no assignment
