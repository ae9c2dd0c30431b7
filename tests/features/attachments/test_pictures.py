"""Pictures that users attach: metadata are removed, photographs stand upright, and other contents are refused."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from qdash_builtin.attachments.accepted_files import TEXT_FILES
from qdash_builtin.attachments.pictures import make_thumbnail
from qdash_core.errors import InvalidInputError

from ...photographs import PLACE, make_photograph, make_picture, open_picture

SUFFIXES = {"GIF": "gif", "JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


@pytest.mark.parametrize("kind", SUFFIXES)
def test_a_picture_without_metadata_is_kept_byte_by_byte(kind: str) -> None:
    contents = make_picture(kind)
    assert TEXT_FILES.prepare(f"a.{SUFFIXES[kind]}", contents) == (f"image/{kind.lower()}", contents)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_place_of_a_photograph_is_removed_and_it_stands_upright(kind: str) -> None:
    photograph = make_photograph(kind)
    assert PLACE in photograph
    _, kept = TEXT_FILES.prepare(f"a.{SUFFIXES[kind]}", photograph)
    assert PLACE not in kept
    assert b"Camera" not in kept
    image = open_picture(kept)
    assert (image.format, image.size, dict(image.getexif())) == (kind, (400, 800), {})
    # Its black edge was on the left: after a quarter turn clockwise it is above.
    left, above = (image.convert("RGB").getpixel(place) for place in ((5, 400), (200, 5)))
    assert (left[0] > 200, above[0] < 50) == (True, True)


def test_a_photograph_keeps_the_quality_and_the_colours_of_its_camera() -> None:
    photograph = make_photograph(orientation=1)
    _, kept = TEXT_FILES.prepare("a.jpg", photograph)
    assert open_picture(kept).quantization == open_picture(photograph).quantization
    profile = Image.new("RGB", (4, 4))
    made = io.BytesIO()
    profile.save(made, "JPEG", icc_profile=b"profile", exif=Image.Exif().tobytes(), comment=b"mine")
    _, kept = TEXT_FILES.prepare("a.jpg", made.getvalue())
    assert (b"mine" in kept, open_picture(kept).info["icc_profile"]) == (False, b"profile")


def test_the_texts_of_a_png_are_removed_and_its_pixels_stay() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Ann")
    texts.add_itxt("Description", "in the cellar", zip=True)
    image = Image.new("I;16", (8, 8), 40_000)
    made = io.BytesIO()
    image.save(made, "PNG", pnginfo=texts)
    _, kept = TEXT_FILES.prepare("a.png", made.getvalue())
    found = open_picture(kept)
    assert (getattr(found, "text", None), found.getpixel((5, 5))) == ({}, 40_000)


def test_metadata_of_a_moving_picture_are_removed_and_all_its_frames_stay() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    made = io.BytesIO()
    frames[0].save(made, "WEBP", save_all=True, append_images=frames[1:], exif=exif.tobytes())
    _, kept = TEXT_FILES.prepare("a.webp", made.getvalue())
    assert (b"Camera" in kept, getattr(open_picture(kept), "n_frames", 1)) == (False, 3)


@pytest.mark.parametrize("kind", SUFFIXES)
def test_a_thumbnail_is_small_upright_and_has_no_metadata(kind: str) -> None:
    has_metadata = kind != "GIF"
    contents = (
        make_photograph(kind, size=(2000, 500)) if has_metadata else make_picture(kind, size=(500, 2000))
    )
    small = make_thumbnail("a", contents, f"image/{kind.lower()}")
    image = open_picture(small)
    assert (image.format, image.size, PLACE in small) == ("WEBP", (160, 640), False)


def test_a_transparent_picture_has_a_transparent_thumbnail() -> None:
    made = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(made, "PNG")
    image = open_picture(make_thumbnail("a.png", made.getvalue(), "image/png"))
    assert image.convert("RGBA").getpixel((5, 5))[3] == 0


def make_bomb(side: int) -> bytes:
    """Return a PNG of a few hundred bytes that says that it is a square of this side."""

    def chunk(name: bytes, contents: bytes) -> bytes:
        return (
            struct.pack(">I", len(contents))
            + name
            + contents
            + struct.pack(">I", zlib.crc32(name + contents))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [7_072, 10_000, 60_000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(InvalidInputError, match="50 million pixels are accepted: reduce its size"):
        TEXT_FILES.prepare("bomb.png", make_bomb(side))


@pytest.mark.parametrize(
    ("name", "contents", "message"),
    [
        ("a.png", make_picture("PNG")[:45], "a.png is not a complete picture of type image/png"),
        ("a.jpg", make_photograph()[:4000], "a.jpg is not a complete picture of type image/jpeg"),
        ("a.jpg", b"\xff\xd8\xff photograph", "a.jpg is not a complete picture of type image/jpeg"),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "a.webp is not a complete picture of type image/webp"),
        ("a.gif", b"GIF89a", "a.gif is not a complete picture of type image/gif"),
        ("a.png", make_picture("JPEG"), "a.png is not image/png: it is damaged"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", r"image/svg\+xml is not accepted"),
        ("a.html", b"<script>alert(1)</script>", "text/html is not accepted"),
        ("a.js", b"alert(1)", "is not accepted"),
        ("a.exe", b"MZ", "is not accepted"),
        ("a.bat", b"echo", "is not accepted"),
        ("a.npz", b"numbers", "a.npz is not application/x-npz: it is damaged"),
        ("a.h5", b"numbers", "a.h5 is not application/x-hdf5: it is damaged"),
        ("a.csv", bytes(20 * 2**20 + 1), "a.csv has 20971521 bytes; 20 MiB are possible"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_or_could_run_a_script_is_refused(
    name: str, contents: bytes, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        TEXT_FILES.prepare(name, contents)


@pytest.mark.parametrize(
    ("name", "contents", "media_type"),
    [
        ("scan.pdf", b"%PDF-1.7", "application/pdf"),
        ("data.csv", b"a,b\n1,2\n", "text/csv"),
        ("fridge.log", b"cold", "text/plain"),
        ("notes.TXT", b"cold", "text/plain"),
        ("trace.npz", b"PK\x03\x04", "application/x-npz"),
        ("trace.hdf5", b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
        ("all.zip", b"PK\x05\x06", "application/zip"),
    ],
)
def test_data_of_the_laboratory_are_kept_as_they_are(name: str, contents: bytes, media_type: str) -> None:
    assert TEXT_FILES.prepare(name, contents) == (media_type, contents)
