"""Description of a backup in `manifest.json`, the last member of its tar file before the checksum (`digest`).

The other members are `store.db`, every document as a store in SQLite, whatever store they come from,
`artifacts/PATH`, every file of raw data, and `home/PATH`, every file below the home in which a backend keeps what it knows of a
chip.
"""

from __future__ import annotations

from pydantic import Field

from qdash_core.models.base import UtcDatetime, Value

FORMAT = 3
"""1: without the files that backends keep of chips; 1, 2: without the checksum of the whole file."""
DIGESTED_SINCE = 3
MANIFEST = "manifest.json"
STORE = "store.db"
FILES = "artifacts/"
CHIP_FILES = "home/"

LEFT_OUT = frozenset({"execution_lock", "presence"})
"""Collections of what lives only as long as its process: who has an instrument, and who is there."""


class KeptFile(Value):
    """A file in a backup."""

    sha256: str
    size: int
    """Bytes."""


class Manifest(Value):
    """What is in a backup."""

    format: int = FORMAT
    made_at: UtcDatetime
    version: str
    """Of QDash."""
    schema_version: int
    store_url: str
    artifacts_url: str
    """Where it was taken, without secrets."""
    store: KeptFile
    documents: dict[str, int]
    """How many, by collection."""
    numbers: dict[str, int]
    """The last number that was given in each numbered collection."""
    files: dict[str, KeptFile]
    """Raw data by path."""
    missing: list[str]
    """Files that results name and that were not there."""
    altered: list[str]
    """Files that were there and were not what had been written; they are kept as they were."""
    chip_files: dict[str, KeptFile] = Field(default_factory=dict)
    """What backends keep of chips, by path below the home."""
    left_out: list[str] = Field(default_factory=list)
    """What backends keep of chips and is not in it, in words: of which chip, and why."""
