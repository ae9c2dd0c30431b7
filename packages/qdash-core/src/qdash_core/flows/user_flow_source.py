"""Source of flows that users write as functions, which the engine knows by the declarations of features."""

from __future__ import annotations

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core.models.request import RunRequest
    from qdash_core.runtime.runtime import Runtime


class UserFlowSource(Protocol):
    """Source of flows that users write as functions. The steps of such a flow are known only when its function runs.

    A feature names it in `user_flows`. All methods raise NotFoundError or InvalidInputError if the request does not fit the flow.
    """

    def pin(self, runtime: Runtime, project_id: str, request: RunRequest) -> RunRequest | None:
        """Return a request of one of these flows with what it leaves open, such as its version; return None for any other request.

        Nothing of the flow is imported. The returned request has `is_user_flow`.
        """

    def check(self, runtime: Runtime, project_id: str, request: RunRequest) -> None:
        """Raise the errors of a pinned request that are known without running its flow."""

    def call(self, runtime: Runtime, project_id: str, request: RunRequest, flow_run_id: str) -> str:
        """Call the function of the flow of a pinned request, under the id of a flow run, and return the name of the flow.

        Exceptions of the function that are not QDash's own become FlowError.
        """


@dataclass(frozen=True, slots=True)
class SavedFlow:
    """Saved flow that users can also start in the service of a runner.

    It has the user who saved it, the chip of runs that name none, or empty, and number and digest of the source of
    the version. `form` is the JSON Schema of the parameters of its function. `deployment_id` is the id at the
    service, or None before `SavedFlowSource.record_deployment`.
    """

    project_id: str
    name: str
    username: str
    chip_id: str
    description: str
    tags: Sequence[str]
    version: int
    sha256: str
    form: Mapping[str, Any]
    deployment_id: str | None


@runtime_checkable
class SavedFlowSource(UserFlowSource, Protocol):
    """Source of flows that are saved, which the service of a runner lists."""

    def list_saved(self, runtime: Runtime) -> Sequence[SavedFlow]:
        """Return the flows of all projects whose sources and parameters are known."""

    def find_author(self, runtime: Runtime, project_id: str, name: str) -> str | None:
        """Return the user who saved a flow, or None if there is none."""

    def find_decorated(self, runtime: Runtime, flow: SavedFlow) -> str | None:
        """Return the place of the function, `FILE.py:function`, if it is a flow of the library of the service, such as Prefect's, else None."""

    def write(self, runtime: Runtime, project_id: str, request: RunRequest) -> str:
        """Write the source of the flow of a pinned request to a file, and return its place as `FILE.py:function`."""

    def record_deployment(self, runtime: Runtime, flow: SavedFlow, deployment_id: str) -> None:
        """Record the id of a flow at the service."""


def iter_saved_flow_sources(runtime: Runtime) -> Iterator[SavedFlowSource]:
    """Yield the sources of saved flows."""
    for _, place in runtime.registry.list_named("user_flows"):
        if isinstance(source := resolve_name(place), SavedFlowSource):
            yield source


def pin_user_flow(
    runtime: Runtime, project_id: str, request: RunRequest
) -> tuple[RunRequest, UserFlowSource | None]:
    """Return a request of a user's flow as its source completes it, with the source; return any other request unchanged, with None.

    Raises
    ------
    NotFoundError
        If the request names a user's flow, and no feature has it.
    """
    for _, place in runtime.registry.list_named("user_flows"):
        source: UserFlowSource = resolve_name(place)
        pinned = source.pin(runtime, project_id, request)
        if pinned is not None:
            return pinned, source
    if request.is_user_flow:
        raise NotFoundError(
            f"no installed feature runs {request.flow!r}: `qdash plugins list` shows those that are set aside"
        )
    return request, None
