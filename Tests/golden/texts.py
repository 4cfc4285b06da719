"""Texts and bytes as `repr` of Python 3.11 writes them."""

from __future__ import annotations

from collections.abc import Callable

_TEXTS = [
    *(
        "",
        "a",
        "it's",
        'say "x"',
        "both ' and \"",
        "\\",
        "back\\slash'",
        "\n",
        "a\tb\rc",
        "\x00\x1f\x7f",
    ),
    *(
        "é",
        "\x80\x9f\xa0\xad",
        "ÿĀ",
        "日本語",
        "😀",
        "👩‍👩‍👧",
        "e\u0301",
        "\u200b\u200e\u2028\u2029",
        "\ufeff",
    ),
    *(
        "\ue000",
        "\ud800",
        "a\udfff",
        "\U0001f600\ud83d",
        "\U0010ffff",
        "\ufdd0\ufffe\uffff",
        "\u3000 x",
        "עברית",
    ),
    *(
        "\u0378",
        "\u0cf3",
        "\U0001fae8",
        "\U00031350",
        "\u2ffc",
        "\U000e0041",
        "\U0001d173",
        "ﷺ",
        "\u1680",
        "ß" * 30,
    ),
    *(chr(code) * 3 for code in range(0x20, 0x180, 7)),
]
_BYTES = [
    *(
        b"",
        b"a",
        b"it's",
        b'say "x"',
        b"both ' and \"",
        b"\\",
        b"\n\r\t",
        bytes(range(0x18)),
        b"\x7f\x80\xff",
        b"'\\'",
    ),
    *(bytearray(b"a'b\x00"), bytearray(b"\"'")),
]

CASES: dict[str, Callable[[], object]] = {"str": lambda: _TEXTS, "bytes": lambda: _BYTES}


def _lines(value: object) -> str:
    assert isinstance(value, list)
    return "".join(f"  {item!r},\n" for item in value) + "]\n"


PYTHON: dict[str, Callable[[object], str]] = dict.fromkeys(CASES, _lines)
