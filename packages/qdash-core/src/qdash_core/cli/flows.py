"""`qdash flow`: the flows that there are, and those of one's own."""

from __future__ import annotations

import click

from qdash_core.cli import options
from qdash_core.cli.acting import Acting, acting
from qdash_core.cli.rendering.output import emit_json, table
from qdash_core.cli.running import Manner, manner, run_and_show


@click.group()
def flow() -> None:
    """List flows, run one of your own."""


@flow.command("list")
@options.as_json
def list_flows(as_json: bool) -> None:
    """List the flows that `qdash calibrate --flow NAME` runs."""
    from qdash_core.documents.flows import FlowDocument
    from qdash_core.hooks.manager import load_plugins

    registry = load_plugins()
    found = [FlowDocument.of(template, registry) for _, template in sorted(registry.flows().items())]
    if as_json:
        emit_json(found)
    else:
        table(
            ("flow", "tasks", "what it does"),
            ((one.name, len(one.tasks), one.description) for one in found),
            fold=("what it does",),
        )


@flow.command()
@click.argument("file", metavar="FILE.py[:FUNCTION]")
@click.option("--chip", metavar="CHIP", help="Its argument `chip_id`.")
@click.option("--qids", metavar="0,1,..", help="Its argument `qids`.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Its argument `tags`, a list.")
@manner
@options.parameters
@acting
@options.as_json
@click.pass_context
def run(
    ctx: click.Context,
    file: str,
    chip: str | None,
    qids: str | None,
    tags: tuple[str, ...],
    manner: Manner,
    parameters: tuple[str, ...],
    acting: Acting,
    as_json: bool,
) -> None:
    """Run a function of your own, in a process of its own.

    It is called with those of `username`, `chip_id`, `project_id`, `flow_name`, `qids`, `tags` and of the `--param` that
    it takes. Without FUNCTION: the only public function of the file, or `main`.
    """
    from qdash_core.cli.calibrate import located
    from qdash_core.errors import InvalidInputError
    from qdash_core.models.request import RunRequest, TargetSelection, is_file
    from qdash_core.models.targets import parse_qubits

    if not is_file(file):
        raise InvalidInputError(f"{file}: FILE.py or FILE.py:FUNCTION is what it takes")
    request = RunRequest(
        chip_id=chip,
        flow=located(file),
        targets=TargetSelection(qubits=None if qids is None else parse_qubits(qids)),
        tags=tags,
        parameters=options.flow_parameters(parameters),
    )
    run_and_show(ctx, request, manner, acting=acting, as_json=as_json)
