"""A host process, and its client."""

from __future__ import annotations

import json
import re
import socket
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil

from .command_line import PATIENCE_S, wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from .command_line import CommandLine

PASSWORD = "a long enough password"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Host:
    """Address and token of a host; `said` is its standard error."""

    url: str
    process: subprocess.Popen[str]
    said: Path
    token: str = ""

    def send_request(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send a request; raise ConnectionError if there is no response."""
        with closing(self.connect()) as connection:
            connection.request(
                method,
                path,
                None if body is None else json.dumps(body),
                {"content-type": "application/json", **self.authorised, **headers},
            )
            answer = connection.getresponse()
            text = answer.read()
            is_json = "json" in answer.headers.get("content-type", "")
            return Answer(
                answer.status, dict(answer.headers.items()), json.loads(text) if is_json else text.decode()
            )

    def get(self, path: str) -> Any:
        """Return the body of a request that must succeed."""
        answer = self.send_request("GET", path)
        assert answer.status == 200, answer
        return answer.body

    @contextmanager
    def follow_events(self, query: str = "", **headers: str) -> Iterator[Iterator[tuple[str, Any]]]:
        """Yield received events, by id and data; events without data are skipped."""
        with closing(self.connect()) as connection:
            connection.request("GET", f"/events{query}", headers={**self.authorised, **headers})
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            assert answer.readline().startswith(b"id: ")
            yield self._iter_events(answer)

    def _iter_events(self, answer: Any) -> Iterator[tuple[str, Any]]:
        fields: dict[str, str] = {}
        while line := answer.readline().decode():
            if line.strip():
                name, _, value = line.strip().partition(": ")
                fields[name] = value
            elif fields:
                if "data" in fields:
                    yield fields.get("id", ""), json.loads(fields["data"])
                fields = {}

    def connect(self) -> HTTPConnection:
        address = urlsplit(self.url)
        assert address.hostname is not None
        return HTTPConnection(address.hostname, address.port, timeout=PATIENCE_S)

    @property
    def authorised(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    def with_token(self, token: str) -> Host:
        return Host(self.url, self.process, self.said, token)

    def get_code(self) -> str:
        """Return the code of the printed set-up link."""
        wait_until(
            lambda: "from a terminal: curl" in self.said.read_text(),
            what="it says how the first password is set",
        )
        (code,) = re.findall(r'"code": "([^"]+)"', self.said.read_text())
        return str(code)

    def set_up(self) -> Host:
        """Return the same host with the token of its first user."""
        session = self.send_request("POST", "/auth/setup", {"code": self.get_code(), "password": PASSWORD})
        assert session.status == 200, session
        return self.with_token(session.body["token"])

    def is_ready(self, path: str = "/ready") -> bool:
        try:
            return self.send_request("GET", path).status == 200
        except OSError:
            return False


@contextmanager
def run_host(qdash: CommandLine, *options: str, command: str = "api", port: int = 0) -> Iterator[Host]:
    """Yield a running host, started by `qdash api` or `qdash up`; it and its children are ended afterwards."""
    said = qdash.folder / f"said-{command}-{len(list(qdash.folder.iterdir()))}"
    given = ("--port", str(port), *options)
    starts_others = command == "up" or "--workers" in options
    with (
        said.open("w") as err,
        qdash.start(command, *given, fresh=starts_others, stdout=err, stderr=err) as process,
    ):
        try:
            wait_until(
                lambda: "answers at" in said.read_text() or process.poll() is not None, what="it says where"
            )
            found = re.search(r"answers at (\S+)", said.read_text())
            assert found is not None, said.read_text()
            yield Host(found[1], process, said)
        finally:
            for child in list_children(process):
                child.kill()


def list_children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the living child processes of a process."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
