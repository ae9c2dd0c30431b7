"""Hostile documents for every parser of files, in a process with little memory: `python -m faults.fuzzed_parsers`."""

from __future__ import annotations

import argparse
import io
import itertools
import json
import random
import resource
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from faults.documents import hostile_documents
from qdash_builtin.chips.design_files import read_design
from qdash_builtin.chips.exported_chip import parse_export, validate_parts
from qdash_builtin.chips.topology_files import load_topology, read_topology
from qdash_builtin.chips.wiring_files import read_wiring
from qdash_builtin.exchange.formats.value_table import read_table
from qdash_builtin.exchange.zip_archives import unzip
from qdash_builtin.flows.flow_sources import check_source
from qdash_builtin.metrics.definition_file import read_metrics_file
from qdash_core.artifacts.raw_data import read as read_arrays
from qdash_core.errors import QDashError
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.numpy_archives import make_array
from qdash_core.parsing.wildcards import match_names
from qdash_core.parsing.yaml_parser import parse_yaml
from qdash_fake.devices.tables import parse_device
from qdash_tasks.laboratory.recording_file import read_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CPU_LIMIT_S = 5.0
"""CPU time that one document may take, in seconds."""
_TABLE_HEAD = "target,parameter,value,error,calibrated_at\n"


def parsers(folder: Path) -> Mapping[str, Callable[[bytes], object]]:
    """Return every parser of external data by its name; those of files read one in a folder."""
    chip = load_topology("linear-16")

    def of_file(suffix: str, parse: Callable[[Path], object], content: bytes) -> object:
        path = folder / f"fuzzed{suffix}"
        path.write_bytes(content)
        return parse(path)

    def of_text(parse: Callable[[str], object], content: bytes) -> object:
        return parse(content.decode("utf-8", "replace"))

    return {
        "YAML": partial(of_text, parse_yaml),
        "JSON": parse_json,
        "exported chip": lambda content: validate_parts(parse_export(content)),
        "wildcard": partial(of_text, lambda text: match_names(text, ["task.started", "run.failed"])),
        "table of values": partial(of_text, lambda text: read_table(_TABLE_HEAD + text, "v.csv")),
        "table with its header": partial(of_text, lambda text: read_table(text, "v.csv")),
        "ZIP archive": unzip,
        "raw data": lambda content: read_arrays(io.BytesIO(content), "fuzzed"),
        "array": partial(make_array, dtype="float64"),
        "device table": partial(of_text, partial(parse_device, origin="fuzzed")),
        "source of a flow": partial(of_text, partial(check_source, function=None)),
        "wiring": partial(of_file, ".yaml", lambda path: read_wiring(path, "chip", chip)),
        "design": partial(of_file, ".yaml", lambda path: read_design(path, chip)),
        "topology, YAML": partial(of_file, ".yaml", read_topology),
        "topology, JSON": partial(of_file, ".json", read_topology),
        "metrics file": partial(of_file, ".yaml", read_metrics_file),
        "recording": partial(of_file, ".jsonl", lambda path: list(read_lines(path))),
    }


def fuzz(*, seconds: float, seed: int, folder: Path) -> tuple[int, list[str], float]:
    """Give documents to each parser in turn until the time is up.

    Returns
    -------
    tuple
        Number of documents; errors other than those of QDash and documents above the CPU limit, one line each; largest CPU time
        of a document, in seconds.
    """
    end = time.monotonic() + seconds
    problems: list[str] = []
    count, longest_s = 0, 0.0
    for number in itertools.count(seed):
        chance = random.Random(number)
        for (name, content), (kind, parse) in itertools.product(
            list(hostile_documents(chance)), parsers(folder).items()
        ):
            if time.monotonic() > end:
                return count, problems, longest_s
            # The next line of a crashed process is missing, so this one names the document.
            print(json.dumps([number, name, kind]), file=sys.stderr)
            before = time.process_time()
            try:
                with suppress(QDashError):
                    parse(content)
            except Exception as error:  # noqa: BLE001  each of them is a fault
                problems.append(f"{kind}, {name} (seed {number}): {type(error).__name__}: {str(error)[:100]}")
            spent_s = time.process_time() - before
            longest_s = max(longest_s, spent_s)
            if spent_s > CPU_LIMIT_S:
                problems.append(f"{kind}, {name} (seed {number}): {spent_s:.1f} s of CPU")
            count += 1
    raise AssertionError("the count has no end")


def main() -> int:
    """Fuzz the parsers; return 1 if one raised a foreign error or took too long. A crash ends the process."""
    parser = argparse.ArgumentParser(prog="python -m faults.fuzzed_parsers", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--memory", type=int, default=1000, help="limit of the data of the process, in MB")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    limit = arguments.memory * 1_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    with tempfile.TemporaryDirectory(prefix="fuzzing-") as folder:
        count, problems, longest_s = fuzz(
            seconds=60 * arguments.minutes, seed=arguments.seed, folder=Path(folder)
        )
    print("\n".join([*dict.fromkeys(problems), f"{count} documents, {len(problems)} problems"]))
    print(f"longest: {longest_s:.2f} s of CPU")
    print(f"largest resident memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
