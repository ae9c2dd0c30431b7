"""Commands that metrics add to `qdash chip` and `qdash values`."""

from __future__ import annotations

import click

from qdash_builtin.metrics.commands.chip_specification import specification
from qdash_builtin.metrics.commands.value_history import history
from qdash_builtin.metrics.commands.value_statistics import statistics

chip = click.Group("chip", commands=[specification])
values = click.Group("values", commands=[history, statistics])
