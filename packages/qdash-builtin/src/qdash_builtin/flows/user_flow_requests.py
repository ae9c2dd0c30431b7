"""Requests of users' flows: functions in files, and saved flows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.flows.catalogue import check_saved_flow, make_versioned_name, pin_version, write_source
from qdash_core.hooks.runners import CallsFlows

if TYPE_CHECKING:
    from qdash_builtin.flows.user_flows import UserFlow
    from qdash_core.flows.run_preview import RunPreview
    from qdash_core.models.request import RunRequest
    from qdash_core.runtime.runtime import Runtime


class UserFlowRequests:
    """Requests of functions in files and of saved flows, see `UserFlowSource`."""

    def pin(self, runtime: Runtime, project_id: str, request: RunRequest) -> RunRequest | None:
        """Return a request of a file, or one with the version of its saved flow; return None for any other request."""
        return request if request.names_file else pin_version(runtime, project_id, request)

    def check(self, runtime: Runtime, project_id: str, request: RunRequest) -> None:
        """Check the source of a file, or the parameters for a saved flow."""
        from qdash_builtin.flows.user_flows import check_file

        if request.names_file:
            check_file(request.flow, tasks=runtime.registry.list_task_names())
        else:
            check_saved_flow(runtime, project_id, request)

    def preview(
        self, runtime: Runtime, project_id: str, request: RunRequest, *, trusted_files: bool, alone: bool
    ) -> RunPreview:
        """Return the preview of a flow, whose function is called; without `trusted_files`, that of the text of its source."""
        from qdash_builtin.flows.flow_preview import preview_user_flow
        from qdash_builtin.flows.source_preview import preview_saved_flow

        if not trusted_files:
            return preview_saved_flow(runtime, request, project_id=project_id)
        open_flow = partial(_open_user_flow, runtime, project_id, request)
        return preview_user_flow(open_flow, request, project_id=project_id, alone=alone)

    def call(self, runtime: Runtime, project_id: str, request: RunRequest, flow_run_id: str) -> str:
        """Call the function of a flow, with the runner if it calls flows itself."""
        flow = _open_user_flow(runtime, project_id, request)
        arguments = flow.select_arguments(request, project_id=project_id)
        runner = runtime.registry.runner(runtime.settings.runner)
        caller = runner if isinstance(runner, CallsFlows) else None
        flow.call(arguments, flow_run_id=flow_run_id, caller=caller)
        return flow.name


def _open_user_flow(runtime: Runtime, project_id: str, request: RunRequest) -> UserFlow:
    """Return the function of a user's flow, in a file or saved."""
    from qdash_builtin.flows.user_flows import UserFlow

    if request.names_file:
        return UserFlow(request.flow)
    return UserFlow(write_source(runtime, project_id, request), known_as=make_versioned_name(request))


USER_FLOWS = UserFlowRequests()
