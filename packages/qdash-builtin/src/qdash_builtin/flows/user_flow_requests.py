"""Requests of users' flows: functions in files, and saved flows."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from qdash_builtin.flows.catalogue import check_saved_flow, make_versioned_name, pin_version, write_source
from qdash_builtin.flows.flow_sources import check_source
from qdash_builtin.flows.repository import FlowRepository, FlowVersionRepository
from qdash_core.flows.user_flow_source import SavedFlow
from qdash_core.hooks.runners import CallsFlows
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_builtin.flows.user_flows import UserFlow
    from qdash_builtin.runs.previews import RunPreview
    from qdash_core.models.request import RunRequest
    from qdash_core.runtime.runtime import Runtime


class UserFlowRequests:
    """Requests of functions in files and of saved flows, see `SavedFlowSource`."""

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

    def list_saved(self, runtime: Runtime) -> list[SavedFlow]:
        """Return the saved flows of all projects whose sources and parameters are known."""
        with runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            flows = [
                flow
                for one in repositories.of(ProjectRepository).list_all()
                for flow in repositories.of(FlowRepository).list_by_project(one.project_id)
            ]
        return [
            SavedFlow(
                one.project_id,
                one.name,
                one.username,
                one.chip_id,
                one.description,
                one.tags,
                one.version,
                one.sha256,
                one.form.parameters,
                one.deployment_id,
            )
            for one in flows
            if one.form is not None and one.sha256
        ]

    def find_author(self, runtime: Runtime, project_id: str, name: str) -> str | None:
        """Return the user who saved a flow, or None if there is none."""
        found = runtime.repositories.of(FlowRepository).find(project_id, name)
        return None if found is None else found.username

    def find_decorated(self, runtime: Runtime, flow: SavedFlow) -> str | None:
        """Return the place of the function of a saved flow of Prefect, `FILE.py:function`, or None."""
        versions = runtime.repositories.of(FlowVersionRepository)
        found = versions.find(flow.project_id, flow.name, flow.version)
        if found is None or not _is_prefect_flow(found.source, found.flow_function_name):
            return None
        return f"{found.file_path.rpartition('/')[2]}:{found.flow_function_name}"

    def write(self, runtime: Runtime, project_id: str, request: RunRequest) -> str:
        """Write the source of a saved flow below the home, and return its place as `FILE.py:function`."""
        return write_source(runtime, project_id, request)

    def record_deployment(self, runtime: Runtime, flow: SavedFlow, deployment_id: str) -> None:
        """Record the deployment of a saved flow in Prefect."""
        flows = runtime.repositories.of(FlowRepository)
        flows.record_deployment(flow.project_id, flow.name, deployment_id)


@lru_cache(maxsize=256)
def _is_prefect_flow(source: str, function: str) -> bool:
    return check_source(source, function).of_prefect


def _open_user_flow(runtime: Runtime, project_id: str, request: RunRequest) -> UserFlow:
    """Return the function of a user's flow, in a file or saved."""
    from qdash_builtin.flows.user_flows import UserFlow

    if request.names_file:
        return UserFlow(request.flow)
    return UserFlow(write_source(runtime, project_id, request), known_as=make_versioned_name(request))


USER_FLOWS = UserFlowRequests()
