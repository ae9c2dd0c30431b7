"""Plugin of the standard tasks: with validators, flows, the backend `recorded` and the command `lab`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click

    from qdash_core import BaseBackend, BaseTask
    from qdash_core.hooks.flows import FlowTemplate
    from qdash_core.validation.verdicts import Validator
    from qdash_tasks.laboratory.request import Request


@hookimpl
def qdash_backends() -> list[type[BaseBackend]]:
    from qdash_tasks.laboratory.recorded_backend import RecordedBackend

    return [RecordedBackend]


@hookimpl
def qdash_tasks() -> list[type[BaseTask]]:
    from qdash_tasks.tasks import TASKS

    return list(TASKS)


@hookimpl
def qdash_requests() -> list[type[Request]]:
    from qdash_tasks.laboratory.request_kinds import STANDARD_REQUESTS

    return sorted(STANDARD_REQUESTS, key=lambda kind: kind.__name__)


@hookimpl
def qdash_flows() -> list[FlowTemplate]:
    from qdash_tasks.flows import FLOWS

    return list(FLOWS)


@hookimpl
def qdash_validators() -> list[Validator]:
    from qdash_tasks.validators import VALIDATORS

    return list(VALIDATORS)


@hookimpl
def qdash_cli(app: click.Group) -> None:
    from qdash_tasks.cli import lab

    app.add_command(lab)
