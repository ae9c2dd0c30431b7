"""Host and dashboard behind nginx, which is Debian's, with the file of a server: login, map and live events over TLS."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING, Any

import pytest

from ..journeys.command_line import PATIENCE_S, wait_until
from ..journeys.hosts import free_port, run_host
from ..ui.browser.dashboard_server import serve_dashboard
from ..ui.browser.person import Person
from ..ui.conftest import run_chromium
from .server_files import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..journeys.command_line import CommandLine

pytestmark = pytest.mark.slow

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
BEHIND_PROXY = ("--forwarded-allow-ips", "127.0.0.1")
"""Options of host and dashboard in their units."""
CLIENT = "127.0.0.2"
"""Address from which programs connect."""
_MAIN = """\
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site;
}}
"""
"""The rest of a configuration, which Debian's package brings, without places outside of the folder."""


@dataclass(frozen=True)
class Proxy:
    """Ports of a running nginx, and its certificate."""

    plain: int
    dashboard: int
    host: int
    certificate: Path

    def connect_to_host(self) -> HTTPSConnection:
        """Return a connection to the host that checks the certificate."""
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        return HTTPSConnection(
            "127.0.0.1", self.host, timeout=PATIENCE_S, context=trusted, source_address=(CLIENT, 0)
        )

    def request(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
        """Send a request to the host, and return status and JSON of the response."""
        with closing(self.connect_to_host()) as connection:
            headers = {"content-type": "application/json", "x-forwarded-for": "192.0.2.9"}
            headers |= {"authorization": f"Bearer {token}"} if token else {}
            connection.request(method, path, json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())


@contextmanager
def run_nginx(folder: Path, *, dashboard: str, host: str) -> Iterator[Proxy]:
    """Yield nginx in front of a dashboard and a host, with the file of the server at other ports and places."""
    proxy = Proxy(free_port(), free_port(), free_port(), folder / "certificate.pem")
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    made = ("-keyout", str(folder / "key.pem"), "-out", str(proxy.certificate))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, *made],
        check=True,
        capture_output=True,
    )
    site = read_file("nginx.conf")
    for own, other in (
        ("listen 80;", f"listen 127.0.0.1:{proxy.plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{proxy.dashboard} ssl;"),
        ("listen 8443 ssl;", f"listen 127.0.0.1:{proxy.host} ssl;"),
        ("/etc/qdash/tls/", f"{folder}/"),
        ("qdash.example.org", "localhost"),
        ("http://127.0.0.1:8501;", f"{dashboard};"),
        ("http://127.0.0.1:8000;", f"{host};"),
    ):
        assert own in site
        site = site.replace(own, other)
    (folder / "site").write_text(site)
    main = folder / "nginx.conf"
    main.write_text(_MAIN.format(folder=folder, user="user root;" if os.geteuid() == 0 else ""))
    command = [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(main)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until(
                lambda: process.poll() is not None or (folder / "pid").exists(), what="nginx has started"
            )
            assert process.poll() is None, process.communicate()[1]
            yield proxy
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_S)


def test_a_user_logs_in_sees_the_map_and_hears_events_over_tls(bench: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "nginx"
    folder.mkdir()
    with ExitStack() as stack:
        admin = stack.enter_context(run_host(bench, *BEHIND_PROXY)).set_up()
        url = stack.enter_context(serve_dashboard(bench, admin.url, *BEHIND_PROXY))
        proxy = stack.enter_context(run_nginx(folder, dashboard=url, host=admin.url))
        chromium = stack.enter_context(run_chromium("--ignore-certificate-errors"))

        with closing(HTTPConnection("127.0.0.1", proxy.plain, timeout=PATIENCE_S)) as plain:
            plain.request("GET", "/chip?chip=bench", headers={"host": "localhost"})
            assert plain.getresponse().headers["location"] == "https://localhost/chip?chip=bench"
        assert proxy.request("GET", "/health")[1]["status"] == "alive"
        assert proxy.request("GET", "/chips")[0] == 401

        person = Person.with_browser(chromium, f"https://localhost:{proxy.dashboard}")
        page = person.open("/chip?chip=bench&metric=t1")
        person.log_in("admin")
        page.locator("svg.map[aria-busy=false]").wait_for()
        page.locator(".live[data-state=live]").wait_for()
        (cookie,) = (one for one in page.context.cookies() if one["name"] == "qdash_session")
        assert (cookie["secure"], cookie["httpOnly"]) == (True, True)

        issue = {"title": "no signal", "chip_id": "bench", "targets": ["3"]}
        with closing(proxy.connect_to_host()) as connection:
            connection.request("GET", "/events", headers=admin.authorised)
            stream = connection.getresponse()
            assert stream.status == 200
            opened = proxy.request("POST", "/issues", issue, admin.token)
            assert opened[0] == 201, opened
            while b"issue.opened" not in (line := stream.readline()):
                assert line
        page.locator("[data-testid=target-3][data-signs~=issue]").wait_for()
        assert person.foreign_requests == []
        lines = [json.loads(line) for line in admin.said.read_text().splitlines() if line.startswith("{")]
        assert [line["address"] for line in lines if line["message"] == "POST /issues 201"] == [CLIENT]
    assert "error" not in (folder / "error.log").read_text()
