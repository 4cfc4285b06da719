"""Importing the package changes nothing in the process."""

from __future__ import annotations

from conftest import python


def test_importing_changes_nothing(tmp_path: object) -> None:
    code = """
import copyreg, gc, os, pickle, random, signal, sys, threading, warnings
# These may be imported.
import contextlib, ctypes, dataclasses, datetime, io, json, pathlib, typing, weakref
random.seed(1)
def state():
    return (
        random.getstate(), sorted(vars(pickle)), dict(vars(pickle)), dict(copyreg.dispatch_table),
        threading.enumerate(), sys.getrecursionlimit(), os.getcwd(), os.listdir('.'),
        sys.path[:], sys.meta_path[:], sys.excepthook, sys.displayhook, dict(os.environ),
        warnings.filters[:], signal.getsignal(signal.SIGINT), gc.callbacks[:],
        threading.active_count(), sys.gettrace(), sys.getprofile(), os.listdir(os.environ['HOME']),
    )
before = state()
import podfs
assert state() == before
assert 'cloudpickle' not in sys.modules and 'numpy' not in sys.modules
print('same')
"""
    assert python(code, HOME=str(tmp_path)) == "same\n"
