"""Old import path of `ImportedData`, `InitialValue` and `SkippedEntry`."""

from qdash_core.moved_names import moved

_NEW = "qdash_core.formats.imported_data"
__getattr__ = moved(
    __name__,
    {
        "Brought": f"{_NEW}:ImportedData",
        "NotUnderstood": f"{_NEW}:SkippedEntry",
        "Seed": f"{_NEW}:InitialValue",
    },
)
