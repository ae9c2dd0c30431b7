"""Description of a backup in `manifest.json`, the last member of its tar file before the checksum (`digest`).

The other members are `store.db`, an SQLite store with every document from any kind of store,
`artifacts/PATH`, every file of raw data, and `home/PATH`, every file below the home in which a backend keeps
data of a chip. They are compressed, and their names end with `.gz`. A backup in a folder has its raw data in the
folder `qdash-raw` beside it, which all backups of the folder share (`raw_data_pool`).
"""

from __future__ import annotations

from pydantic import Field

from qdash_core.models.base import UtcDatetime, Value

FORMAT = 4
"""Version of the format. 1 lacks the chip files of backends; 1 and 2 lack the checksum of the whole file; 1 to 3 are
uncompressed and contain their raw data."""
DIGESTED_SINCE = 3
COMPRESSED_SINCE = 4
MANIFEST = "manifest.json"
STORE = "store.db"
FILES = "artifacts/"
CHIP_FILES = "home/"
NAME_PATTERN = "qdash-*.tar"
"""Pattern of the names of backups in a folder."""
POOL = "qdash-raw"
"""Folder of the raw data that the backups of a folder share."""


class KeptFile(Value):
    """A file in a backup."""

    sha256: str
    size: int
    """Size in bytes; both are of the contents before compression."""
    stored_sha256: str | None = None
    """Checksum of the compressed file in the folder `qdash-raw`; None for a member of the backup."""


class Manifest(Value):
    """Contents of a backup."""

    format: int = FORMAT
    made_at: UtcDatetime
    version: str
    """Version of QDash."""
    schema_version: int
    store_url: str
    artifacts_url: str
    """Source of the backup; both URLs are without secrets."""
    store: KeptFile
    documents: dict[str, int]
    """Number of documents by collection."""
    numbers: dict[str, int]
    """The highest number assigned in each numbered collection."""
    files: dict[str, KeptFile]
    """Raw-data files by path."""
    shares_raw_data: bool = False
    """True if the raw data are in the folder `qdash-raw` beside the backup, not in the backup."""
    missing: list[str]
    """Files that are named by results but did not exist."""
    altered: list[str]
    """Files that differed from what had been written; they are kept in that state."""
    chip_files: dict[str, KeptFile] = Field(default_factory=dict)
    """Chip files of backends, by path below the home."""
    left_out: list[str] = Field(default_factory=list)
    """Chip data of backends that the backup does not contain, with chip and reason in words."""
    simulated_clock: UtcDatetime | None = None
    """Time of the simulated clock of the home, or None if it has the clock of the machine; without it in older backups."""

    @property
    def is_complete(self) -> bool:
        """True if the store and all its raw data were there and unaltered."""
        return not (self.missing or self.altered)
