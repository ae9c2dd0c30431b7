"""Generator of the page of the limits of input, from `qdash_core.parsing.limits`."""

from __future__ import annotations

from qdash_core.parsing import limits

_INTRODUCTION = """\
# Limits of input

QDash parses external data within these limits, whether they come over HTTP, from a command or from a folder. A limit is checked
before the work that it bounds. Input beyond a limit is refused with a message that names the limit and, in YAML and CSV, the line: status 422
over HTTP, exit status 2 on the command line.

The limits are in one table, [`limits.py`](../packages/qdash-core/src/qdash_core/parsing/limits.py), and the parsers beside it, or in the feature that alone reads a format.
`tests/enforcement/test_parsers.py` refuses any other parser in the sources, except those that it lists with a reason; most of them read data that QDash itself
has written. JSON bodies have the same limits for routes of plugins. Only the source of a flow is parsed in a
separate process, since Python's parser cannot be limited beforehand.

The parsed data of bodies, exported chips, metrics files and device tables are validated up to the first 20 faults: the message has the first
(a problem over HTTP: each of the 20) and says that there are more. An object with many more keys than there are fields is one fault.
"""

_YAML = """\
## YAML

A document is built from the events of libyaml's parser, without recursion. Plain scalars are:

| written as | read as |
|---|---|
| nothing, `~`, `null` | null |
| `true`, `yes`, `on`, `false`, `no`, `off` (lower case, capitalised, or upper case) | boolean, as in YAML 1.1 |
| `0`, `-7`, `+3` | integer of at most 64 bits; larger ones are refused |
| `1.5`, `.5`, `1.0e-05`, `.inf`, `.nan` | float; an exponent needs a point and a sign, as in YAML 1.1 |
| anything else: `1:30`, `010`, `0x1f`, `1_000`, `1e5`, `2026-01-31` | text |

Tags (`!!int`), merge keys (`<<`), directives (`%YAML`, `%TAG`), a second document, a list or mapping as a key, a duplicate key
in a mapping, and an alias inside its own anchor are refused. Anchors and aliases are accepted.
"""


def make_page() -> str:
    """Return the text of the page."""
    head = ("format", "read from it", "limits")
    table = [f"| {' | '.join(row)} |" for row in (head, ("---",) * 3, *_rows())]
    return "\n".join([_INTRODUCTION, *table, "", _YAML])


def _rows() -> list[tuple[str, str, str]]:
    yaml, csv, archive, arrays = limits.YAML, limits.CSV, limits.ZIP, limits.NPZ
    source, pattern = limits.FLOW_SOURCE, limits.WILDCARD
    return [
        (
            "YAML",
            "wiring, design, topology and metrics files, exported chips, folders of qubex (also before a rewrite), pages of tasks",
            (
                f"{_size(yaml.size)}; {yaml.depth} levels; {yaml.nodes:,} nodes; both with aliases resolved; {yaml.aliases:,} "
                f"aliases; {yaml.scalar:,} characters of a scalar, {yaml.number} of a number; {yaml.directives} lines that begin with `%`"
            ),
        ),
        ("JSON", "body of a request", _json(limits.REQUEST_BODY)),
        ("JSON", "exported chip and topology file, also as a body", _json(limits.JSON_EXPORT)),
        (
            "JSON",
            "topology, device table, calibration snapshot, note of qubex, `--param`, lists of `--set`, events of the host",
            _json(limits.JSON_FILE),
        ),
        ("JSON", "each line of a recorded laboratory, with its arrays", _json(limits.RECORDING_LINE)),
        ("JSON", "`after` of a page", _json(limits.JSON_CURSOR)),
        (
            "CSV",
            "table of values",
            f"{_size(csv.size)}; {csv.rows:,} rows; {csv.columns} columns; {csv.cell:,} characters of a cell",
        ),
        (
            "ZIP",
            "folder for an import",
            (
                f"{_size(archive.size)} packed, {_size(archive.unpacked)} unpacked; {archive.members} members; {archive.ratio} bytes of a file for "
                f"each packed one; paths of {archive.depth} parts; stored or deflated"
            ),
        ),
        (
            "NumPy `.npz`",
            "raw data",
            (
                f"{_size(arrays.unpacked)} unpacked; above {_size(arrays.freely)}, {arrays.ratio} bytes for each packed one; {arrays.members:,} arrays; {arrays.header:,} bytes of a header, which must agree with the size "
                "of the array; numbers and text, never pickles"
            ),
        ),
        (
            "array in base64",
            "recorded laboratory, figure",
            "numbers and text; the length must agree with type and shape",
        ),
        (
            "regular expression",
            "none",
            "none is accepted from users; all patterns are literals in the sources, and those for request bodies run in linear time",
        ),
        (
            "wildcard pattern",
            "kinds of events, in a query or a setting",
            f"{pattern.length} characters; `*`, `?` and `[...]` are special",
        ),
        (
            "Python",
            "saved flow",
            f"{_size(source.size)}; {source.seconds:g} s in a separate process",
        ),
        (
            "tar",
            "backup",
            "not compressed; members are read one by one, in pieces, by the names in its manifest, whose JSON has at most 200 levels",
        ),
    ]


def _json(of: limits.JsonLimits) -> str:
    values = "" if of.values is None else f"; {of.values:,} values, an empty list or object counted twice"
    return f"{_size(of.size)}; {of.depth} levels{values}"


def _size(size: int) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if size % 1024:
            return f"{size:,} {unit}"
        size //= 1024
    return f"{size:,} GiB"
