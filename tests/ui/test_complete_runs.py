"""Messages of a run that the browser gets, also if the next run begins before that."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from qdash_ui_streamlit.complete_runs import begin_runs_in_turn, keep_unsent_fragments

if TYPE_CHECKING:
    import pytest


def _make_block(fragment_id: str, *path: int) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path[:] = path
    message.delta.fragment_id = fragment_id
    message.delta.add_block.allow_empty = True
    return message


def test_the_contents_of_a_dialog_are_not_sent_without_the_dialog() -> None:
    keep_unsent_fragments()
    queue = ForwardMsgQueue()
    dialog, contents = _make_block("outer", 2, 1), _make_block("dialog", 2, 1, 0)
    queue.enqueue(dialog)
    queue.enqueue(contents)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["outer"])
    assert queue.flush() == [dialog, contents]
    queue.enqueue(dialog)
    queue.clear(retain_lifecycle_msgs=True)  # the whole page is drawn again
    assert queue.flush() == []


class EndedSession(AppSession):
    """Session whose thread has ended its run, and has a message that is not yet handled."""

    def __init__(self) -> None:
        self._state = AppSessionState.APP_NOT_RUNNING
        self._scriptrunner: Any = SimpleNamespace(request_rerun=lambda _: False)

    def __del__(self) -> None:
        """There is nothing to end."""


def test_a_run_begins_when_all_messages_of_the_run_before_are_handled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[Any] = []
    taken: list[Any] = []

    def create(session: Any, _request: Any) -> None:
        begun.append(session)
        session._scriptrunner = SimpleNamespace(request_rerun=lambda one: bool(taken.append(one)) or True)

    async def request_in_turn(session: Any) -> None:
        session._event_loop = asyncio.get_running_loop()
        session._create_scriptrunner(RerunData())
        session._create_scriptrunner(RerunData())
        await asyncio.sleep(0.05)
        assert not begun
        session._scriptrunner = None  # its last message has been handled
        session._create_scriptrunner(RerunData())  # waits for those before
        await asyncio.sleep(0.05)

    monkeypatch.setattr(AppSession, "_create_scriptrunner", create)
    begin_runs_in_turn()
    session = EndedSession()
    asyncio.run(request_in_turn(session))
    assert begun == [session]
    assert len(taken) == 2
