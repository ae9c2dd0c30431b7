"""Hostile documents: small bodies that cost a careless parser its stack, its memory or minutes of CPU time."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

BINARY = {"zip bomb", "zip of many files", "zip with outside paths", "broken zip", "tar", "numpy header"}
"""Names of the binary documents."""


def hostile_documents(chance: Random) -> Iterator[tuple[str, bytes]]:
    """Yield hostile documents of random size with their names, at most 1 MB each."""
    size = int(10 ** chance.uniform(1, 5.9))
    for name, text in _texts(size, chance):
        yield name, text.encode("utf-8", "surrogatepass")[:1_000_000]
    yield "bytes", chance.randbytes(size)
    yield "UTF-16", ("a: [1, 2]\n" * size)[:size].encode("utf-16")
    yield "zip bomb", _zip({"bomb.yaml": b"0" * 50 * size})
    yield "zip of many files", _zip({f"{number}.yaml": b"a: 1" for number in range(min(size, 5000))})
    yield "zip with outside paths", _zip({"../../outside.yaml": b"a: 1", "/absolute.yaml": b"a: 1"})
    packed = bytearray(_zip({"values.json": b"{}" * size, "design.yaml": b"qubits: {}"}))
    for _ in range(chance.randint(1, 20)):
        packed[chance.randrange(len(packed))] = chance.randrange(256)
    yield "broken zip", bytes(packed[: chance.randint(1, len(packed))])
    yield "tar", _tar(size)
    yield "numpy header", b"\x93NUMPY\x01\x00" + b"\xff\xff" + b"{" * 65_535


def _texts(size: int, chance: Random) -> Iterator[tuple[str, str]]:
    yield "nested lists", "[" * size + "]" * size
    yield "open lists", "[" * size
    yield "nested mappings", '{"a":' * size + "1" + "}" * size
    yield "nested block lists", "- " * size
    yield "nested keys", "? " * size
    yield "nested flow mappings", "{a: " * size
    yield "indented mappings", "\n".join(" " * depth + "a:" for depth in range(min(size, 1300)))
    yield "base 60", "1" + ":1" * size
    yield "base 60 in a chip", "name: x\nqubits:\n- id: " + "1" + ":1" * size
    yield "long integer", "9" * size
    yield "long float", "1" * size + ".0e5"
    yield "hexadecimal", "0x" + "f" * size
    yield "underscores", "1" + "_" * size + "1"
    yield "large exponent", "1e" + "9" * size
    yield "long key", "k" * size + ": 1"
    yield "many keys", "\n".join(f"k{number}: 1" for number in range(size))
    yield "many numbers", "[" + "1," * size + "1]"
    yield "aliases", "a: &a [1]\nb: [" + "*a," * size + "1]"
    yield "alias bomb", _alias_bomb(min(size, 12))
    yield "recursive alias", "&a [*a]"
    yield "merge keys", "a: &a {b: 1}\n" + "\n".join(f"c{number}: {{<<: *a}}" for number in range(size))
    yield "repeated merge keys", "a: &a {b: 1}\nc: {<<: [" + "*a," * size + "*a]}"
    yield "tags", "!!python/object/apply:os.system ['true']" * chance.randint(1, 3)
    yield "many tags", "[" + "!!str a," * size + "]"
    yield "timestamps", "[" + "2001-12-14t21:59:43.10-05:00," * min(size, 30_000) + "]"
    yield "comments", "# " * size + "\na: 1"
    yield "anchors", "".join(f"- &a{number} 1\n" for number in range(min(size, 60_000)))
    yield "documents", "---\na: 1\n" * size
    yield "directives", "%TAG ! tag:a,2000:\n" * size
    yield "escapes", '"' + "\\u0041" * size + '"'
    yield "surrogates", '"' + "\\ud800" * size + '"'
    yield "quotes", "'" * size
    yield "spaces", " " * size + "a: 1"
    yield "tabs", "\t" * size
    yield "lines", "\n" * size + "a: 1"
    yield "nulls", "\0" * size
    yield "wide CSV", ",".join("a" * 3 for _ in range(size)) + "\n" + "1," * size
    yield "long CSV", "kind,id,parameter,value,unit\n" + "qubit,0,t1,1,us\n" * size
    yield "open CSV field", 'kind,id\n"' + "a" * size
    yield "source", "def f(x: " + "list[" * size + "int" + "]" * size + "): ..."
    yield "long source", "x = 1\n" * size
    yield "source with operators", "def f(x=" + "-" * size + "1): ..."
    yield "pattern", "(" * min(size, 500) + "a+" + ")+" * min(size, 500) + "$"


def _alias_bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 9)}]" for level in range(1, levels + 1)]
    return "\n".join(lines)


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _tar(size: int) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("manifest.json")
        member.size = size
        archive.addfile(member, io.BytesIO(np.zeros(size, np.uint8).tobytes()))
    return packed.getvalue()
