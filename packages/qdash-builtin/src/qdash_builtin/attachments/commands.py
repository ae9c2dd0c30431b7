"""Command that attaches files to a record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_builtin.attachments.accepted_files import TEXT_FILES
from qdash_builtin.attachments.file_markdown import make_file_markdown, make_free_name
from qdash_cli.operation_fields import read_file
from qdash_cli.rendering.output import emit_json, print_message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from qdash_builtin.attachments.views import AttachmentDocument

files_argument: Callable[..., Any] = click.argument(
    "paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)


def attach_files(
    paths: Sequence[Path], attach: Callable[[str, bytes], AttachmentDocument], *, as_json: bool
) -> None:
    """Attach files of this machine to a record, each under its own name, and print them."""
    read = [(make_free_name(path.name, ()), read_file(path, TEXT_FILES.size)) for path in paths]
    made = []
    for name, contents in read:
        made.append(attach(name, contents))
        if not as_json:
            one = made[-1]
            print_message(
                f"{one.name}: {one.size} bytes were attached; in a text: {make_file_markdown(one.name, one.media_type)}"
            )
    if as_json:
        emit_json(made)
