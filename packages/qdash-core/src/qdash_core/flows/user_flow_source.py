"""Source of flows that users write as functions, which the engine knows by the declarations of features."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from qdash_core.flows.run_preview import RunPreview
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

    def preview(
        self, runtime: Runtime, project_id: str, request: RunRequest, *, trusted_files: bool, alone: bool
    ) -> RunPreview:
        """Return the stages of a pinned request. Nothing is measured or written; parameters are those of `RunService.preview`."""

    def call(self, runtime: Runtime, project_id: str, request: RunRequest, flow_run_id: str) -> str:
        """Call the function of the flow of a pinned request, under the id of a flow run, and return the name of the flow.

        Exceptions of the function that are not QDash's own become FlowError.
        """


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
