"""Command `qdash mcp`: operations as tools of clients of the Model Context Protocol."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from qdash_cli.app import ServerCommand
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.hosts import choose_host, choose_profile, open_host
from qdash_cli.options import reserve_stdout
from qdash_cli.rendering.output import print_message
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from qdash_core.operations.transport import Transport

_LARGEST_PORT = 65_535


@click.command(cls=ServerCommand)
@click.option(
    "--allow-changes",
    is_flag=True,
    help="Also serve tools that change something: issues, notes, decisions on results, runs.",
)
@click.option(
    "--http",
    metavar="[HOST:]PORT",
    help="Serve clients by HTTP, each with a token of the host; default host: 127.0.0.1.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="NAME",
    help="Further name by which clients reach the server by HTTP, such as that of a proxy; may be repeated.",
)
@access_options
def mcp(command_user: CommandUser, allow_changes: bool, http: str | None, names: tuple[str, ...]) -> None:
    """Serve operations as tools of an assistant, any client of the Model Context Protocol.

    The client starts this command and speaks to it by standard input and output; the tools act as the user of the command. With
    --http, tools act at the host with the token that the client sends.
    """
    if find_spec("mcp") is None:
        raise InvalidInputError(
            "the Model Context Protocol needs the package mcp: `pip install --find-links RELEASE 'qdash[mcp]'` adds it"
        )
    if (
        http is not None
        and click.get_current_context().get_parameter_source("user") is not ParameterSource.DEFAULT
    ):
        raise InvalidInputError(
            "--user and --http exclude each other: the token of each client names its user"
        )
    from qdash_builtin.conversations.tools.operation_tool import make_tools
    from qdash_core.hooks.manager import load_plugins

    if http is None:
        from qdash_builtin.conversations.tool_server.stdio import serve_stdio
        from qdash_core.settings import load_settings

        if names:
            raise InvalidInputError("--name belongs to --http")
        with reserve_stdout() as out, command_user.connect(trusted_files=False) as transport:
            # The first change at home enrolls an unknown user.
            if command_user.asks_host or not allow_changes:
                _ = transport.project_id  # raises if the host cannot be reached, or the user may not read
            home = f"the tools are those of the home {load_settings().home}"
            print_message(str(choose_host(command_user.profile) or home), err=True)
            serve_stdio(make_tools(load_plugins().operations()), transport, out, allows_changes=allow_changes)
        return
    from qdash_builtin.conversations.tool_server.http import serve_http

    profile = choose_profile(
        command_user.profile
    )  # a later login gives the tokens of clients to no other host

    def connect(token: str, project: str | None) -> AbstractContextManager[Transport]:
        return open_host(profile, project or command_user.project, token)

    serve_http(
        make_tools(load_plugins().operations()),
        connect,
        _parse_address(http),
        names,
        allows_changes=allow_changes,
        report=partial(print_message, err=True),
    )


def _parse_address(given: str) -> tuple[str, int]:
    """Return host and port of `[HOST:]PORT`."""
    host, _, port = given.rpartition(":")
    if not port.isascii() or not port.isdigit() or int(port) > _LARGEST_PORT:
        raise InvalidInputError(f"--http {given}: write [HOST:]PORT, such as 8010 or 127.0.0.1:8010")
    return host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port)
