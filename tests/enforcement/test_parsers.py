"""Parsing of external data by `qdash_core.parsing`, and by the parsers of single features, with its limits in one table."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from .test_sources import ROOT, SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARSING = ROOT / "packages/qdash-core/src/qdash_core/parsing"

PARSERS = {
    "ast": {"literal_eval", "parse"},
    "builtins": {"compile", "eval", "exec"},
    "bz2": {"*"},
    "configparser": {"*"},
    "csv": {"DictReader", "reader"},
    "dill": {"*"},
    "fnmatch": {"*"},
    "gzip": {"*"},
    "html.parser": {"*"},
    "json": {"JSONDecoder", "load", "loads"},
    "lzma": {"*"},
    "marshal": {"*"},
    "numpy": {"frombuffer", "fromfile", "fromregex", "fromstring", "genfromtxt", "load", "loadtxt", "memmap"},
    "orjson": {"loads"},
    "pickle": {"*"},
    "plistlib": {"*"},
    "pydantic_core": {"from_json"},
    "pydantic_settings": {"JsonConfigSettingsSource", "TomlConfigSettingsSource", "YamlConfigSettingsSource"},
    "ruamel.yaml": {"YAML", "load", "round_trip_load", "safe_load"},
    "shelve": {"*"},
    "shutil": {"unpack_archive"},
    "tarfile": {"TarFile", "open"},
    "tomllib": {"*"},
    "xml": {"*"},
    "yaml": {
        *("compose", "compose_all", "full_load", "full_load_all", "load", "load_all", "parse", "safe_load"),
        *("safe_load_all", "scan", "unsafe_load", "unsafe_load_all"),
        *(
            "BaseLoader",
            "CBaseLoader",
            "CFullLoader",
            "CLoader",
            "CSafeLoader",
            "CUnsafeLoader",
            "FullLoader",
        ),
        *("Loader", "SafeLoader", "UnsafeLoader"),
    },
    "zipfile": {"ZipFile"},
    "zlib": {"decompress", "decompressobj"},
}
"""Functions and classes of a module that parse a format; `*` means all of them."""

METHODS = {"json", "model_validate_json", "raw_decode", "validate_json"}
"""Methods that parse, on any class."""

PATTERNS = {"compile", "findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"}
"""Functions of `re` that take a pattern, which must be a literal."""

WRITERS = {"tarfile.open", "zipfile.ZipFile"}
"""Functions that read unless their mode is to write."""

_OWN, _PIPE, _ANSWER = (
    "QDash has written it",
    "QDash writes it, in the process at the other end",
    "the answer of a server that the user has named",
)
_PLUGIN = "the pattern is written in the source of a task or plugin"
_LIMITED = "the parser of a format that one feature reads, within the limits of the table"
_PROCESS = "in a separate process, with the time limit of `FLOW_SOURCE`"
ALLOWED = {
    "qdash_cli/recorded_groups.py:_read_record:json.loads": _OWN,
    "qdash_api/samples.py:read_samples:json.loads": _OWN,
    "qdash_core/hooks/plugin_failures.py:_read_failure:json.loads": _OWN,
    "qdash_core/repositories/catalogue.py:_decode:json.loads": _OWN,
    "qdash_builtin/conversations/tools/operation_tool.py:OperationTool._read_arguments:model_validate_json": "JSON that this process has just written",
    "qdash_testing/operations.py:_check_answer:model_validate_json": "JSON that this process has just written",
    "qdash_core/documents/field_descriptions.py:_read_module:ast.parse": "the source of an installed class",
    "qdash_builtin/conversations/host_answer.py:ask_host:model_validate_json": _ANSWER,
    "qdash_remote/event_stream.py:_parse_message:model_validate_json": _ANSWER,
    "qdash_remote/problems.py:_read_problem:json": _ANSWER,
    "qdash_remote/transport.py:read_json:validate_json": _ANSWER,
    "qdash_core/artifacts/raw_data.py:RawDataFile.__init__:json.loads": _OWN,
    "qdash_core/attempts/measurement.py:read_library_note:json.loads": _OWN,
    "qdash_builtin/home/backups/reader.py:_parse_manifest:model_validate_json": "pydantic limits its depth; a backup is an administrator's",
    "qdash_builtin/home/backups/reader.py:open_backup:tarfile.open": "it is not packed, and read member by member, an administrator's",
    "qdash_builtin/home/backups/compression.py:compress:gzip.GzipFile": "it writes",
    "qdash_builtin/home/backups/compression.py:decompress:gzip.GzipFile": "read as a stream into files; a backup is an administrator's",
    "qdash_builtin/home/backups/compression.py:module:gzip.BadGzipFile": "an error class",
    "qdash_assistant/key_filter.py:KeyFilter.__init__:re.compile of a pattern that is not literal": "the administrator's key, escaped",
    "qdash_builtin/conversations/answer_text.py:module:re.compile of a pattern that is not literal": "made of literals",
    "qdash_builtin/conversations/citations.py:module:re.compile of a pattern that is not literal": "made of literals",
    "qdash_cli/rendering/wrapping.py:module:re.compile of a pattern that is not literal": "made of literals",
    "qdash_builtin/flows/source_check.py:find_source_problems:ast.parse": "the user's own program, in the user's own process, which has compiled it",
    "qdash_builtin/flows/user_flows.py:read_syntax:builtins.compile": "the user's own program, in the user's own process, which runs it next",
    "qdash_core/process/build.py:read_build:json.loads": "a file of the distribution",
    "qdash_builtin/home/installation.py:_describe_origin:json.loads": "a file of the installer",
    "qdash_core/settings.py:_read_file:tomllib.loads": "the administrator's settings",
    "qdash_core/settings.py:_describe_source:tomllib.loads": "the administrator's settings",
    "qdash_builtin/home/redaction.py:_list_keys:tomllib.loads": "the administrator's settings",
    "qdash_builtin/home/redaction.py:module:re.compile of a pattern that is not literal": "made of literals",
    "qdash_builtin/home/redaction.py:redact:re.compile of a pattern that is not literal": "escaped values of the administrator's settings",
    "qdash_builtin/home/store_integrity.py:_find_fault:model_validate_json": _OWN,
    "qdash_builtin/metrics/definition_file.py:_read_builtin:json.loads": "a file of the distribution",
    "qdash_core/models/base.py:as_json:json.loads": _OWN,
    "qdash_builtin/exchange/csv_parser.py:parse_table:csv.reader": _LIMITED,
    "qdash_builtin/exchange/zip_archives.py:unzip:zipfile.ZipFile": _LIMITED,
    "qdash_builtin/files/toml_parser.py:module:re.compile of a pattern that is not literal": "made of literals",
    "qdash_builtin/files/toml_parser.py:parse_toml:tomllib.loads": _LIMITED,
    "qdash_builtin/files/models/file_version.py:FileVersionModel.unpack:zlib.decompress": _OWN,
    "qdash_notify/announcements.py:NotifyingAnnouncer.announce:fnmatch.fnmatchcase": "the pattern is a setting, checked when it is read",
    "qdash_notify/delivery.py:Delivery._is_wanted:fnmatch.fnmatchcase": _PLUGIN,
    "qdash_builtin/flows/flow_signatures.py:_to_json:json.loads": _OWN,
    "qdash_builtin/flows/flow_signatures.py:_make_default:ast.literal_eval": _PROCESS,
    "qdash_builtin/flows/flow_signatures.py:_parse_expression:ast.parse": _PROCESS,
    "qdash_builtin/flows/flow_signatures.py:parse_source:ast.parse": _PROCESS,
    "qdash_builtin/flows/source_literals.py:_evaluate:ast.literal_eval": _PROCESS,
    "qdash_builtin/flows/flow_sources.py:_read:json.loads": _PIPE,
    "qdash_builtin/flows/source_reader.py:main:json.loads": _PIPE,
    "qdash_core/repositories/documents.py:_parse:json.loads": _OWN,
    "qdash_core/repositories/documents.py:_parse:pydantic_core.from_json": _OWN,
    "qdash_core/repositories/documents.py:decode_briefs:pydantic_core.from_json": _OWN,
    "qdash_core/repositories/documents.py:module:re.compile of a pattern that is not literal": "made of literals",
    "qdash_core/repositories/memory.py:_MemorySnapshot.load:validate_json": _OWN,
    "qdash_sqlite/store.py:_SQLiteSnapshot.load:validate_json": _OWN,
    "qdash_core/tasks/value_declarations.py:read_value_declarations:json.loads": _OWN,
    "qdash_core/tasks/figure_json.py:to_plotly_json:json.loads": "Plotly has written it, of a task's figure",
    "qdash_core/runs/performing_process.py:_read:json.loads": _PIPE,
    "qdash_core/runs/process.py:_perform:json.loads": _PIPE,
    "qdash_core/tasks/parameters.py:matches_array:fnmatch.fnmatchcase": _PLUGIN,
    "qdash_testing/backend.py:BackendContract.test_its_note_is_json_or_absent:json.loads": _OWN,
    "qdash_testing/backend.py:BackendContract.test_it_takes_back_its_own_note:json.loads": _OWN,
    "qdash_builtin/task_pages/feature_conditions.py:_parse:ast.parse": "a condition of at most 500 characters in the file of an installed plugin",
    "qdash_testing/backend.py:BackendContract.test_the_next_session_goes_on_with_the_note_of_the_last:json.loads": _OWN,
    "qdash_fake/best_gates.py:_read:json.loads": _OWN,
    "qdash_fake/options.py:load_options:json.loads": _OWN,
    "qdash_fake/twin.py:load_twin:json.loads": _OWN,
    "qdash_pictures/points.py:_sort_names:fnmatch.fnmatchcase": _PLUGIN,
    "qdash_prefect/client.py:PrefectClient._parse:json": _ANSWER,
    "qdash_prefect/report_server.py:receive_message:json.loads": _PIPE,
    "qdash_prefect/relay.py:connect_to_report_server:json.loads": _PIPE,
    "qdash_qubex/session_note.py:SessionNote.to_document:json.loads": "the laboratory's library has written it",
    "qdash_qubex/yaml_rewriting.py:_make_yaml:ruamel.yaml.YAML": "what it reads has been parsed within the limits of `YAML`",
    "qdash_tasks/programs/runner.py:_RunningProgram._find_declaration:fnmatch.fnmatchcase": _PLUGIN,
    "qdash_builtin/entities/pages/entity_records.py:_EntityPage.send:json": _ANSWER,
    "qdash_ui_streamlit/routes/logins.py:LoginRoutes._start_session:json": _ANSWER,
    "qdash_ui_streamlit/routes/scripts.py:_compress_file:gzip.compress": "it writes",
}
"""Exempt uses as `file:function:parser`, the file from `src/`, with the reason."""


def may_use(text: str) -> bool:
    """Return whether a source mentions any parser: a quick filter before its syntax tree is built."""
    words = {*re.findall(r"\w+", text)}
    named = any(
        functions & words
        if module == "builtins"
        else _root(module) in words and (functions & words or "*" in functions)
        for module, functions in PARSERS.items()
    )
    return named or bool(METHODS & words) or ("re" in words and bool(PATTERNS & words))


def _root(module: str) -> str:
    return module.partition(".")[0]


def uses(path: Path, text: str) -> Iterator[str]:
    """Yield each use of a parser in a source, as `file:function:parser`."""
    if not may_use(text):
        return
    place = path.as_posix().rpartition("/src/")[2]
    visitor = _Uses()
    visitor.visit(ast.parse(text))
    for function, parser in visitor.found:
        yield f"{place}:{function}:{parser}"


class _Uses(ast.NodeVisitor):
    """Uses of parsers in one module, with the enclosing function or class."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._names = {name: f"builtins.{name}" for name in PARSERS["builtins"]}
        self._around: list[str] = []
        self._written: set[ast.AST] = set()

    def visit_Import(self, node: ast.Import) -> None:
        for one in node.names:
            name = one.name if one.asname else one.name.partition(".")[0]
            self._names[one.asname or name] = name

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for one in node.names:
            self._names[one.asname or one.name] = f"{node.module}.{one.name}"

    def _visit_scope(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self._around.append(node.name)
        for field, part in ast.iter_fields(node):
            if field != "returns":
                for one in part if isinstance(part, list) else [part]:
                    if isinstance(one, ast.AST):
                        self.visit(one)
        self._around.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _visit_scope  # noqa: N815  as the visitor calls them

    def visit_arg(self, node: ast.arg) -> None:
        """Skip annotations."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        name = self._dotted(node.func)
        module, _, function = name.rpartition(".")
        if name in WRITERS and _writes(node):
            self._written.add(node.func)
        if module == "re" and function in PATTERNS and not _is_literal(node.args[0]):
            self._note(f"{name} of a pattern that is not literal")
        # `json` of a response has no arguments; that of Streamlit displays its argument.
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if method in METHODS and not (method == "json" and node.args):
            self._note(method)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._note_parser(node)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self._note_parser(node)

    def _note_parser(self, node: ast.expr) -> None:
        name = self._dotted(node)
        if node in self._written or not _is_parser(name):
            return
        self._note(name)

    def _note(self, parser: str) -> None:
        self.found.append((".".join(self._around) or "module", parser))

    def _dotted(self, node: ast.expr) -> str:
        """Return the qualified name of an expression, or an empty string if it is not part of a module."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id, "")
        if isinstance(node, ast.Attribute) and (inside := self._dotted(node.value)):
            return f"{inside}.{node.attr}"
        return ""


def _is_parser(name: str) -> bool:
    for module, functions in PARSERS.items():
        if name.startswith(f"{module}."):
            rest = name.removeprefix(f"{module}.")
            return (functions == {"*"} and rest[-5:] != "Error") or rest in functions
    return False


def _writes(node: ast.Call) -> bool:
    given = {one.arg: one.value for one in node.keywords}
    mode = node.args[1] if len(node.args) > 1 else given.get("mode")
    return isinstance(mode, ast.Constant) and str(mode.value).startswith(("w", "x"))


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


@cache
def found_in_sources() -> tuple[str, ...]:
    sources = (
        path for path in SOURCES if PARSING not in path.parents and "plugin-templates" not in path.parts
    )
    return tuple(use for path in sources for use in uses(path, path.read_text("utf-8")))


def test_external_data_are_parsed_within_the_limits_of_the_table() -> None:
    bypasses = sorted({*found_in_sources()} - ALLOWED.keys())

    assert not bypasses, "use qdash_core.parsing:\n" + "\n".join(bypasses)


def test_an_exception_that_is_no_longer_needed_leaves_the_list() -> None:
    stale = sorted(ALLOWED.keys() - {*found_in_sources()})

    assert not stale, "remove from ALLOWED:\n" + "\n".join(stale)


@pytest.mark.parametrize(
    ("source", "parser"),
    [
        ("import yaml\nyaml.safe_load(text)", "yaml.safe_load"),
        ("import yaml as y\ny.load(text, Loader=y.CSafeLoader)", "yaml.load"),
        ("from yaml import parse\nlist(parse(text))", "yaml.parse"),
        ("from ruamel.yaml import YAML\nYAML(typ='safe').load(text)", "ruamel.yaml.YAML"),
        ("import ruamel.yaml\nruamel.yaml.YAML().load(text)", "ruamel.yaml.YAML"),
        ("import json\nfound = [*map(json.loads, lines)]", "json.loads"),
        ("from json import load as read\nread(file)", "json.load"),
        ("def f(answer):\n    return answer.json()", "json"),
        ("Model.model_validate_json(text)", "model_validate_json"),
        ("from qdash_core.x import Model\nModel.model_validate_json(text)", "model_validate_json"),
        ("import csv\ncsv.DictReader(lines)", "csv.DictReader"),
        ("from zipfile import ZipFile\nZipFile(file)", "zipfile.ZipFile"),
        ("import zipfile\nzipfile.ZipFile(file, 'r')", "zipfile.ZipFile"),
        ("import tarfile\ntarfile.open(path, mode='r:gz')", "tarfile.open"),
        ("import numpy as np\nnp.load(path, allow_pickle=False)", "numpy.load"),
        ("def f():\n    import numpy as np\n    return np.frombuffer(data)", "numpy.frombuffer"),
        ("import pickle\npickle.loads(data)", "pickle.loads"),
        ("import tomllib\ntomllib.load(file)", "tomllib.load"),
        (
            "from xml.etree import ElementTree\nElementTree.fromstring(text)",
            "xml.etree.ElementTree.fromstring",
        ),
        ("import re\nre.compile(pattern)", "re.compile of a pattern that is not literal"),
        ("import re\nre.search(f'{word}+', text)", "re.search of a pattern that is not literal"),
        (
            "from re import fullmatch\nfullmatch(pattern, text)",
            "re.fullmatch of a pattern that is not literal",
        ),
        ("import fnmatch\nfnmatch.filter(names, pattern)", "fnmatch.filter"),
        ("eval(text)", "builtins.eval"),
    ],
)
def test_a_bypass_is_found(source: str, parser: str) -> None:
    found = [use.rpartition(":")[2] for use in uses(ROOT / "planted.py", source)]

    assert parser in found


@pytest.mark.parametrize(
    "source",
    [
        "import json\njson.dumps(value)",
        "import zipfile\nzipfile.ZipFile(file, 'w')",
        "import tarfile\ntarfile.open(fileobj=file, mode='w')",
        "import re\nre.compile('[a-z]+')",
        "import tomllib\ntry:\n    f()\nexcept tomllib.TOMLDecodeError:\n    pass",
        "from qdash_core.parsing.yaml_parser import parse_yaml\nparse_yaml(text)",
    ],
)
def test_what_parses_nothing_is_no_bypass(source: str) -> None:
    assert not [*uses(ROOT / "planted.py", source)]
