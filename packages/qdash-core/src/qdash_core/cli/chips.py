"""`qdash chip`: make, list, show and delete chips."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.output import counted, emit_json, table

if TYPE_CHECKING:
    from qdash_core.chips.service import Chip
    from qdash_core.models.chip import ChipModel


@click.group()
def chip() -> None:
    """Make, list, show and delete chips."""


@chip.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--topology",
    "layout",
    required=True,
    metavar="NAME|FILE",
    help="Built-in topology, or a JSON or YAML file.",
)
@click.option("--backend", default="fake", show_default=True, help="What it is measured with.")
@options.project
@options.user
@options.as_json
def create(chip_id: str, layout: str, backend: str, project: str | None, user: str, as_json: bool) -> None:
    """Make a chip from a topology."""
    from qdash_core.application import open_qdash
    from qdash_core.chips.topology import topology

    with open_qdash() as qdash:
        project_id = qdash.projects.require_editor(user, project)
        qdash.chips.check_new(project_id, chip_id)
        qdash.registry.backend(backend)
        made = qdash.chips.create(project_id, chip_id, topology(layout), username=user, backend=backend)
    _show(made, as_json)


@chip.command("list")
@options.project
@options.as_json
def list_chips(project: str | None, as_json: bool) -> None:
    """List chips, newest first."""
    from qdash_core.application import open_qdash

    with open_qdash() as qdash:
        chips = qdash.chips.of_project(qdash.projects.require(project))
        zone = qdash.settings.zone
    if as_json:
        emit_json([_header(header) for header in chips])
    elif chips:
        table(
            ("chip", "qubits", "topology", "backend", "installed"),
            (
                (
                    c.chip_id,
                    c.size,
                    c.topology_id,
                    c.backend,
                    f"{c.installed_at.astimezone(zone):%Y-%m-%d %H:%M}",
                )
                for c in chips
            ),
        )
    else:
        click.echo("no chips yet: `qdash twin create` makes a simulated one, `qdash chip create` any other")


@chip.command()
@click.argument("chip_id", metavar="CHIP")
@options.project
@options.as_json
def show(chip_id: str, project: str | None, as_json: bool) -> None:
    """Show a chip with the status of its qubits and couplings."""
    from qdash_core.application import open_qdash

    with open_qdash() as qdash:
        found = qdash.chips.show(qdash.projects.require(project), chip_id)
    _show(found, as_json)


@chip.command()
@click.argument("chip_id", metavar="CHIP")
@click.option("--force", is_flag=True, help="Even when values or a history are lost.")
@options.project
@options.user
@options.as_json
def delete(chip_id: str, force: bool, project: str | None, user: str, as_json: bool) -> None:
    """Remove a chip with its values. What was run on it stays on record."""
    from qdash_core.application import open_qdash

    with open_qdash() as qdash:
        project_id = qdash.projects.require_editor(user, project)
        impact = qdash.chips.delete(project_id, chip_id, force=force)
    if as_json:
        emit_json({**asdict(impact), "deleted": True})
    else:
        click.echo(f"chip {chip_id} is gone; {impact}")


def _header(header: ChipModel) -> dict[str, Any]:
    document = header.model_dump(mode="json", exclude={"note", "updated_at", "created_at"}, exclude_none=True)
    return dict(document)


def _show(found: Chip, as_json: bool) -> None:
    if as_json:
        emit_json(
            {
                **_header(found.header),
                "n_couplings": len(found.couplings),
                "qubits": {
                    qid: {"status": qubit.status, "mux": qubit.mux} for qid, qubit in found.qubits.items()
                },
                "couplings": {
                    qid: {"status": coupling.status, "control": coupling.control}
                    for qid, coupling in found.couplings.items()
                },
            }
        )
        return
    header = found.header
    click.echo(
        f"{header.chip_id}: {counted(header.size, 'qubit')}, {counted(len(found.couplings), 'coupling')}, {header.topology_id}, backend {header.backend}"
    )
    states: dict[str, list[str]] = {}
    for qid, qubit in found.qubits.items():
        states.setdefault(str(qubit.status), []).append(qid)
    for state, qids in states.items():
        click.echo(f"  {state}: {', '.join(qids)}")
