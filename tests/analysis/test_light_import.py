"""Import of the package without an optimiser or the framework."""

import subprocess
import sys


def test_the_import_is_light_and_independent():
    code = """
import sys
import qdash_analysis
heavy = [name for name in sys.modules if name.startswith("scipy")]
own = [name for name in sys.modules if name.split(".")[0] in {"qdash", "qdash_core", "qdash_fake"}]
assert not heavy, heavy
assert not own, own
"""
    subprocess.run([sys.executable, "-c", code], check=True)
