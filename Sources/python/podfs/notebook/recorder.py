"""The cells that a shell runs: when one begins and ends, and what is to be known of it."""

from __future__ import annotations

import os
import threading
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..revision import Cell
from .output import CappedText, Tee

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..cells import Reads

__all__ = ["CellRecorder"]

#: Longer errors are cut: some libraries put whole tables into theirs.
_ERROR_LIMIT = 8 * 1024


class _Run:
    """A cell that runs."""

    def __init__(self, info: Any, tee: Tee, reads: Reads | None) -> None:
        self.info = info
        self.reads = reads
        self.tee = tee
        self.start = time.perf_counter()


class CellRecorder:
    """Calls *before* with the code of each cell of *shell*, and *after* with what came of it.

    What *before* returns is what the code reads.

    A cell that another runs is part of that one. What runs silently, as the requests of an editor
    for its list of variables, is no cell. Neither is what runs in a process forked off the shell's.
    """

    def __init__(
        self, shell: Any, before: Callable[[str], Reads | None], after: Callable[[Cell], None]
    ) -> None:
        self._shell = shell
        self._before = before
        self._after = after
        #: The cells that run in each thread, each begun by the one before it.
        self._running: dict[int, list[_Run]] = {}
        self._process = os.getpid()
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    def stop(self) -> None:
        """Record no more cells."""
        for event, callback in (("pre_run_cell", self._begin), ("post_run_cell", self._end)):
            with suppress(ValueError):  # somebody else has taken it away
                self._shell.events.unregister(event, callback)
        for runs in self._running.values():
            for run in reversed(runs):
                run.tee.stop()
        self._running.clear()

    def _begin(self, info: Any) -> None:
        if os.getpid() != self._process:
            return
        runs = self._running.setdefault(threading.get_ident(), [])
        reads = None if runs else self._before(str(getattr(info, "raw_cell", "") or ""))
        runs.append(_Run(info, Tee(self._is_of_the_cell), reads))

    def _end(self, result: Any) -> None:
        if os.getpid() != self._process:
            return
        runs = self._running.get(threading.get_ident(), [])
        run, output = None, ""
        info = getattr(result, "info", None)
        if any(_is_same(entry.info, info) for entry in runs):
            while run is None or not _is_same(run.info, info):
                run = runs.pop()
                output = run.tee.stop()
        elif runs or not (getattr(info, "raw_cell", None) or "").strip():
            return  # a cell without code, which is not told to begin
        if not runs:
            self._running.pop(threading.get_ident(), None)
            self._after(_cell(result, run, output))

    def _is_of_the_cell(self) -> bool:
        """Tell whether what is being written is what the cell prints, and not its result."""
        shell = self._shell
        return not (
            getattr(shell, "showing_traceback", False)
            or getattr(shell.displayhook, "is_active", False)
            or getattr(shell.display_pub, "is_publishing", False)
        )


def _is_same(begun: Any, ended: Any) -> bool:
    """Tell whether two descriptions are of one run; a run that ends early may get a new one.

    A run that was cancelled has none.
    """
    return (
        begun is ended
        or ended is None
        or (getattr(begun, "raw_cell", None) == getattr(ended, "raw_cell", ()))
    )


def _cell(result: Any, run: _Run | None, output: str) -> Cell:
    info = run.info if run is not None else getattr(result, "info", None)
    error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
    if result is None:  # it was cancelled while it waited
        error = KeyboardInterrupt()
    is_counted = getattr(info, "store_history", True)
    return Cell(
        source=str(getattr(info, "raw_cell", "") or ""),
        execution_count=getattr(result, "execution_count", None) if is_counted else None,
        duration=None if run is None else time.perf_counter() - run.start,
        stdout=output,
        error=None if error is None else _describe(error),
        reads=None if run is None else run.reads,
    )


def _describe(error: BaseException) -> str:
    """Return what Python says of *error* in the last lines of a traceback."""
    try:
        text = "".join(traceback.format_exception_only(type(error), error)).strip()
    except Exception:  # an exception's own methods can fail
        text = type(error).__name__
    capped = CappedText(_ERROR_LIMIT)
    capped.add(text)
    return str(capped)
