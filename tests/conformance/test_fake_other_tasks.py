"""Contracts of the other standard tasks on a simulated chip."""

from __future__ import annotations

import pytest

from .twin_tasks import QUICK, TASKS, make_contracts

pytestmark = pytest.mark.slow

globals().update(make_contracts(name for name in TASKS if name not in QUICK))
