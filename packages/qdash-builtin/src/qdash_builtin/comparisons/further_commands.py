"""Command that comparisons add to `qdash chip`."""

from __future__ import annotations

import click

from qdash_builtin.comparisons.commands import print_comparison
from qdash_builtin.comparisons.operations import operations
from qdash_builtin.comparisons.views.comparisons import PointComparisonDocument
from qdash_cli.operation_commands import add_commands

chip = click.Group("chip")
add_commands(chip, operations, {PointComparisonDocument: print_comparison})
