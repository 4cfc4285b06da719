"""Trial loads: what is saved for the first time is loaded once, by a process of its own.

Some libraries pickle values that they cannot load. Nobody would know before the value is needed. So
types of libraries that a save meets for the first time, and those that are known not to come back,
get a trial: a new interpreter loads what the commit has changed. It has no object, thread, lock or
device in common with the session, and works under limits of time and memory while the session goes
on. A value whose load fails is left out of later saves and named.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .lazy import bound_value
from .revision import Unsaved
from .telling import class_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from .place import Place

__all__ = ["Trial", "Trials", "is_of_library"]

#: How long a trial may take, in seconds.
_SECONDS = 30

#: Values of more bytes are not tried.
_SIZE = 64 << 20

_CHILD = (
    "import json, sys; job = json.load(sys.stdin); sys.path[:] = job['path']; "
    "from podfs.tried import run; run(job)"
)


class Trial:
    """The load of variables of a commit by another process, which a thread waits for."""

    def __init__(self, job: dict[str, Any], values: dict[str, Any]) -> None:
        #: The values that it is about; they need not be kept for it.
        self.values = {name: _reference(value) for name, value in values.items()}
        self.kinds = {name: type(value) for name, value in values.items()}
        self._reasons: dict[str, str] = {}
        self._thread = threading.Thread(
            target=self._run, args=(job,), name="podfs-trial", daemon=True
        )
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether what came of it is known."""
        return not self._thread.is_alive()

    def failures(self, *, wait: bool) -> list[Unsaved]:
        """Return the variables that could not be loaded, as far as that is known without *wait*."""
        if wait:
            self._thread.join()
        return [
            Unsaved(name, class_name(self.kinds[name]), reason)
            for name, reason in sorted(self._reasons.items())
        ]

    def _run(self, job: dict[str, Any]) -> None:
        """Try all at once; if a value ends that without an answer, one by one, as far as time goes.

        If it could not be begun, or was ended by a limit, nothing is known.
        """
        end = time.monotonic() + 2 * _SECONDS
        try:
            failed = _answer(job)
            if failed is None:
                failed = {}
                for name in job["names"]:
                    if time.monotonic() > end:
                        break
                    alone = _answer({**job, "names": [name]})
                    failed.update({name: "its load ends the process"} if alone is None else alone)
        except Exception:
            return
        self._reasons = {name: failed[name] for name in self.values if name in failed}


def _answer(job: dict[str, Any]) -> dict[str, str] | None:
    """Return what could not be loaded by another process, or None if a value ended that."""
    path = [os.path.abspath(entry) for entry in sys.path]  # noqa: PTH100
    with tempfile.TemporaryFile() as output:  # no pipe, which what a value starts would hold
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _CHILD],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        limit = threading.Timer(_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        limit.daemon = True
        limit.start()
        try:
            assert process.stdin is not None
            with suppress(BrokenPipeError), process.stdin as told:
                told.write(json.dumps({**job, "path": path}).encode())
            # Until it is waited for, its number is that of its group and no other's.
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        finally:
            limit.cancel()
            limit.join()
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
        output.seek(0)
        begun, *answers = output.read().splitlines() or [b""]
    if answers:
        failed: dict[str, str] = json.loads(answers[0])["failed"]
        return failed
    return None if begun == b"begun" and status >= 0 else {}


class _Failure(NamedTuple):
    value: Callable[[], Any]
    told: Unsaved


def _reference(value: Any) -> Callable[[], Any]:
    """Return what gives *value* as long as it exists."""
    try:
        return weakref.ref(value)
    except TypeError:  # of a container, which would give its address to the next one
        return lambda: value


class Trials:
    """The trials of the saves of one session."""

    def __init__(self, place: Place) -> None:
        self._place = place
        #: The types that were met, by identity.
        self._met: dict[int, type] = {}
        #: Those of them that did not come back, here or elsewhere: every commit that has any of
        #: their values is tried.
        self._suspects: dict[int, type] = {}
        self._pending: list[Trial] = []
        self._failed: dict[str, _Failure] = {}

    def refused(self, namespace: dict[str, Any]) -> list[Unsaved]:
        """Return the variables of *namespace* whose values are known not to be loaded again."""
        for trial in [trial for trial in self._pending if trial.is_over]:
            self._pending.remove(trial)
            for told in trial.failures(wait=False):
                self._failed[told.name] = _Failure(trial.values[told.name], told)
                kind = trial.kinds[told.name]
                self._suspects[id(kind)] = kind
        for name, failure in list(self._failed.items()):
            value = failure.value()
            if value is None or bound_value(namespace, name) is not value:
                del self._failed[name]
        return [failure.told for failure in self._failed.values()]

    def begin(
        self, kinds: Collection[type], namespace: dict[str, Any], revision: int, changed: list[str]
    ) -> Trial | None:
        """Begin a trial of what a commit has *changed*, if a type among *kinds* needs one."""
        new = [kind for kind in kinds if id(kind) not in self._met]
        self._met.update((id(kind), kind) for kind in new)
        is_needed = self._note(new) or any(id(kind) in self._suspects for kind in kinds)
        if not is_needed or not _can_run():
            return None
        values = {name: bound_value(namespace, name) for name in changed}
        values = {name: value for name, value in values.items() if type(value) not in _SIMPLE}
        if not values:
            return None
        job = {
            "store": self._place.handle.path,
            "session": self._place.name,
            "revision": int(revision),
            "names": list(values),
            "size": _SIZE,
            "seconds": _SECONDS,
        }
        try:
            trial = Trial(job, values)
        except RuntimeError:  # no thread can be started: the interpreter ends
            return None
        self._pending.append(trial)
        return trial

    def _note(self, kinds: list[type]) -> bool:
        """Note those of *kinds* that are known not to come back; tell if any is not known."""
        library = [kind for kind in kinds if is_of_library(kind)]
        verdicts = [(kind, _known_types().get(class_name(kind))) for kind in library]
        self._suspects.update((id(kind), kind) for kind, known in verdicts if known == "lost")
        return any(known is None for _, known in verdicts)


_SIMPLE = frozenset({bool, bytearray, bytes, complex, float, int, str, type(None)})


def is_of_library(kind: type) -> bool:
    """Tell whether *kind* is defined in an installed package."""
    module = getattr(kind, "__module__", None)
    if not isinstance(module, str) or module == "__main__":
        return False
    file = getattr(sys.modules.get(module), "__file__", None)
    return isinstance(file, str) and bool({"site-packages", "dist-packages"} & {*Path(file).parts})


@cache
def _known_types() -> dict[str, str]:
    """Return what mount-scripts/libraries has found out of types: "loaded" or "lost"."""
    text = (Path(__file__).parent / "known_types.json").read_text(encoding="utf-8")
    known: dict[str, str] = json.loads(text)
    return known


@cache
def _can_run() -> bool:
    """Tell whether there is an interpreter to run trials with, and nobody forbids them."""
    name = Path(sys.executable or "").name
    is_python = re.fullmatch(r"(python|pypy)[\d.]*t?(\.exe)?", name) is not None
    return is_python and os.environ.get("PODFS_TRIAL", "1") != "0"
