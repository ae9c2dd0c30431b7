"""Commands that metrics add to `qdash chip` and `qdash values`."""

from __future__ import annotations

import click

from qdash_builtin.metrics.commands.chip_specification import specification
from qdash_builtin.metrics.commands.value_history import history
from qdash_builtin.metrics.commands.value_statistics import statistics
from qdash_builtin.metrics.operations.annotations import operations
from qdash_builtin.metrics.text_output.annotations import print_annotations
from qdash_builtin.metrics.views.annotations import ChipAnnotationsDocument
from qdash_cli.operation_commands import add_commands

chip = click.Group("chip", commands=[specification])
add_commands(chip, operations, {ChipAnnotationsDocument: print_annotations})
values = click.Group("values", commands=[history, statistics])
