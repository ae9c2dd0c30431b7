"""Conformance tests of the operations of a plugin, at a host of their own and on its home.

A plugin author subclasses `OperationContract` in a test module.

from qdash_builtin.cooldowns import CRYOSTATS
from qdash_testing import OperationCall, OperationContract

class TestMyOperations(OperationContract):
    operations = operations

    @classmethod
    def prepare(cls, qdash, access):
        qdash.get(CRYOSTATS).create(access, "K-101")
        return {"show_heater": OperationCall({"cryo_id": "K-101"}, words=("K-101",))}

The plugin has to be installed, and the extra `api`: the host and each command are processes of their own.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from abc import abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlsplit

import pytest

from qdash_core.documents.base import Document
from qdash_core.documents.pages import PageOf
from qdash_core.errors import QDashError, StaleError
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER, ProjectRole
from qdash_core.models.token import TokenScope
from qdash_core.operations.answers import FileAnswer, TextAnswer
from qdash_core.operations.local_transport import LocalTransport
from qdash_core.operations.parameters import Place, list_parameters
from qdash_core.operations.transport import list_every
from qdash_core.parsing.json_parser import parse_json
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_testing.contract import Contract
from qdash_testing.named_operations import perform
from qdash_testing.runner_processes import PATIENCE_S, QDASH, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from qdash_core.models.access import Access
    from qdash_core.operations.operation import Operation
    from qdash_core.operations.plugin_operations import PluginOperations
    from qdash_core.operations.transport import Asking, Transport
    from qdash_core.runtime.application import QDash

_STRANGER = "stranger"
_BELOW = {
    ProjectRole.VIEWER: _STRANGER,
    ProjectRole.EDITOR: ProjectRole.VIEWER,
    ProjectRole.OWNER: ProjectRole.EDITOR,
}
"""User without each role. The names of the others are their roles."""
_STALE = '"1"'
"""Version of an object that was changed 1 µs after 1970 began."""


@dataclass(frozen=True, slots=True)
class OperationCall:
    """Call of an operation that succeeds.

    Parameters
    ----------
    given : mapping
        Arguments of the function, without its `Call`.
    words : sequence of str
        Words of its command after the name, for the same call; of a change, for another call that succeeds after it.
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Site:
    """Home with users of each role, and its host."""

    qdash: QDash
    calls: Mapping[str, OperationCall]
    tokens: Mapping[str, str]
    url: str
    environment: Mapping[str, str]

    @property
    def _host(self) -> dict[str, str]:
        """Variables that name the host, and the owner there."""
        return {"QDASH_API_URL": self.url, "QDASH_TOKEN": self.tokens[ProjectRole.OWNER]}

    def send(self, operation: Operation[..., Any], token: str) -> int:
        """Send a request of an operation without a body, and return the status of the answer; no token if it is empty."""
        given = self.calls[operation.function.__name__].given
        path = re.sub(r"\{(\w+)\}", lambda name: quote(str(given[name[1]]), safe=""), operation.path)
        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE_S)
        try:
            caller = {"authorization": f"Bearer {token}", "x-project-id": DEFAULT_PROJECT} if token else {}
            connection.request(operation.method, path, headers=caller)
            return connection.getresponse().status
        finally:
            connection.close()

    @contextmanager
    def connect(self) -> Iterator[Transport]:
        """Yield the transport to the host, as the owner."""
        (found,) = entry_points(group="qdash_transports", name="http")
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self._host.items():
                patch.setenv(name, value)
            with found.load()(None, None, self._host["QDASH_TOKEN"]) as transport:
                yield transport

    def run(self, operation: Operation[..., Any], *, at_host: bool = False) -> Any:
        """Run the command of an operation, and return the document that it prints."""
        assert operation.command is not None
        words = [*operation.command.name.split(), *self.calls[operation.function.__name__].words, "--json"]
        host = self._host if at_host else {"QDASH_PROFILE": "local"}  # whatever the last login was
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", QDASH, *words],
            env={**self.environment, **host},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, f"qdash {' '.join(words)}: {done.stderr}"
        return parse_json(done.stdout.encode()) if done.stdout.strip() else None


class OperationContract(Contract):
    """Conformance tests of the operations of an installed plugin. Do not override tests; to except one, use a strict xfail with a reason.

    Attributes
    ----------
    operations : PluginOperations
        The operations.
    """

    operations: ClassVar[PluginOperations]

    @classmethod
    @abstractmethod
    def prepare(cls, qdash: QDash, access: Access) -> Mapping[str, OperationCall]:
        """Create the records that calls need, as an owner, and return a call of each operation by the name of its function."""

    @pytest.fixture(scope="class")
    @classmethod
    def environment(cls) -> Mapping[str, str]:
        """Return additional environment variables of the host and of commands. Override this fixture to add some."""
        return {}

    @pytest.fixture(scope="class")
    @classmethod
    def site(
        cls, tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]
    ) -> Iterator[_Site]:
        """Yield a home with the prepared records, and its host, for reads."""
        with cls._open_site(tmp_path_factory.mktemp("site"), environment) as site:
            yield site

    def test_the_declarations_have_no_fault(self) -> None:
        self.operations.check(f"/plugins/{self.operations.plugin}")

    def test_each_operation_needs_its_role_and_a_change_the_scope_of_its_token(self, site: _Site) -> None:
        for one in self.operations.declared:
            assert site.send(one, "") == 401, f"{one.name} needs no token"
            if (role := one.needs.role) is not None:
                assert site.send(one, site.tokens[_BELOW[role]]) in (403, 404), f"{one.name}: {role}"
                with pytest.raises(QDashError):
                    self._ask(LocalTransport(site.qdash, _BELOW[role], DEFAULT_PROJECT), site, one)
            if not one.reads:
                assert site.send(one, site.tokens["reader"]) == 403, (
                    f"{one.name} changes with a reading token"
                )

    def test_a_read_changes_nothing(self, tmp_path: Path) -> None:
        # Without a host, which notes when tokens were used.
        with self._open_home(tmp_path) as (qdash, calls):
            before = _read_everything(qdash)
            for one in self._list_reads():
                LocalTransport(qdash, DEFAULT_USER).ask(one, **calls[one.function.__name__].given)
                assert _read_everything(qdash) == before, f"{one.name} changes the store"

    def test_an_edit_of_an_old_version_is_refused_and_changes_nothing(self, tmp_path: Path) -> None:
        with self._open_home(tmp_path) as (qdash, calls):
            before = _read_everything(qdash)
            for one in (one for one in self.operations.declared if one.edits):
                with _refusing_stale(one):
                    LocalTransport(qdash, DEFAULT_USER).ask(
                        one.at_version(_STALE), **calls[one.function.__name__].given
                    )
                assert _read_everything(qdash) == before, f"{one.name} changes before it refuses"

    def test_the_pages_of_a_list_have_each_item_once(self, site: _Site) -> None:
        transport = LocalTransport(site.qdash, DEFAULT_USER)
        for one in (one for one in self._list_reads() if one.is_listed and not one.holds_page):
            given = site.calls[one.function.__name__].given
            first = transport.ask(one.paged(limit=1), **given)
            assert len(first.items) <= 1, f"{one.name} answers {len(first.items)} items with the limit 1"
            singly = [*list_every(transport, one.paged(limit=1), **given)]
            assert singly == [*list_every(transport, one, **given)], (
                f"{one.name} has other items page by page"
            )

    def test_a_read_answers_its_model(self, site: _Site) -> None:
        for one in self._list_reads():
            _check_answer(one, self._ask(LocalTransport(site.qdash, DEFAULT_USER), site, one))

    def test_a_read_answers_the_same_at_the_host(self, site: _Site) -> None:
        with site.connect() as host:
            for one in self._list_reads():
                found = self._ask(LocalTransport(site.qdash, DEFAULT_USER), site, one)
                answer, version = host.ask_versioned(one, **site.calls[one.function.__name__].given)
                if not isinstance(found, FileAnswer):
                    assert answer == found, f"{one.name} differs at the host"
                assert version or not one.versioned, f"{one.name} answers no version"

    def test_the_command_of_a_read_prints_its_answer_at_home_and_at_the_host(self, site: _Site) -> None:
        for one in (one for one in self._list_reads() if one.command and isinstance(one.answers, type)):
            answer = self._ask(LocalTransport(site.qdash, DEFAULT_USER), site, one)
            shown = answer.as_json()
            for at_host in (False, True):
                printed = site.run(one, at_host=at_host)
                assert printed == (shown["items"] if isinstance(answer, PageOf) else shown), one.name

    def test_a_change_answers_its_model_at_the_host_and_its_command_does(
        self, tmp_path: Path, environment: Mapping[str, str]
    ) -> None:
        changes = [one for one in self.operations.declared if not one.reads]
        if not changes:
            return
        with self._open_site(tmp_path, environment) as site, site.connect() as host:
            for one in changes:
                given = site.calls[one.function.__name__].given
                asked = one.once("contract") if one.idempotent else one
                if one.edits:
                    with _refusing_stale(one):
                        host.ask(one.at_version(_STALE), **given)
                    asked = asked.at_version(self._find_version(host, one, given))
                answer, version = host.ask_versioned(asked, **given)
                _check_answer(one, answer)
                if one.edits and one.method != "DELETE":
                    assert version, f"{one.name} answers no version"
                if one.idempotent:
                    assert self._ask(host, site, asked) == answer, f"{one.name} ignores its idempotency key"
                if one.command is not None:
                    printed = site.run(one, at_host=True)
                    if one.is_empty:
                        assert printed == {}, f"{one.name} prints {printed}"
                    elif printed is not None:
                        one.answers.model_validate(printed)

    def _list_reads(self) -> list[Operation[..., Any]]:
        return [one for one in self.operations.declared if one.reads]

    def _find_version(
        self, transport: Transport, change: Operation[..., Any], given: Mapping[str, Any]
    ) -> str | None:
        """Return the version of the object of a change from the versioned read of the same path, or None without one."""
        reads = (one for one in self._list_reads() if one.versioned and one.path == change.path)
        if (read := next(reads, None)) is None:
            return None
        place = {one.name: given[one.name] for one in list_parameters(read) if one.place is Place.PATH}
        return transport.ask_versioned(read, **place)[1] or None

    def _ask(self, transport: Asking, site: _Site, operation: Operation[..., Any]) -> Any:
        return transport.ask(operation, **site.calls[operation.function.__name__].given)

    @classmethod
    @contextmanager
    def _open_home(cls, folder: Path) -> Iterator[tuple[QDash, Mapping[str, OperationCall]]]:
        """Yield a new home with the prepared records, and the calls; no setting of the environment is in force."""
        with pytest.MonkeyPatch.context() as patch:
            for name in [*os.environ]:
                if name.startswith("QDASH_"):
                    patch.delenv(name)
            with open_qdash(load_settings(home=folder / "home")) as qdash:
                calls = _add_filters(cls.operations, cls.prepare(qdash, qdash.access(DEFAULT_USER)))
                if fault := _find_fault_of_calls(cls.operations, calls):
                    pytest.fail(f"{cls.__name__}.prepare {fault}", pytrace=False)
                yield qdash, calls

    @classmethod
    @contextmanager
    def _open_site(cls, folder: Path, further: Mapping[str, str]) -> Iterator[_Site]:
        with cls._open_home(folder) as (qdash, calls):
            environment = {**os.environ, "QDASH_HOME": str(folder / "home"), **further}
            owner = qdash.access(DEFAULT_USER)
            for name in (ProjectRole.EDITOR, ProjectRole.VIEWER, _STRANGER):
                perform(qdash, "create_user", user=DEFAULT_USER, username=name)
            for role in (ProjectRole.EDITOR, ProjectRole.VIEWER):
                invited = {"username": role, "role": role}
                perform(qdash, "invite_member", owner.project_id, user=DEFAULT_USER, **invited)
                perform(qdash, "accept_invitation", owner.project_id, user=role)
            users = {**{one: one for one in _BELOW.values()}, ProjectRole.OWNER: DEFAULT_USER}
            tokens = {
                name: perform(
                    qdash, "create_token", user=user, name="contract", scope=TokenScope.ADMIN
                ).secret
                for name, user in users.items()
            }
            reading = perform(qdash, "create_token", user=DEFAULT_USER, name="reading", scope=TokenScope.READ)
            tokens["reader"] = reading.secret
            with _run_host(folder, environment) as url:
                yield _Site(qdash, calls, tokens, url, environment)


@contextmanager
def _run_host(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a host, and yield its address."""
    said = folder / "host.err"
    with said.open("wb") as err:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", QDASH, "api", "--port", "0"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=err,
            stderr=err,
        )
    try:
        wait_until(
            lambda: "answers at" in said.read_text("utf-8") or process.poll() is not None,
            what="the host starts",
        )
        found = re.search(r"answers at (\S+)", said.read_text("utf-8"))
        assert found is not None, f"the host does not start: {said.read_text('utf-8')}"
        yield found[1]
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def _add_filters(
    operations: PluginOperations, calls: Mapping[str, OperationCall]
) -> Mapping[str, OperationCall]:
    """Return the calls with empty filters where an operation has filters without required fields, and a call gives none."""
    empty = {
        operation.function.__name__: {
            one.name: one.model()
            for one in list_parameters(operation)
            if one.place is Place.FILTERS
            and not any(field.is_required() for field in one.model.model_fields.values())
        }
        for operation in operations.declared
    }
    return {name: replace(call, given={**empty.get(name, {}), **call.given}) for name, call in calls.items()}


def _find_fault_of_calls(operations: PluginOperations, calls: Mapping[str, OperationCall]) -> str | None:
    """Return what is wrong with the calls of operations, or None."""
    declared = {one.function.__name__: one for one in operations.declared}
    if unknown := sorted(calls.keys() - declared.keys()):
        return f"returns a call of {unknown[0]}, which is no operation of the plugin"
    for name, one in declared.items():
        if name not in calls:
            return f"returns no call of {name}: return an OperationCall of each operation"
        known = {
            parameter.name: parameter.default is inspect.Parameter.empty for parameter in list_parameters(one)
        }
        if unknown := sorted(calls[name].given.keys() - known.keys()):
            return f"calls {name} with {unknown[0]}, which it does not take (known: {', '.join(known) or 'none'})"
        if missing := [
            one for one, is_required in known.items() if is_required and one not in calls[name].given
        ]:
            return f"calls {name} without {missing[0]}, which it requires"
    return None


@contextmanager
def _refusing_stale(operation: Operation[..., Any]) -> Iterator[None]:
    """Check that the call of an old version of the object is refused."""
    try:
        yield
    except StaleError:
        return
    pytest.fail(
        f"{operation.name} changes an object that has changed since `call.as_of`: raise StaleError",
        pytrace=False,
    )


def _read_everything(qdash: QDash) -> dict[str, Any]:
    """Return all documents of the store."""
    with qdash.store.read() as snapshot:
        return {name: snapshot.find(name, {}) for name in snapshot.collections}


def _check_answer(operation: Operation[..., Any], answer: Any) -> None:
    """Check that an answer is of the declared type, and that its JSON can be read again."""
    if operation.media_type is not None:
        assert isinstance(answer, (FileAnswer, TextAnswer)), (
            f"{operation.name} answers {type(answer).__name__}"
        )
        assert answer.media_type == operation.media_type
    elif operation.is_empty:
        assert answer is None, f"{operation.name} answers {type(answer).__name__}"
    else:
        assert isinstance(answer, Document), f"{operation.name} answers {type(answer).__name__}"
        known = type(answer)
        if isinstance(answer, PageOf) and issubclass(operation.answers, PageOf):
            known = operation.answers  # a page may be made by `PageOf.from_page`
        else:
            assert isinstance(answer, operation.answers), f"{operation.name} answers {known.__name__}"
        assert known.model_validate_json(answer.as_json_text()) == answer, operation.name
