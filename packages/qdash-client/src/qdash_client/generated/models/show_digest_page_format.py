from typing import Literal

ShowDigestPageFormat = Literal["html", "markdown", "text"]

SHOW_DIGEST_PAGE_FORMAT_VALUES: set[ShowDigestPageFormat] = {
    "html",
    "markdown",
    "text",
}


def check_show_digest_page_format(value: str) -> ShowDigestPageFormat:
    if value in SHOW_DIGEST_PAGE_FORMAT_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SHOW_DIGEST_PAGE_FORMAT_VALUES!r}")
