"""Feature of files and the configuration folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import EventKind, Feature, FeaturePage, NameList, Service

if TYPE_CHECKING:
    from qdash_core.configuration.service import ConfigurationService
    from qdash_core.files.service import FileService

CONFIGURATION: Service[ConfigurationService] = Service("qdash_core.services.files:open_configuration")
FILES: Service[FileService] = Service("qdash_core.services.files:open_files")


FEATURE = Feature(
    "files",
    services=(
        CONFIGURATION,
        FILES,
    ),
    names={"root": NameList("qdash_core.resources.files:list_file_roots", "name")},
    collections=("qdash_core.files.collections:FILE_VERSION",),
    operations=("qdash_core.resources.files:operations",),
    commands={
        "file": "qdash_core.cli.files:file",
        "configuration": "qdash_core.cli.configuration:configuration",
    },
    pages=(
        FeaturePage(
            "Files",
            ":material/folder:",
            "Library",
            "files",
            "qdash_ui_streamlit.pages.files:render",
            place=20,
        ),
    ),
    events=(EventKind("file.changed"),),
    checks=("qdash_core.files.root_check:CHECK",),
    settings=(
        "qdash_core.files.settings:FileSettings",
        "qdash_core.configuration.settings:ConfigurationSettings",
    ),
)
