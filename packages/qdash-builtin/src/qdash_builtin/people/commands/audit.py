"""Command `qdash audit`: the audit log of the host."""

from __future__ import annotations

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, user_option
from qdash_cli.period_options import parse_optional_time
from qdash_cli.rendering.output import emit_json, print_message, print_table
from qdash_cli.rendering.times import format_time


@click.command()
@click.option("--by", "username", metavar="USER", help="Only requests of this user.")
@click.option("--project", "project_id", metavar="ID", help="Only requests in this project.")
@click.option("--action", metavar="WORDS", help="Words in the name of the operation or method: `role`.")
@click.option("--subject", metavar="TEXT", help="Text in the path of the request.")
@click.option("--since", metavar="TIME", help="Only requests at this time or later.")
@click.option("--until", metavar="TIME", help="Only requests before this time.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@user_option
@options.json_option
def audit(
    username: str | None,
    project_id: str | None,
    action: str | None,
    subject: str | None,
    since: str | None,
    until: str | None,
    as_csv: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """List requests to the host that may have changed something.

    The newest ones are first, at most 10,000. Only administrators may list them.
    """
    from itertools import islice

    from qdash_builtin.people.audit import MOST_IN_FILE
    from qdash_builtin.people.operations.audit import AuditQuery, audit_file, list_audit
    from qdash_core.operations.transport import list_every
    from qdash_core.process.clock import machine_now

    with command_user.connect() as home:
        zone, now = home.zone, machine_now()  # the audit log has the time of the machine
        wanted = AuditQuery(
            username=username,
            action=action,
            subject=subject,
            since=parse_optional_time(since, zone, option="--since", now=now),
            until=parse_optional_time(until, zone, option="--until", now=now),
        )
        if as_csv and not as_json:
            contents = home.ask(audit_file, wanted, project_id).chunks
            click.echo(b"".join(contents).decode(), nl=False)
            return
        entries = list(islice(list_every(home, list_audit, wanted, project_id), MOST_IN_FILE))
    if as_json:
        emit_json(entries)
    elif entries:
        print_table(
            ("when", "by", "action", "path", "status", "changes"),
            (
                (
                    format_time(one.at, zone),
                    one.username,
                    one.action,
                    one.path,
                    one.status,
                    one.describe_changes(),
                )
                for one in entries
            ),
            fold=("path", "changes"),
        )
    else:
        print_message("no requests to the host match: commands on the store are not in the audit log")
