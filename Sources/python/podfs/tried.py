"""The process that makes a trial load; see :mod:`podfs.trial`."""

from __future__ import annotations

import json
import os
import resource
import signal
from pathlib import Path
from typing import Any

__all__ = ["run"]

#: How much memory a trial may take, beside what it maps of files.
_MEMORY = 8 << 30

#: Errors of this process or of the machine, which say nothing of the value.
_OTHERS = (ImportError, MemoryError, OSError, RecursionError)
_DEVICES = ("CUDA", "cuda", "HIP", "MPS", "XLA", "out of memory")


def run(job: dict[str, Any]) -> None:
    """Load what *job* says, print which variables failed, and end the process."""
    output = _protect(job["seconds"])
    try:
        failed = _failures(job, output)
    except Exception:
        failed = {}  # nothing is known
    except BaseException:
        os._exit(1)  # of a value
    with os.fdopen(output, "w") as file:
        json.dump({"failed": failed}, file)
    os._exit(0)  # without what libraries do at the end


def _protect(seconds: int) -> int:
    """Set the limits of this process, and return where its result goes: nothing else is printed."""
    os.nice(19)
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_DATA, _MEMORY),
    ):
        _, most = resource.getrlimit(limit)
        wanted = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (wanted, most))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)  # the session may be gone by then
    output = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    return output


def _failures(job: dict[str, Any], output: int) -> dict[str, str]:
    """Return the variables that cannot be loaded, and why; tell *output* when values are loaded."""
    from .loading import load_each
    from .namespace import Namespace
    from .store import Store
    from .telling import reason
    from .unpickler import Loader

    if not (Path(job["store"]) / "format").exists():
        raise FileNotFoundError(job["store"])  # opening would make it again
    session = Store(job["store"]).session(job["session"], create=False)
    revision = job["revision"]
    known = session.variables(revision)
    names = [name for name in job["names"] if name in known and known[name].size <= job["size"]]

    def lost(names: list[str]) -> dict[str, BaseException | None]:
        loaded = load_each(Loader(Namespace()), session._place, revision, names)
        return {name: entry.error.__cause__ for name, entry in loaded.lost.items()}

    os.write(output, b"begun\n")
    failed: dict[str, str] = {}
    for name in lost(names):
        # By itself: it may have failed for what it shares objects with.
        cause = lost([name]).get(name)
        if cause is not None and _is_of_value(cause):
            failed[name] = f"its pickle cannot be loaded: {reason(cause)}"
    return failed


def _is_of_value(error: BaseException) -> bool:
    """Tell whether *error* comes from the value, and would come again elsewhere."""
    return not isinstance(error, _OTHERS) and not any(word in str(error) for word in _DEVICES)
