"""Feature of files and the configuration folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import EventKind, Feature, FeaturePage, NameList, Service

if TYPE_CHECKING:
    from qdash_builtin.files.configuration.service import ConfigurationService
    from qdash_builtin.files.service import FileService

CONFIGURATION: Service[ConfigurationService] = Service("qdash_builtin.files.composition:open_configuration")
FILES: Service[FileService] = Service("qdash_builtin.files.composition:open_files")


FEATURE = Feature(
    "files",
    services=(
        CONFIGURATION,
        FILES,
    ),
    names={"root": NameList("qdash_builtin.files.operations:list_file_roots", "name")},
    collections=("qdash_builtin.files.collections:FILE_VERSION",),
    operations=("qdash_builtin.files.operations:operations",),
    commands={
        "file": "qdash_builtin.files.commands.files:file",
        "configuration": "qdash_builtin.files.commands.configuration:configuration",
    },
    pages=(
        FeaturePage(
            "Files",
            ":material/folder:",
            "Files",
            "files",
            "qdash_builtin.files.pages.files:render",
            place=10,
        ),
    ),
    events=(EventKind("file.changed"),),
    checks=("qdash_builtin.files.root_check:CHECK",),
    settings=(
        "qdash_builtin.files.settings:FileSettings",
        "qdash_builtin.files.configuration.settings:ConfigurationSettings",
    ),
)
