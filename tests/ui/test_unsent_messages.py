"""Messages of fragments that are drawn again before the browser got them."""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from qdash_ui_streamlit.server import keep_unsent_fragments


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
