"""The table of limits for all parsers of external data.

Every limit is checked before the work that it bounds. Sizes are in bytes unless documented otherwise.
A generated page shows the table; `tests/enforcement/test_parsers.py` finds parsers that bypass it.
"""

from __future__ import annotations

from dataclasses import dataclass

_KIB, _MIB, _GIB = 2**10, 2**20, 2**30


def describe_excess(name: str, size: int, most: int) -> str:
    """Return the message on contents that are too large: `a.png has 3001983 bytes; 2 MiB are possible`."""
    limit = f"{most} bytes" if most % _MIB else f"{most // _MIB} MiB"
    return f"{name} has {size} bytes; {limit} are possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlLimits:
    """Limits of a YAML document.

    `size` is that of the text in UTF-8. `depth` counts the levels of nested lists and mappings, aliases resolved;
    `nodes` the scalars, lists and mappings, with the contents of an alias counted each time it is used; `aliases` the
    uses of anchors. `scalar` and `number` are the characters of one scalar and of one number. `directives` are lines
    that begin with `%`: libyaml compares each `%TAG` with all before it.
    """

    size: int
    depth: int
    nodes: int
    aliases: int
    scalar: int
    number: int
    directives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLimits:
    """Limits of a JSON document.

    `size` is that of the text in UTF-8. `depth` counts the levels of nested arrays and objects. `values` counts
    scalars, arrays and objects, an empty array or object twice: each may be reported as invalid, which costs more
    than to parse it. None: limited by the size only.
    """

    size: int
    depth: int
    values: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLimits:
    """Limits of a CSV table: bytes, rows below the header, columns, and characters of a cell."""

    size: int
    rows: int
    columns: int
    cell: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlLimits:
    """Limits of a TOML document: bytes of the text, and levels of nested arrays and inline tables, and parts of a key."""

    size: int
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLimits:
    """Limits of a file below a root.

    `size` is for a file that is written or compared, and each of its versions. `text` is for a text or table that a
    preview shows, with the number of its `rows`, of `arrays` of an archive, and of `values` of an array.
    """

    size: int
    text: int
    rows: int
    arrays: int
    values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipLimits:
    """Limits of a ZIP archive: bytes of the archive (`size`) and of all its files together (`unpacked`).

    `members` counts the entries of its directory, folders included; `ratio` is the bytes of a file for each byte that
    it has in the archive; `depth` is the number of parts of a file's path.
    """

    size: int
    unpacked: int
    members: int
    ratio: int
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NpzLimits:
    """Limits of an archive of NumPy arrays.

    `unpacked` and `header` are bytes, of all arrays and of the header of each; `members` is the number of arrays.
    `ratio` is the bytes of all arrays for each byte of the archive; it applies from `freely` bytes of all arrays,
    because short arrays may be zeros. QDash compresses only less than that, and other programs noise.
    """

    unpacked: int
    ratio: int
    freely: int
    members: int
    header: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WildcardLimits:
    """Limits of a wildcard pattern: characters."""

    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLimits:
    """Limits of the source of a flow, which a separate process parses: bytes, and seconds."""

    size: int
    seconds: float


YAML = YamlLimits(
    size=2 * _MIB, depth=50, nodes=400_000, aliases=1_000, scalar=100_000, number=64, directives=10
)
"""Wiring, design, topology and metrics files, pages of tasks, exported chips, folders of qubex."""

JSON_FILE = JsonLimits(size=64 * _MIB, depth=100)
"""Files and arguments of local commands: topologies, device tables, snapshots, calibration notes of qubex, options."""

JSON_EXPORT = JsonLimits(size=8 * _MIB, depth=100, values=400_000)
"""An exported chip, in a file or in a request, and an uploaded topology file."""

REQUEST_BODY = JsonLimits(size=_MIB, depth=100, values=50_000)
"""The body of a request to the host: a chip of 1,121 qubits has 11,000 values."""

JSON_CURSOR = JsonLimits(size=_KIB, depth=2)
"""The cursor of a page, `next` and `after`: characters in base64."""

RECORDING_LINE = JsonLimits(size=256 * _MIB, depth=100)
"""One line of a recording: a call with its arrays in base64."""

CSV = CsvLimits(size=4 * _MIB, rows=100_000, columns=100, cell=1_000)
"""Tables of values."""

TOML = TomlLimits(size=256 * _KIB, depth=50)
"""Edited TOML files."""

EDITED_JSON = JsonLimits(size=4 * _MIB, depth=100)
"""Edited JSON files."""

EDITED_CSV = CsvLimits(size=4 * _MIB, rows=100_000, columns=2_000, cell=100_000)
"""Edited CSV files."""

FILE = FileLimits(size=4 * _MIB, text=_MIB, rows=200, arrays=200, values=20)
"""Files below roots."""

ZIP = ZipLimits(size=4 * _MIB, unpacked=4 * _MIB, members=500, ratio=200, depth=8)
"""Folders packed for an import."""

NPZ = NpzLimits(unpacked=16 * _GIB, ratio=100, freely=64 * _MIB, members=10_000, header=10_000)
"""Raw data."""

WILDCARD = WildcardLimits(length=100)
"""Kinds of events."""

FLOW_SOURCE = SourceLimits(size=256 * _KIB, seconds=5.0)
"""Saved flows."""
