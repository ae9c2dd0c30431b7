"""Fuzzing of all routes that take a body, on a host with little memory: `python -m faults.fuzzing`."""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psutil
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from faults.commands import wait_until
from faults.documents import BINARY, hostile_documents
from faults.host import free_port
from faults.laboratory import SQLITE, place
from qdash_builtin.people.feature import TOKENS
from qdash_core.models.token import TokenScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from faults.commands import Command
    from faults.laboratory import Laboratory

CPU_LIMIT_S = 5.0
"""CPU time that one request may take, in seconds."""
_ANSWER_S = 60.0
_LEAST_REQUESTS = 400
_EXAMPLES = 8
_DOCUMENTS = 6
_FORMATS = ("json", "yaml", "csv", "topology", "design", "zip", "qubex-params", "qubex-note")
_ENDS_THE_RUN = {"log_out", "leave_project", "set_password", "off_board"}
"""Operations that invalidate the token."""
_PATH_VALUES = {
    "chip_id": "bench",
    "chip": "bench",
    "qid": "0",
    "coupling_id": "0-1",
    "project_id": "default",
    "username": "admin",
    "metric_key": "t1",
    "name": "fuzzed",
}


@dataclass
class Tally:
    """Results of a fuzzing run.

    Attributes
    ----------
    statuses
        Number of responses by status; status 0 stands for a connection that was closed without a response.
    requests
        Number of requests by operation.
    problems
        Crashes, responses of status 500 and requests above the CPU limit, one line each.
    longest_cpu_s
        Largest CPU time of a request, in seconds, and the request.
    peak_bytes
        Largest resident memory of the host.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    longest_cpu_s: tuple[float, str] = (0.0, "")
    peak_bytes: int = 0


class FuzzedHost:
    """A host process under a memory limit, with the CPU time of each request.

    Parameters
    ----------
    laboratory : Laboratory
        Home of the host.
    memory : int
        Limit of its data segment, in bytes.
    """

    def __init__(self, laboratory: Laboratory, memory: int, tally: Tally) -> None:
        self._laboratory, self._memory, self._tally = laboratory, memory, tally
        with laboratory.opened() as qdash:
            secret, _ = qdash.get(TOKENS).create("admin", "fuzzing", scope=TokenScope.WRITE)
        self._session = requests.Session()
        self._session.headers["authorization"] = f"Bearer {secret}"
        self.url = f"http://127.0.0.1:{free_port()}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the host for the length of a block; restart it if it crashes."""
        with ExitStack() as self._stack:
            self._start()
            yield

    def _start(self) -> None:
        port = self.url.rpartition(":")[2]
        self._command: Command = self._stack.enter_context(self._laboratory.start("api", "--port", port))
        resource.prlimit(self._command.pid, resource.RLIMIT_DATA, (self._memory, self._memory))
        self._process = psutil.Process(self._command.pid)
        wait_until(self._is_ready, what=f"the host answers: {self._command.err}")

    def _is_ready(self) -> bool:
        try:
            return self._session.get(f"{self.url}/ready", timeout=5).ok
        except requests.RequestException:
            return False

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document of the host."""
        document: dict[str, Any] = self._session.get(f"{self.url}/openapi.json", timeout=_ANSWER_S).json()
        return document

    def send(self, label: str, **request: Any) -> None:
        """Send a request, and record its status, its CPU time and a crash."""
        before = self._cpu_s()
        try:
            answer = self._session.request(**request, timeout=_ANSWER_S)
            status, text = answer.status_code, answer.text[:200]
        except requests.Timeout:
            status, text = 0, f"no answer within {_ANSWER_S:g} s"
        except (requests.RequestException, UnicodeError, ValueError) as error:
            status, text = 0, str(error)[:200]
        self._tally.statuses[status] += 1
        self._tally.requests[label.partition(",")[0]] += 1
        if status == 500 or "no answer within" in text:
            self._report(label, f"{status}: {text}", request)
        if not self._process.is_running() or self._process.status() == psutil.STATUS_ZOMBIE:
            self._report(
                label, f"the host ended with {self._command.ended()}: {self._command.err[-500:]}", request
            )
            self._start()
            return
        spent = self._cpu_s() - before
        self._tally.longest_cpu_s = max(self._tally.longest_cpu_s, (spent, label))
        self._tally.peak_bytes = max(self._tally.peak_bytes, self._process.memory_info().rss)
        if spent > CPU_LIMIT_S:
            self._report(label, f"took {spent:.1f} s of CPU", request)

    def _cpu_s(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _report(self, label: str, problem: str, request: dict[str, Any]) -> None:
        body = request.get("data") or request.get("json")
        line = f"{label}: {problem} (body {str(body)[:120]!r})"
        self._tally.problems.append(line)
        print(line, file=sys.stderr, flush=True)


def fuzz(laboratory: Laboratory, *, seconds: float, memory: int, seed: int) -> Tally:
    """Send bodies to every route that takes one, in turn, until the time is up.

    The time begins with the first request, and a slow machine sends a least number of requests in more time.
    """
    tally = Tally()
    host = FuzzedHost(laboratory, memory, tally)
    with host.running():
        document = host.openapi()
        senders = [*_schema_senders(deepcopy(document), host), *_hostile_senders(document, host)]
        end = time.monotonic() + seconds
        for number in itertools.count(seed):
            random.Random(number).shuffle(senders)
            for send in senders:
                if time.monotonic() > end and tally.requests.total() >= _LEAST_REQUESTS:
                    return tally
                send(number)
    return tally


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation and operation["operationId"] not in _ENDS_THE_RUN:
                yield method, path, operation


def _schema_senders(document: dict[str, Any], host: FuzzedHost) -> Iterator[Callable[[int], None]]:
    """Yield for each route a function that sends bodies generated from its schema, valid and invalid."""
    wanted = {operation["operationId"] for _, _, operation in _operations(document)}
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["security"] = []
            operation["parameters"] = [
                one for one in operation.get("parameters", ()) if one["name"] != "X-Project-Id"
            ]
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if operation.definition.raw["operationId"] in wanted:
            yield _schema_sender(operation, host)


def _schema_sender(operation: Any, host: FuzzedHost) -> Callable[[int], None]:
    names = {one.name for one in operation.path_parameters}
    known = {name: _PATH_VALUES[name] for name in names & _PATH_VALUES.keys()}
    chosen = {"path_parameters": known} if names == known.keys() and names else {}
    cases = operation.as_strategy(**chosen) | operation.as_strategy(
        generation_mode=GenerationMode.NEGATIVE, **chosen
    )

    def send(number: int) -> None:
        @seeded(number)
        @settings(
            max_examples=_EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def send_cases(case: Any) -> None:
            request = case.as_transport_kwargs(base_url=host.url)
            request.pop("cookies", None)
            headers = {
                name: value.encode("latin-1", "replace") for name, value in (request["headers"] or {}).items()
            }
            host.send(operation.label, **{**request, "headers": headers})

        send_cases()

    return send


def _hostile_senders(document: dict[str, Any], host: FuzzedHost) -> Iterator[Callable[[int], None]]:
    """Yield for each route a function that sends it a hostile document, as the body or as a text in it."""
    for method, path, operation in _operations(document):
        url = host.url + re.sub(r"\{(\w+)\}", lambda name: quote(_PATH_VALUES.get(name[1], "0")), path)
        kinds = list(operation["requestBody"]["content"])
        schema = next(iter(operation["requestBody"]["content"].values())).get("schema", {})
        texts = _text_properties(schema, document)
        yield _hostile_sender(host, method, path, url, kinds, texts)


def _text_properties(schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """Return the names of the properties of a body that can be strings."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return [name for name, one in schema.get("properties", {}).items() if '"string"' in json.dumps(one)]


def _hostile_sender(
    host: FuzzedHost, method: str, path: str, url: str, kinds: Sequence[str], texts: Sequence[str]
) -> Callable[[int], None]:
    label, takes_documents = f"{method.upper()} {path}", path.endswith("/import")

    def send(number: int) -> None:
        chance = random.Random(f"{label} {number}")
        documents = list(hostile_documents(chance))
        # A document in the body is parsed directly; elsewhere only JSON is.
        for name, content in documents if takes_documents else chance.sample(documents, _DOCUMENTS):
            send_document(chance, name, content)

    def send_document(chance: random.Random, name: str, content: bytes) -> None:
        request: dict[str, Any] = {"method": method, "url": url, "headers": {"content-type": kinds[0]}}
        if path == "/chips/import":
            request["params"] = {"chip_id": f"fuzzed-{chance.randrange(10**6)}"}
        elif takes_documents:
            suffix = "zip" if name in BINARY else chance.choice(["yaml", "json", "csv", "zip"])
            request["params"] = {"name": f"fuzzed.{suffix}"}
            if chance.random() < 0.5:
                request["params"]["format"] = chance.choice(_FORMATS)
        elif texts and chance.random() < 0.5:
            chosen = chance.sample(texts, chance.randint(1, len(texts)))
            body = {one: content.decode("utf-8", "replace")[:300_000] for one in chosen}
            content = json.dumps(body).encode()
        host.send(f"{label}, {name}", **request, data=content)

    return send


def main() -> int:
    """Fuzz a host; return 1 if it crashed, answered 500 or used too much CPU time for a request."""
    parser = argparse.ArgumentParser(prog="python -m faults.fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--memory", type=int, default=1000, help="limit of the host's data, in MB")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="fuzzing-") as folder,
        place(SQLITE, Path(folder)) as here,
        here.laboratory() as laboratory,
    ):
        tally = fuzz(
            laboratory,
            seconds=60 * arguments.minutes,
            memory=arguments.memory * 1_000_000,
            seed=arguments.seed,
        )
    print(f"{tally.requests.total()} requests to {len(tally.requests)} routes")
    print("statuses:", ", ".join(f"{status}: {times}" for status, times in sorted(tally.statuses.items())))
    print(f"longest: {tally.longest_cpu_s[0]:.2f} s of CPU, {tally.longest_cpu_s[1]}")
    print(f"largest resident memory: {tally.peak_bytes / 1e6:.0f} MB of {arguments.memory} MB")
    print(f"problems: {len(tally.problems)}")
    return 1 if tally.problems else 0


if __name__ == "__main__":
    sys.exit(main())
