"""Commands `qdash login` and `qdash logout`."""

from __future__ import annotations

from pathlib import Path

import click

from qdash_cli import options


@click.command()
@click.argument("url", metavar="[URL]", required=False)
@click.option(
    "--name",
    metavar="PROFILE",
    help="Name of the profile; default: that of the host. Without URL: commands ask this profile, or `local`, from now on.",
)
@click.option("--user", "username", metavar="NAME", help="User at the host; default: asked for.")
@click.option("--token-stdin", is_flag=True, help="Read a token from standard input instead of a password.")
@click.option(
    "--ca",
    "certificates",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File of the certificate authority of the host, if the system does not know it.",
)
@click.option(
    "--insecure",
    is_flag=True,
    help="Allow http:// to another machine: password, token and data are readable on the network.",
)
@options.json_option
def login(
    url: str | None,
    name: str | None,
    username: str | None,
    token_stdin: bool,
    certificates: Path | None,
    insecure: bool,
    as_json: bool,
) -> None:
    """Log in at a host, which all commands then ask instead of the home of this machine.

    The token, which is valid for 30 days, is kept in the system's keyring, or else in a file that only you may read. Without URL, list
    the profiles.
    """
    from qdash_remote import logins

    if url is None and (username or token_stdin or certificates or insecure):
        raise click.UsageError("the address of the host is missing: qdash login URL")
    if url is None and name is not None:
        logins.use_profile(name, as_json=as_json)
    elif url is None:
        logins.print_profiles(as_json=as_json)
    else:
        logins.log_in(
            url, name, username, certificates, reads_token=token_stdin, insecure=insecure, as_json=as_json
        )


@click.command()
@click.argument("name", metavar="[PROFILE]", required=False)
@options.json_option
def logout(name: str | None, as_json: bool) -> None:
    """Revoke the token of a profile and forget the profile; default: the one that commands use.

    That is the profile of QDASH_PROFILE, else of the last login.
    """
    from qdash_remote import logins

    logins.log_out(name, as_json=as_json)
