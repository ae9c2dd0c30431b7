"""Declaration of operations, without a web framework."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    Required,
    TypedDict,
    TypeVar,
    Unpack,
    get_args,
    get_type_hints,
)

from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import REQUEST_BODY, describe_excess

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.operations.call import Call
    from qdash_core.operations.command import Command
    from qdash_core.operations.required_role import RequiredRole

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_LAST = 1000
"""Place of operations that name none."""


@cache
def read_hints(function: Callable[..., Any]) -> Mapping[str, Any]:
    """Return the annotations of the function of an operation, with limits and descriptions; evaluating them takes long."""
    return get_type_hints(function, include_extras=True)


class _Options(TypedDict, total=False):
    """Options of every operation: see `Operation`."""

    needs: Required[RequiredRole]
    status: int
    slow: bool
    media_type: str | None
    command: Command
    for_assistants: bool


class _ReadOptions(_Options, total=False):
    versioned: bool
    documented: bool
    holds_page: bool
    for_answers: bool


class _WriteOptions(_Options, total=False):
    reads: bool
    edits: bool
    idempotent: bool
    creates: bool
    compares: str
    largest_body: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CallOptions:
    """Options of a call of an operation; None is not sent.

    `version` is the ETag of the version to change, `key` the idempotency key, `limit` the maximum number of items of
    a page, and `after` the `next` of the previous page.
    """

    version: str | None = None
    key: str | None = None
    limit: int | None = None
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[P, T_co]):
    """Operation that people and programs can ask for.

    Parameters
    ----------
    function : callable
        Takes a `Call` and the parameters of path, query and body, and returns the answer, all annotated. A model named
        `body` is the body; a model in a read is a set of filters.
    method, path : str
        HTTP method and path. `{kind}s/{target}` in it is `qubits/{qid}` or `couplings/{coupling_id}`, after the target.
    slow : bool
        Whether it may take long: the host allows few of these at a time, and fewer of one user.
    media_type : str or None
        Media type of an answer that is not JSON.
    for_assistants : bool
        Whether it is a tool of assistants: of clients of `qdash mcp`. Not for files, and not for accounts, settings or
        anything else that only people should see or change.
    for_answers : bool
        For reads: whether the assistant of QDash has this tool of assistants, too. Each request to its model lists these, so
        they are few: those that questions about chips need.
    versioned : bool
        For reads: whether the answer has a version, so that a caller that has this version gets none (304). The function
        sets it by `Call.set_version` or `Call.set_changed_at`.
    documented : bool
        For reads: whether the OpenAPI document has it.
    holds_page : bool
        Whether the answer holds a page of a list although its type is not `PageOf`.
    reads : bool
        Whether it changes nothing, so that it is not in the audit log.
    edits : bool
        For writes: whether it honours the expected version (`If-Match`) and answers with the next one. The function reads
        `Call.as_of`.
    creates : bool
        Whether the audit log keeps the fields of the created object, which is the answer.
    compares : str
        Path of the operation that shows the object, so that the audit log keeps its changed fields; empty for objects with
        a history of their own. Of the same resource, and declared before.
    largest_body : int
        Largest body that it takes, in bytes; a host refuses a larger one before it has received it.
    plugin : str
        Plugin that declares it; empty for QDash itself.
    options : CallOptions
        Options of the call, for callers of a host: `at_version`, `once` and `paged` return copies that have them.
    """

    function: Callable[Concatenate[Call, P], T_co]
    method: str
    path: str
    tag: str
    needs: RequiredRole
    status: int = 200
    slow: bool = False
    media_type: str | None = None
    command: Command | None = None
    for_assistants: bool = False
    for_answers: bool = False
    versioned: bool = False
    documented: bool = True
    holds_page: bool = False
    reads: bool = False
    edits: bool = False
    idempotent: bool = False
    creates: bool = False
    compares: str = ""
    largest_body: int = REQUEST_BODY.size
    plugin: str = ""
    options: CallOptions = CallOptions()

    def at_version(self, etag: str | None) -> Operation[P, T_co]:
        """Return the operation for one version of its object: `StaleError` if there is a newer one. None: any version.

        Raises
        ------
        InvalidInputError
            If the operation takes no version.
        """
        self._require(self.edits, "version")
        return replace(self, options=replace(self.options, version=etag))

    def once(self, key: str | None) -> Operation[P, T_co]:
        """Return the operation with an idempotency key: a repetition with the same key has no further effect.

        Raises
        ------
        InvalidInputError
            If the operation takes no key.
        """
        self._require(self.idempotent, "idempotency key")
        return replace(self, options=replace(self.options, key=key))

    def paged(self, *, limit: int | None = None, after: str | None = None) -> Operation[P, T_co]:
        """Return the operation for one page of its list: the number of items, and `next` of the previous page.

        Raises
        ------
        InvalidInputError
            If the operation has no pages.
        """
        self._require(self.is_listed, "page")
        return replace(self, options=replace(self.options, limit=limit, after=after))

    def _require(self, takes: bool, what: str) -> None:
        if not takes:
            raise InvalidInputError(f"{self.name} takes no {what}")

    @property
    def name(self) -> str:
        """Name, which is unique among all operations; that of a plugin begins with the plugin's."""
        name = self.function.__name__
        return f"{re.sub('[-.]', '_', self.plugin)}_{name}" if self.plugin else name

    @property
    def description(self) -> str:
        """Docstring of the function."""
        return inspect.getdoc(self.function) or ""

    @property
    def summary(self) -> str:
        """First line of the description, without its full stop."""
        return self.description.partition("\n")[0].rstrip(".")

    @cached_property
    def answers(self) -> Any:
        """Document of the answer by the annotation of the function, or None for an empty one or one of `media_type`."""
        if self.media_type is not None:
            return None
        kind = read_hints(self.function).get("return", NoneType)
        if isinstance(kind, UnionType):
            kind = get_args(kind)[0]
        return None if kind is NoneType else kind

    @property
    def is_empty(self) -> bool:
        """True if the answer has no content."""
        return self.answers is None and self.media_type is None

    @property
    def is_listed(self) -> bool:
        """True if the answer is, or holds, a page of a list."""
        return self.holds_page or (isinstance(self.answers, type) and issubclass(self.answers, PageOf))

    def __call__(self, call: Call, *given: P.args, **named: P.kwargs) -> T_co:
        """Perform the operation; raise InvalidInputError if a raw body is too large."""
        for body in (*given, *named.values()):
            if isinstance(body, bytes) and len(body) > self.largest_body:
                raise InvalidInputError(
                    describe_excess(f"the body of {self.name}", len(body), self.largest_body)
                )
        return self.function(call, *given, **named)


class Operations:
    """Operations of one resource, each declared by a decorator of its function; the keywords are those of `Operation`.

    Its `tag` and `place` are those in the OpenAPI document; lower numbers come first. `declared` has them in order.
    """

    def __init__(self, tag: str, *, place: int = _LAST) -> None:
        self.tag = tag
        self.place = place
        self.declared: list[Operation[..., Any]] = []

    def get(
        self, path: str, **options: Unpack[_ReadOptions]
    ) -> Callable[[Callable[Concatenate[Call, P], T]], Operation[P, T]]:
        """Declare an operation that reads."""
        return self._declare("GET", path, {**options, "reads": True})

    def post(
        self, path: str, **options: Unpack[_WriteOptions]
    ) -> Callable[[Callable[Concatenate[Call, P], T]], Operation[P, T]]:
        """Declare an operation that creates something or performs an action."""
        return self._declare("POST", path, {**options})

    def put(
        self, path: str, **options: Unpack[_WriteOptions]
    ) -> Callable[[Callable[Concatenate[Call, P], T]], Operation[P, T]]:
        """Declare an operation that replaces a resource."""
        return self._declare("PUT", path, {**options})

    def patch(
        self, path: str, **options: Unpack[_WriteOptions]
    ) -> Callable[[Callable[Concatenate[Call, P], T]], Operation[P, T]]:
        """Declare an operation that changes fields of a resource."""
        return self._declare("PATCH", path, {**options})

    def delete(
        self, path: str, **options: Unpack[_WriteOptions]
    ) -> Callable[[Callable[Concatenate[Call, P], T]], Operation[P, T]]:
        """Declare an operation that deletes."""
        return self._declare("DELETE", path, {**options})

    def _declare(
        self, method: str, path: str, options: dict[str, Any]
    ) -> Callable[[Callable[Concatenate[Call, P], T]], Operation[P, T]]:
        def declare(function: Callable[Concatenate[Call, P], T]) -> Operation[P, T]:
            made = self._make(Operation(function=function, method=method, path=path, tag=self.tag, **options))
            self.declared.append(made)
            return made

        return declare

    def _make(self, operation: Operation[P, T]) -> Operation[P, T]:
        return operation
