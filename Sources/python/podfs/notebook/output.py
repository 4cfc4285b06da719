"""What a cell prints, kept while it is printed as ever."""

from __future__ import annotations

import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OUTPUT_LIMIT", "CappedText", "Tee"]

#: Of what a cell prints, as many characters are kept: the first half of them, and the last.
OUTPUT_LIMIT = 64 * 1024

_PIECES = 512


class CappedText:
    """Text that grows, of which the beginning and the end are kept."""

    def __init__(self, limit: int = OUTPUT_LIMIT) -> None:
        self._half = limit // 2
        self._head: list[str] = []
        self._room = self._half
        self._tail: deque[str] = deque()
        self._tail_length = 0
        self._left_out = 0

    def add(self, text: str) -> None:
        """Append *text*."""
        if self._room > 0:
            self._head.append(text[: self._room])
            text = text[self._room :]
            self._room -= len(self._head[-1])
        if text:
            self._left_out += max(0, len(text) - self._half)
            self._tail.append(text[-self._half :])
            self._tail_length += len(self._tail[-1])
        while self._tail and self._tail_length - len(self._tail[0]) >= self._half:
            dropped = len(self._tail.popleft())
            self._tail_length -= dropped
            self._left_out += dropped

    def __str__(self) -> str:
        tail = "".join(self._tail)
        left_out = self._left_out + max(0, len(tail) - self._half)
        if not left_out:
            return "".join(self._head) + tail
        gap = f"\n… {left_out:,} characters are left out …\n"
        return "".join(self._head) + gap + tail[-self._half :]


class Tee:
    """Keeps what is written to the ``sys.stdout`` of now, until it is stopped.

    The stream stays the same object, since programs look at its type; only its method ``write``
    is covered. Where that cannot be, nothing is kept. *is_wanted* tells of each piece whether it
    is the cell's.
    """

    def __init__(self, is_wanted: Callable[[], bool]) -> None:
        self._is_wanted = is_wanted
        self._text = CappedText()
        #: What was written last: programs write in small pieces.
        self._pieces: list[str] = []
        self._lock = threading.RLock()
        self._stream = cast(Any, sys.stdout)
        self._below: Callable[..., Any] | None = getattr(self._stream, "write", None)
        self._was_covered = "write" in getattr(self._stream, "__dict__", {})
        self._is_on = self._below is not None
        if self._is_on:
            try:
                self._stream.write = self._write
            except (AttributeError, TypeError):
                self._is_on = False

    def _write(self, text: Any, *arguments: Any, **keywords: Any) -> Any:
        assert self._below is not None
        result = self._below(text, *arguments, **keywords)
        if self._is_on and isinstance(text, str) and self._is_wanted():
            self._pieces.append(text)
            if len(self._pieces) > _PIECES or len(text) > OUTPUT_LIMIT:
                self._fold()
        return result

    def _fold(self) -> None:
        """Move what was written into the text; other threads may go on writing."""
        with self._lock:
            count = len(self._pieces)
            self._text.add("".join(self._pieces[:count]))
            del self._pieces[:count]

    def stop(self) -> str:
        """Let the stream be what it was, and return what was written."""
        if self._is_on:
            self._is_on = False
            # What somebody has put over it since goes on writing through it.
            if getattr(self._stream, "__dict__", {}).get("write") == self._write:
                if self._was_covered:
                    self._stream.write = self._below
                else:
                    del self._stream.write
        self._fold()
        return str(self._text)
