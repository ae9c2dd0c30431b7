"""OpenAI-compatible endpoint on 127.0.0.1 whose answers come from a script.

`python -m qdash_assistant.testing.scripted_endpoint --script FILE --port PORT` starts it alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from qdash_assistant.testing.script import Script, ScriptedTurn, list_pictures, read_script
from qdash_core.errors import QDashError
from qdash_core.parsing.json_parser import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from qdash_assistant.testing.script import Message


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """Request that the endpoint received; the names of headers are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def pictures(self) -> list[bytes]:
        """Pictures of its messages."""
        return [picture for message in self.body["messages"] for picture in list_pictures(message)]


class ScriptedEndpoint:
    """The endpoint, as a context manager with its server in a thread.

    The script may be a function that returns the turn for the messages of a request; port 0 is any. `abandoned` is set
    when a client has closed its connection before the end of an answer, `stopping` when the server ends.
    """

    def __init__(
        self, script: Script | Callable[[Sequence[Message]], ScriptedTurn], *, port: int = 0
    ) -> None:
        self.find_turn = script.find_turn if isinstance(script, Script) else script
        self.requests: list[ReceivedRequest] = []
        self.stopping = threading.Event()
        self.abandoned = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.endpoint = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        """Address for `QDASH_ASSISTANT_URL`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    endpoint: ScriptedEndpoint

    def handle_error(self, *_: object) -> None:
        """Do nothing: clients may leave at any time."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = parse_json(self.rfile.read(int(self.headers.get("content-length", 0))))
        headers = {name.lower(): value for name, value in self.headers.items()}
        endpoint = self.server.endpoint
        endpoint.requests.append(ReceivedRequest(self.path, headers, body))
        turn = endpoint.find_turn(body["messages"])
        endpoint.stopping.wait(turn.wait_s)
        if turn.status != 200:
            self._send(turn, turn.body.encode(errors="surrogatepass"))
        else:
            try:
                self._stream(turn)
            except ConnectionError:
                endpoint.abandoned.set()
                raise

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  a name of the base class
        """Write no log."""

    def _send(self, turn: ScriptedTurn, content: bytes) -> None:
        self.send_response(turn.status)
        for name, value in {"content-type": "application/json", **turn.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, turn: ScriptedTurn) -> None:
        self.send_response(200)
        for name, value in {"content-type": "text/event-stream", **turn.headers}.items():
            self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in turn.list_pieces():
            self._send_chunk(_make_event({"content": piece}))
            self.server.endpoint.stopping.wait(turn.delay_s)
        if turn.cut:
            self.close_connection = True  # without the last chunk
            return
        if turn.raw:
            self._send_chunk(turn.raw.encode(errors="surrogatepass"))
        else:
            for event in _list_last_events(turn):
                self._send_chunk(event)
        self.wfile.write(b"0\r\n\r\n")

    def _send_chunk(self, content: bytes) -> None:
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")


def _list_last_events(turn: ScriptedTurn) -> Iterator[bytes]:
    for number, call in enumerate(turn.tool_calls):
        arguments = call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)
        function = {"name": call.name, "arguments": arguments}
        yield _make_event(
            {
                "tool_calls": [
                    {"index": number, "id": f"id-{number}", "type": "function", "function": function}
                ]
            }
        )
    finish = turn.finish or ("tool_calls" if turn.tool_calls else "stop")
    if finish != "none":
        yield _make_event({}, finish=finish)
    if turn.usage is not None:
        counts = {"prompt_tokens": turn.usage.input, "completion_tokens": turn.usage.output}
        yield _make_event(None, usage=counts | {"total_tokens": sum(counts.values())})
    yield b"data: [DONE]\n\n"


def _make_event(
    delta: Mapping[str, Any] | None, *, finish: str | None = None, usage: Mapping[str, int] | None = None
) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": dict(delta), "finish_reason": finish}]
    content = {
        "id": "scripted",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": "scripted",
        "choices": choices,
        "usage": usage,
    }
    return f"data: {json.dumps(content)}\n\n".encode()


def main() -> None:
    """Serve a script until the process is interrupted."""
    parser = argparse.ArgumentParser(description="OpenAI-compatible endpoint with scripted answers")
    parser.add_argument("--script", type=Path, required=True, help="YAML file with the answers")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any)")
    options = parser.parse_args()
    try:
        script = read_script(options.script)
    except QDashError as error:
        parser.error(str(error))
    try:
        server = ScriptedEndpoint(script, port=options.port)
    except OSError as error:
        parser.error(
            f"port {options.port} of 127.0.0.1 cannot be used: {error.strerror}; choose another --port"
        )
    with server as endpoint, suppress(KeyboardInterrupt):
        sys.stdout.write(f"{endpoint.url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
