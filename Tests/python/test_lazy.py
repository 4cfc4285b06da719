"""Variables that are loaded when they are first used: nobody can tell, but for the time."""

from __future__ import annotations

import builtins
import copy
import gc
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import podfs
import pytest
from conftest import podfs_program, run
from podfs import Namespace
from podfs.lazy import bound_items

CODE = """
import math
a = [1, 2]
b = {"same": a}
text = "text"
number = 5
class Thing:
    size = 3
thing = Thing()
def add():
    return number + len(a)
"""


@pytest.fixture
def session(tmp_path: Path) -> podfs.Session:
    return podfs.Store(tmp_path / "store").session("alice")


@pytest.fixture
def lazy(session: podfs.Session) -> Namespace:
    """A namespace with none of its variables loaded, of commit 1."""
    session.save(run(CODE, session.namespace()))
    namespace = session.load()
    assert bound(namespace) == set()
    return namespace


def bound(namespace: Namespace) -> set[str]:
    """Return the variables of *namespace* that are loaded."""
    return {name for name, _ in bound_items(namespace) if not name.startswith("__")}


def test_a_variable_is_loaded_with_what_shares_objects_with_it(lazy: Namespace) -> None:
    assert lazy["text"] == "text"
    assert bound(lazy) == {"text"}
    lazy["a"].append(3)
    assert bound(lazy) == {"text", "a", "b"}
    assert lazy["b"]["same"] is lazy["a"]


def test_code_finds_them_everywhere(lazy: Namespace) -> None:
    run(
        """
class Other(Thing):
    total = number + 1
    names = [text for _ in range(2)]
    def __init__(self, default=math.pi): self.value = default
def use(): return (lambda: text * 2)()
result = [Other.total, Other().size, use(), add(), eval("number"), "b" in globals()]
""",
        lazy,
    )
    assert lazy["result"] == [6, 3, "texttext", 7, 5, True]


@pytest.mark.parametrize(
    "use",
    [
        lambda n: sorted(n),
        lambda n: [*n.keys()],
        lambda n: len(n),
        lambda n: "thing" in n and "nothing" not in n,
        lambda n: n.get("number", 0) + n.get("nothing", 1),
        lambda n: n.pop("number"),
        lambda n: (n.pop("nothing", 3), len(n)),
        lambda n: n.setdefault("number", 9),
        lambda n: n.setdefault("new", 9),
        lambda n: sorted(dict(n)),
        lambda n: sorted({**n}),
        lambda n: sorted(n | {"z": 1}),
        lambda n: sorted({"z": 1} | n),
        lambda n: sorted(n.copy()),
        lambda n: sorted(copy.copy(n)),
        lambda n: {k: v for k, v in n.items() if isinstance(v, (int, str, list))},
        lambda n: len(list(n.values())),
        lambda n: n["text"],
        lambda n: n == dict(n),
        lambda n: n.popitem()[0] in CODE,
        lambda n: (n.update(number=1), n["number"], len(n)),
        lambda n: (n.__ior__({"number": 2}), n["number"], len(n))[1:],
        lambda n: (n.clear(), len(n), list(n)),
        lambda n: (n.__delitem__("a"), sorted(n), n["b"]),
        lambda n: "'number': 5" in repr(n),
    ],
)
def test_it_is_used_like_any_namespace(
    session: podfs.Session, lazy: Namespace, use: Callable[[Namespace], Any]
) -> None:
    eager = Namespace(session.load(names=sorted(lazy)))
    assert use(lazy) == use(eager)


def test_what_is_not_there_is_an_error(lazy: Namespace) -> None:
    with pytest.raises(KeyError):
        lazy["nothing"]
    with pytest.raises(KeyError):
        del lazy["nothing"]
    with pytest.raises(NameError):
        run("nothing", lazy)


def test_a_name_that_is_bound_anew_has_no_old_value(lazy: Namespace) -> None:
    run("number = 6\ndel text", lazy)
    assert lazy["number"] == 6
    assert "text" not in lazy
    run("def change():\n    global number, a\n    number = 7\n    a = 8\nchange()", lazy)
    assert (lazy["number"], lazy["a"]) == (7, 8)
    assert lazy["b"] == {"same": [1, 2]}
    del lazy["number"]
    assert "number" not in lazy


def test_a_function_that_removes_a_global(session: podfs.Session, lazy: Namespace) -> None:
    run(
        "def remove():\n    global number, text\n    del number\n    text = 1\n    del text\n"
        "remove()",
        lazy,
    )
    assert "number" not in lazy
    assert "text" not in lazy
    session.save(lazy)
    again = session.load()
    again["new"] = 1
    for name in ("number", "text"):
        run(f"{name} = 1", again)
    run("remove()", again)
    assert "number" not in again


@pytest.mark.parametrize("through", ["wraps", "closure", "method"])
def test_code_in_other_code_that_removes_a_global(lazy: Namespace, through: str) -> None:
    codes = {
        "wraps": "import functools\ndef wrap(f):\n    @functools.wraps(f)\n    def g(): f()\n"
        "    return g\n@wrap\ndef remove():\n    global text\n    del text\nremove()",
        "closure": "def make():\n    def inner():\n        global text\n        del text\n"
        "    return inner\nmake()()",
        "method": "class C:\n    @staticmethod\n    def m():\n        global text\n"
        "        del text\nC.m()",
    }
    run(codes[through], lazy)
    assert "text" not in lazy


def test_a_save_keeps_what_nobody_used(session: podfs.Session, lazy: Namespace) -> None:
    assert session.save(lazy).changed == ()
    lazy["number"] = 6
    revision = session.save(lazy)
    assert revision.changed == ("number",)
    assert bound(lazy) <= {"number", "add", "a", "b"}
    assert session.load(revision)["thing"].size == 3
    lazy["a"].append(3)
    assert session.save(lazy).changed == ("a", "b")
    del lazy["text"]
    assert session.save(lazy).changed == ("text",)
    assert session.save(lazy).changed == ()
    assert session.load().keys() == lazy.keys()


def test_an_old_commit_can_be_saved_unused(session: podfs.Session, lazy: Namespace) -> None:
    run("number = 6; a.append(3); new = 1", lazy)
    session.save(lazy)
    old = session.load(1)
    revision = session.save(old)
    assert set(revision.changed) == {"number", "a", "b", "new"}
    assert "thing" not in bound(old)
    assert session.diff(1, revision) == session.diff(1, 1)


def test_unused_variables_of_a_removed_commit_stay(tmp_path: Path) -> None:
    session = podfs.Store(tmp_path / "store").session("alice")
    session.save(run("x = list(range(1000)); y = 1"))
    session.save(run("z = 1"))
    old = session.load(1)
    podfs_program(session.store.path, "prune", "alice", "--keep-last", "1")
    podfs_program(session.store.path, "gc")
    revision = session.save(old)
    assert set(revision.changed) == {"x", "y", "z"}
    assert old["x"] == list(range(1000))
    assert session.load(revision)["x"] == list(range(1000))


def test_when_all_is_loaded_nothing_is_left_of_it(lazy: Namespace) -> None:
    run("def early(): return len(text)", lazy)
    dict(lazy)
    assert type(lazy).__name__ != "_LazyNamespace"
    assert lazy["__builtins__"] is vars(builtins)
    assert lazy["early"]() == 4


def test_threads_load_each_variable_once(session: podfs.Session) -> None:
    session.save(
        run("values = [[] for _ in range(50)]\n" + "\n".join(f"v{i} = [{i}]" for i in range(50)))
    )
    for _ in range(5):
        namespace = session.load()
        found: list[list[Any]] = []

        def look(namespace: Namespace = namespace, found: list[list[Any]] = found) -> None:
            found.append([namespace[f"v{i}"] for i in range(50)])

        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        for values in found[1:]:
            assert all(one is other for one, other in zip(values, found[0]))


def test_a_value_whose_code_asks_for_itself(session: podfs.Session) -> None:
    code = """
class Odd:
    def __init__(self): self.kept = 1
    def __setstate__(self, state):
        self.__dict__.update(state)
        self.seen = sorted(name for name in ("odd", "number") if name in globals())
number = 1
odd = Odd()
"""
    session.save(run(code))
    namespace = session.load()
    assert "number" in namespace["odd"].seen


def test_a_namespace_with_unused_variables_is_freed(
    session: podfs.Session, lazy: Namespace
) -> None:
    class Marker:
        pass

    second = session.load()
    assert second.keys() == lazy.keys()
    second["marker"] = Marker()
    marker = weakref.ref(second["marker"])
    del second
    gc.collect()
    assert marker() is None


def test_a_checkout_of_unused_variables_loads_what_differs(
    session: podfs.Session, lazy: Namespace
) -> None:
    run("number = 6; a.append(3); del text; new = 1", lazy)
    session.save(lazy)
    namespace = session.load()
    done = session.checkout(1, into=namespace)
    assert set(done.loaded) == {"number", "a", "b", "text"}
    assert done.removed == ("new",)
    assert "new" not in namespace
    assert "thing" not in bound(namespace)
    assert namespace["number"] == 5
    assert namespace["b"] == {"same": [1, 2]}
    session.checkout(2, into=namespace)
    assert "text" not in namespace
    assert namespace["new"] == 1


def test_what_others_changed_comes_in_place_of_what_is_unused(
    session: podfs.Session, lazy: Namespace
) -> None:
    other = session.load()
    run("number = 6; a.append(3); del text", other)
    session.save(other)
    lazy["own"] = 1
    assert set(session.save(lazy).adopted) == {"number", "a", "b", "text"}
    assert "text" not in lazy
    assert lazy["number"] == 6
    assert lazy["b"]["same"] is lazy["a"]
    assert lazy["a"] == [1, 2, 3]
