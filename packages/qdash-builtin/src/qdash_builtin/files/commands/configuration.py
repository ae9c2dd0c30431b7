"""Commands `qdash configuration`: the configuration folder of the laboratory and its git remote."""

from __future__ import annotations

import click

from qdash_builtin.files.configuration.settings import ConfigurationSettings
from qdash_builtin.files.feature import CONFIGURATION
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, format_count, print_message

_branch_option = click.option("--branch", metavar="NAME", help="Branch; default: that of the settings.")


@click.group()
def configuration() -> None:
    """Pull and push the configuration folder of the laboratory with git.

    QDASH_CONFIG_FOLDER names the folder and QDASH_CONFIG_REMOTE_URL its remote.
    """


@configuration.command()
@_branch_option
@access_options
@options.json_option
def pull(branch: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Update the folder to the newest commit. Files that were changed in the folder and in the remote are refused."""
    from qdash_builtin.files.views.configuration import PullDocument

    with command_user.open_for_reading() as (qdash, access):
        update, folder = (
            qdash.get(CONFIGURATION).pull(access, branch=branch),
            qdash.settings.of(ConfigurationSettings).config_folder,
        )
    if as_json:
        emit_json(PullDocument.from_record(update))
        return
    changed = f"{format_count(len(update.files), 'file')} changed: {', '.join(update.files)}"
    print_message(
        f"{folder} is at commit {update.commit[:8]}; {changed if update.files else 'nothing changed'}"
    )


@configuration.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--only",
    type=click.Choice(("note", "parameters")),
    help="Push only the calibration note, or only the values.",
)
@click.option("-m", "--message", metavar="TEXT", help="Message of the commit.")
@_branch_option
@access_options
@options.json_option
def push(
    chip_id: str,
    only: str | None,
    message: str | None,
    branch: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Pull the folder, then push the calibration note and the accepted values of CHIP as one commit."""
    from qdash_builtin.files.configuration.service import CONTENTS
    from qdash_builtin.files.views.configuration import PushDocument

    with command_user.open_for_reading() as (qdash, access):
        result = qdash.get(CONFIGURATION).push(
            access,
            chip_id,
            contents=[one for one in CONTENTS if only in (None, one)],
            message=message,
            branch=branch,
        )
    if as_json:
        emit_json(PushDocument.from_result(result))
        return
    for reason in result.left_out:
        print_message(f"left out: {reason}")
    update = result.update
    if update is None:
        print_message(
            "nothing was pushed: the remote has these files already"
            if not result.left_out
            else "nothing was pushed"
        )
    else:
        print_message(
            f"pushed commit {update.commit[:8]}, {format_count(len(update.files), 'file')}: {', '.join(update.files)}"
        )
