"""`qdash twin`: simulated chips with hidden truth."""

from __future__ import annotations

import logging
from typing import Any

import click

from qdash_core.cli import options
from qdash_core.cli.output import counted, emit_json, table

logger = logging.getLogger(__name__)


@click.group()
def twin() -> None:
    """Simulated chips with hidden truth, from tables of real processors."""


@twin.command("list")
@options.project
@options.as_json
def list_twins(project: str | None, as_json: bool) -> None:
    """List the twins of a project, and the devices that twins can be made from."""
    from qdash_core.application import open_qdash
    from qdash_core.errors import InvalidInputError, NotFoundError
    from qdash_fake.devices import device_names
    from qdash_fake.twin import load_twin, twin_folder

    rows: list[dict[str, Any]] = []
    with open_qdash() as qdash:
        project_id = qdash.projects.require(project)
        for header in qdash.chips.of_project(project_id):
            folder = twin_folder(qdash.settings.home, project_id=project_id, chip_id=header.chip_id)
            try:
                found = load_twin(folder)
            except NotFoundError:
                continue
            except InvalidInputError as error:
                logger.warning("%s", error)
                continue
            rows.append(
                {
                    "chip_id": header.chip_id,
                    "device": found.table.device,
                    "seed": found.seed,
                    "options": found.options.model_dump(exclude_defaults=True),
                    "n_qubits": found.table.n_qubits,
                }
            )
    if as_json:
        emit_json({"twins": rows, "devices": device_names()})
        return
    if rows:
        table(
            ("chip", "device", "qubits", "seed"),
            ((r["chip_id"], r["device"], r["n_qubits"], r["seed"]) for r in rows),
        )
    click.echo(f"devices: {', '.join(device_names())}")


@twin.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--device", required=True, metavar="NAME|FILE", help="A built-in table, or a JSON file in its format."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Draws what the table does not say.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME=VALUE",
    help="slow=S: every measurement takes S seconds.",
)
@options.project
@options.user
@options.as_json
def create(
    chip_id: str,
    device: str,
    seed: int,
    faults: tuple[str, ...],
    project: str | None,
    user: str,
    as_json: bool,
) -> None:
    """Make a twin and its chip."""
    from qdash_core.application import open_qdash
    from qdash_fake.chips import create_twin_chip
    from qdash_fake.devices import load_device
    from qdash_fake.twin import TwinOptions

    source = load_device(device)
    twin_options = TwinOptions.parse(_named(faults))
    with open_qdash() as qdash:
        project_id = qdash.projects.require_editor(user, project)
        chip = create_twin_chip(
            qdash, project_id, chip_id, source, seed=seed, username=user, options=twin_options.model_dump()
        )
    if as_json:
        emit_json(
            {
                "chip_id": chip_id,
                "project_id": project_id,
                "device": source.device,
                "seed": seed,
                "backend": "fake",
                "n_qubits": len(chip.qubits),
                "n_couplings": len(chip.couplings),
            }
        )
    else:
        click.echo(
            f"{chip_id}: a twin of {source.device} with {counted(len(chip.qubits), 'qubit')}; "
            f"`qdash calibrate {chip_id} --flow bring-up` brings it up"
        )


@twin.command()
@click.argument("chip_id", metavar="CHIP")
@options.project
@options.as_json
def truth(chip_id: str, project: str | None, as_json: bool) -> None:
    """Show what is true of a twin, at the settings in use."""
    from qdash_core.application import open_qdash
    from qdash_fake.chips import truth_of_chip

    with open_qdash() as qdash:
        true = truth_of_chip(qdash, qdash.projects.require(project), chip_id)
    targets = {"qubits": true["qubits"], "couplings": true["couplings"]}
    if as_json:
        emit_json(
            {
                kind: {
                    target: {
                        name: {"value": value, "unit": unit} for name, (value, unit) in parameters.items()
                    }
                    for target, parameters in found.items()
                }
                for kind, found in targets.items()
            }
        )
        return
    table(
        ("target", "parameter", "truth"),
        (
            (target, name, f"{value:.9g} {unit}".rstrip())
            for found in targets.values()
            for target, parameters in found.items()
            for name, (value, unit) in parameters.items()
        ),
    )


def _named(options_given: tuple[str, ...]) -> dict[str, str]:
    from qdash_core.errors import InvalidInputError

    named = {}
    for option in options_given:
        name, equals, value = option.partition("=")
        if not equals:
            raise InvalidInputError(f"--fault {option}: NAME=VALUE is what it takes")
        named[name] = value
    return named
