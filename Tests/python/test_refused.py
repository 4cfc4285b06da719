"""A value whose pickle the store does not take is left out and named; the others are saved."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from conftest import python

#: Lists in a tuple that all hold the tuple: pickle writes the tuple once for each of them, which
#: takes a deeper recursion than Python allows by itself.
CODE = """
import sys, threading
import podfs

def work():
    tangled = tuple([] for _ in range(3000))
    for item in tangled:
        item.append(tangled)
    shared = [1]
    namespace = {"a": shared, "tangled": tangled, "z": [shared]}
    session = podfs.Store(sys.argv[1]).session("alice")
    for _ in range(2):
        revision = session.save(namespace)
        ((name, kind, reason),) = revision.unsaved
        assert (name, kind) == ("tangled", "tuple"), revision.unsaved
        assert reason.startswith("an unusual pickle: tuples that hold themselves"), reason
        loaded = session.load(revision)
        assert loaded == {"a": [1], "z": [[1]]}
        assert loaded["z"][0] is loaded["a"]
        shared.append(2)
        shared.pop()
    print("done")

sys.setrecursionlimit(100_000)
threading.stack_size(512 << 20)
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.skipif(
    sys.version_info[:2] == (3, 12), reason="CPython 3.12 does not pickle what is so deep"
)
def test_a_value_whose_pickle_is_refused_is_named(tmp_path: Path) -> None:
    code = CODE.replace("sys.argv[1]", repr(str(tmp_path / "store")))
    assert python(code) == "done\n"


def test_an_interrupt_leaves_everything_as_it_was(tmp_path: Path) -> None:
    from podfs import Store

    class Stop:
        armed = False

        def __reduce__(self) -> tuple[object, ...]:
            if Stop.armed:
                raise KeyboardInterrupt
            return int, (7,)

    session = Store(tmp_path / "store").session("alice")
    namespace = {"x": [1], "stop": Stop(), "lock": threading.Lock()}
    first = session.save(namespace)
    namespace["y"] = 2
    Stop.armed = True
    try:
        session.save(namespace)
    except KeyboardInterrupt:
        Stop.armed = False
    assert not Stop.armed
    assert session.head() == first
    assert set(namespace) == {"x", "y", "stop", "lock"}
    second = session.save(namespace)
    assert (second, second.changed) == (first + 1, ("y",))
    assert session.load(second) == {"x": [1], "y": 2, "stop": 7}
