"""What the commands show: a table in a terminal, and HTML in a notebook."""

from __future__ import annotations

import html
import shutil
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Table", "names_in_line", "one_line", "printable"]

_GAP = "  "
_MINIMUM = 20

#: So many names are told in a line; the others are counted.
_NAMES_TOLD = 6


def printable(text: str) -> str:
    """Return *text* without what means something to a terminal, apart from ends of lines."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def one_line(text: str) -> str:
    """Return the first line of *text* that has something in it, with a mark if there are more."""
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    if not lines:
        return ""
    return printable(lines[0]) + (" …" if len(lines) > 1 else "")


def names_in_line(names: Sequence[str]) -> str:
    """Return *names* with commas between, or the first of them and how many there are."""
    more = len(names) - _NAMES_TOLD
    return ", ".join(names[:_NAMES_TOLD]) + (f" and {more} more" if more > 0 else "")


def _width(text: str) -> int:
    """Return how many columns of a terminal *text* takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _fit(text: str, width: int) -> str:
    """Return *text*, or as much of its beginning as has room in *width* columns."""
    if _width(text) <= width:
        return text
    taken = ""
    for c in text:
        if _width(taken + c) >= width:
            break
        taken += c
    return taken + "…"


class Table:
    """Rows of texts under the names of *columns*; *numbers* are set to the right, *code* as code.

    *title* comes before the rows, and *note* after them, or in their place if there are none.
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        title: str = "",
        note: str = "",
        numbers: Sequence[str] = (),
        code: Sequence[str] = (),
    ) -> None:
        self.columns = list(columns)
        self.rows = [[one_line(text) for text in row] for row in rows]
        self.title = printable(title)
        self.note = printable(note)
        self._is_number = [name in numbers for name in columns]
        self._is_code = [name in code for name in columns]

    def __str__(self) -> str:
        lines = [self.title] if self.title else []
        if self.rows:
            widths = [max(map(_width, texts)) for texts in zip(self.columns, *self.rows)]
            room = shutil.get_terminal_size((100, 24)).columns
            # The last column has the longest texts, and gives way.
            others = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
            widths[-1] = min(widths[-1], max(_MINIMUM, room - others))
            head = [self.columns] if any(self.columns) else []
            lines += [self._line(row, widths) for row in [*head, *self.rows]]
        lines += [self.note] if self.note else []
        return "\n".join(lines)

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        cells = []
        for text, width, is_number in zip(row, widths, self._is_number):
            text = _fit(text, width)
            padding = " " * (width - _width(text))
            cells.append(padding + text if is_number else text + padding)
        return _GAP.join(cells).rstrip()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [f"<pre>{html.escape(self.title)}</pre>"] if self.title else []
        if self.rows:
            head = "".join(map(self._heading, self.columns, self._is_number))
            head = f"<thead><tr>{head}</tr></thead>" if any(self.columns) else ""
            body = "".join(
                f"<tr>{''.join(map(self._cell, row, self._is_number, self._is_code))}</tr>"
                for row in self.rows
            )
            parts.append(f"<table>{head}<tbody>{body}</tbody></table>")
        parts += [f"<p>{html.escape(self.note)}</p>"] if self.note else []
        return "".join(parts)

    @staticmethod
    def _heading(text: str, is_number: bool) -> str:
        side = "right" if is_number else "left"
        return f'<th style="text-align: {side}">{html.escape(text)}</th>'

    @staticmethod
    def _cell(text: str, is_number: bool, is_code: bool) -> str:
        side = "right" if is_number else "left"
        content = f"<code>{html.escape(text)}</code>" if is_code and text else html.escape(text)
        return f'<td style="text-align: {side}">{content}</td>'
