"""Local web server and mail server that record received messages."""

from __future__ import annotations

import base64
import json
import socketserver
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path


@contextmanager
def _serve(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Web:
    """Received posts, and the responses to them: 200 after the given ones."""

    url: str = ""
    posts: Queue[Any] = field(default_factory=Queue)
    answers: list[int] = field(default_factory=list)


@contextmanager
def run_web_server() -> Iterator[Web]:
    """Run a web server."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = web.answers.pop(0) if web.answers else 200
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            web.posts.put((self.path, self.headers["Content-Type"], json.loads(body)))

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    web.url = f"http://127.0.0.1:{server.server_port}"
    with _serve(server):
        yield web


@dataclass
class Letter:
    """A message as received by the server."""

    user: str
    recipients: list[str]
    encrypted: bool
    message: EmailMessage


class _MailHandler(socketserver.StreamRequestHandler):
    """Minimal SMTP for one message: EHLO, STARTTLS, AUTH PLAIN, MAIL, RCPT, DATA."""

    letters: ClassVar[Queue[Letter]]
    context: ClassVar[ssl.SSLContext | None]
    implicit: ClassVar[bool]
    refuses: ClassVar[list[str]]
    refused: ClassVar[tuple[str, ...]]
    taken: ClassVar[str]
    bye: ClassVar[str]
    user = ""
    encrypted = False

    def setup(self) -> None:
        if self.implicit:
            self._encrypt()
        super().setup()

    def _encrypt(self) -> None:
        assert self.context is not None
        self.request = self.context.wrap_socket(self.request, server_side=True)
        self.encrypted = True

    def finish(self) -> None:
        super().finish()
        if self.encrypted:
            self.request.close()

    def handle(self) -> None:
        recipients: list[str] = []
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            command = line.upper()
            if command.startswith("EHLO"):
                offers = ["localhost", "AUTH PLAIN"]
                if self.context is not None and not self.encrypted:
                    offers.append("STARTTLS")
                self._say(*(f"250-{offer}" for offer in offers), "250 8BITMIME")
            elif command == "STARTTLS":
                self._say("220 go ahead")
                self._encrypt()
                super().setup()
            elif command.startswith("AUTH PLAIN"):
                _, user, password = base64.b64decode(line.split()[-1]).decode().split("\0")
                self.user = f"{user}:{password}"
                self._say("235 welcome")
            elif command.startswith("MAIL") and self.refuses:
                self._say(self.refuses.pop(0))
            elif command.startswith("RCPT"):
                self._take_recipient(line.partition("<")[2].rstrip(">"), recipients)
            elif command == "DATA":
                self._take_message(recipients)
            elif command == "QUIT":
                self._say(self.bye)
                return
            else:
                self._say("250 fine")

    def _take_recipient(self, recipient: str, recipients: list[str]) -> None:
        if recipient in self.refused:
            self._say("550 no such user")
        else:
            recipients.append(recipient)
            self._say("250 fine")

    def _take_message(self, recipients: list[str]) -> None:
        self._say("354 go on")
        text = b"".join(iter(self.rfile.readline, b".\r\n"))
        message = message_from_bytes(text, policy=policy.default)
        self.letters.put(Letter(self.user, recipients, self.encrypted, message))
        if self.taken:
            self._say(self.taken)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: object) -> None:
        """Ignore errors: disconnecting clients are part of the tests."""


@dataclass
class Post:
    """Address of a mail server, and its received messages."""

    port: int
    letters: Queue[Letter]


@contextmanager
def run_mail_server(
    certificate: Path | None = None,
    *,
    implicit: bool = False,
    refuses: tuple[str, ...] = (),
    refused: tuple[str, ...] = (),
    taken: str = "250 taken",
    bye: str = "221 bye",
) -> Iterator[Post]:
    """Run a mail server; with a certificate it encrypts, from the start or by STARTTLS.

    `refuses` are its first answers to MAIL, `refused` the recipients that it refuses, `taken` its answer to a message (none if
    empty) and `bye` that to QUIT.
    """
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    letters: Queue[Letter] = Queue()
    members = {"letters": letters, "context": context, "implicit": implicit, "refuses": list(refuses)}
    members |= {"refused": refused, "taken": taken, "bye": bye}
    server = _MailServer(("127.0.0.1", 0), type("Handler", (_MailHandler,), members))
    with _serve(server):
        yield Post(server.server_address[1], letters)
