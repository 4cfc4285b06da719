"""A namespace with any number of variables unloaded does what a plain dict does.

Each use is made of a namespace of which some variables are loaded and of a plain dict that holds
the same. Both must answer alike, hold the same afterwards, and save the same.
"""

from __future__ import annotations

import collections
import copy
import itertools
import json
import pickle
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import podfs
import pytest
from conftest import run

VALUES: dict[str, Any] = {"a": [1], "b": 2, "c": "three"}

#: The variables that are loaded before the use: all subsets.
LOADED = [names for size in range(4) for names in itertools.combinations(VALUES, size)]

Dict = dict[str, Any]

USES: dict[str, Callable[[Any], Any]] = {
    "get item": lambda d: (d["a"], d["b"]),
    "get missing item": lambda d: d["nothing"],
    "set item": lambda d: d.__setitem__("a", 5),
    "set each item": lambda d: [d.__setitem__(name, 5) for name in "abc"],
    "set new item": lambda d: d.__setitem__("new", 5),
    "delete item": lambda d: d.__delitem__("a"),
    "delete each item": lambda d: [d.__delitem__(name) for name in "abc"],
    "delete missing item": lambda d: d.__delitem__("nothing"),
    "delete twice": lambda d: (d.__delitem__("a"), d.__delitem__("a")),
    "contains": lambda d: ("a" in d, "c" in d, "nothing" in d, 5 in d),
    "contains unhashable": lambda d: [] in d,
    "len": lambda d: len(d),
    "bool": lambda d: bool(d),
    "iterate": lambda d: sorted(d),
    "iterate and read": lambda d: {name: d[name] for name in d},
    "reversed": lambda d: list(reversed(d)) == list(d)[::-1],
    "get": lambda d: (d.get("a"), d.get("nothing"), d.get("nothing", 7)),
    "setdefault": lambda d: (d.setdefault("a", 7), d.setdefault("new", 7), d.setdefault("other")),
    "pop": lambda d: d.pop("a"),
    "pop each": lambda d: [d.pop(name) for name in "abc"],
    "pop with default": lambda d: (d.pop("a", 7), d.pop("a", 7)),
    "pop missing": lambda d: d.pop("nothing"),
    "popitem": lambda d: [d.popitem()[0] in VALUES for _ in range(1)],
    "popitem until empty": lambda d: sorted(d.popitem()[0] for _ in range(3)),
    "popitem of empty": lambda d: [d.popitem()[0] for _ in range(4)],
    "clear": lambda d: (d.clear(), len(d), list(d)),
    "clear and set": lambda d: (d.clear(), d.__setitem__("a", 5)),
    "update by keywords": lambda d: d.update(a=5, new=6),
    "update by dict": lambda d: d.update({"a": 5, "b": 6, "c": 7}),
    "update by pairs": lambda d: d.update([("a", 5), ("new", 6)], c=7),
    "update by itself": lambda d: d.update(d),
    "update by nothing": lambda d: d.update(),
    "update by garbage": lambda d: d.update(5),
    "in-place or": lambda d: d.__ior__({"a": 5, "b": 6, "c": 7}) is d,
    "in-place or of pairs": lambda d: d.__ior__([("a", 5)]) is d,
    "or": lambda d: d | {"a": 5, "z": 6},
    "reflected or": lambda d: {"a": 5, "z": 6} | d,
    "or of garbage": lambda d: d | 5,
    "update another": lambda d: _updated({"a": 5}, d),
    "copy": lambda d: d.copy(),
    "copy.copy": lambda d: copy.copy(d),
    "copy.deepcopy": lambda d: copy.deepcopy(d),
    "pickle": lambda d: pickle.loads(pickle.dumps(d)),
    "old pickle": lambda d: pickle.loads(pickle.dumps(d, 2)),
    "json": lambda d: json.loads(json.dumps(d)),
    "repr of a copy": lambda d: repr(sorted(dict(d).items())),
    "dict": lambda d: dict(d),
    "dict with more": lambda d: dict(d, a=5, z=6),
    "unpacked": lambda d: {**d},
    "keywords": lambda d: (lambda **kept: kept)(**d),
    "names unpacked": lambda d: sorted([*d]),
    "fromkeys": lambda d: d.fromkeys(["a", "z"], 1),
    "fromkeys of the class": lambda d: type(d).fromkeys("az"),
    "a new one of the class": lambda d: type(d)(a=1),
    "a copy by the class": lambda d: type(d)(d),
    "initialized again": lambda d: d.__init__(a=5),
    "keys": lambda d: (sorted(d.keys()), len(d.keys()), d.keys() >= {"a"}, d.keys() >= {"z"}),
    "keys as a set": lambda d: (d.keys() & {"a", "z"}, d.keys() - {"a"}, d.keys() ^ {"a", "z"}),
    "keys compared": lambda d: (d.keys() == {"a", "b", "c"}, {"a": 1}.keys() <= d.keys()),
    "keys disjoint": lambda d: (d.keys().isdisjoint("a"), d.keys().isdisjoint("z")),
    "keys reversed": lambda d: list(reversed(d.keys())) == list(d)[::-1],
    "values": lambda d: (sorted(map(str, d.values())), len(d.values()), [1] in d.values()),
    "values reversed": lambda d: sorted(map(str, reversed(d.values()))),
    "items": lambda d: (sorted(d.items(), key=str), len(d.items()), ("b", 2) in d.items()),
    "items reversed": lambda d: sorted(map(str, reversed(d.items()))),
    "a view that is kept": lambda d: _seen_by(d.keys(), lambda: d.__setitem__("a", 5)),
    "equal": lambda d: (d == {"a": [1], "b": 2, "c": "three"}, d == {"a": [1]}, d != {}),
    "equal reflected": lambda d: [other == d for other in (dict(d), {"a": [1]}, {})],
    "equal to garbage": lambda d: (d == 5, d != 5),
    "hash": lambda d: hash(d),
    "chain map": lambda d: dict(collections.ChainMap({}, d)),
    "format": lambda d: ("{a} {c}".format(**d), "{b}".format_map(d), str.__mod__("%(c)s", d)),
    "class from it": lambda d: getattr(type("C", (), d), "b"),  # noqa: B009
    "proxy": lambda d: types.MappingProxyType(d)["a"],
    "set": lambda d: set(d),
    "use of the base class": lambda d: (
        dict.get(d, "a"),
        dict.pop(d, "b"),
        dict.setdefault(d, "c"),
    ),
    "store by the base class": lambda d: dict.__setitem__(d, "a", 5),
    "delete by the base class": lambda d: dict.__delitem__(d, "a"),
    "update by the base class": lambda d: dict.update(d, a=5, b=6, c=7),
    "a name of another class": lambda d: (d[_Name("a")], d.pop(_Name("b"), 7), len(d)),
    "store by a name of another class": lambda d: d.__setitem__(_Name("a"), 5),
}


class _Name(str):
    __slots__ = ()


def _updated(one: Dict, other: Dict) -> Dict:
    one.update(other)
    return one


def _seen_by(view: Any, change: Callable[[], Any]) -> list[Any]:
    change()
    return sorted(view)


#: Code for each instruction that loads, stores or deletes a name of the globals.
CODES = {
    "LOAD_NAME": "result = [a, b]",
    "LOAD_NAME of a missing name": "result = nothing",
    "LOAD_NAME of a builtin": "result = len(a)",
    "LOAD_GLOBAL": "def f(): return a, b\nresult = f()",
    "LOAD_GLOBAL of a builtin": "def f(): return len(c), sorted([2, 1])\nresult = f()",
    "LOAD_GLOBAL of a missing name": "def f(): return nothing\nf()",
    "STORE_NAME": "a = 5",
    "STORE_NAME of two": "a = 5\nb = 6",
    "STORE_NAME of all": "a = 5\nb = 6\nc = 7",
    "STORE_NAME of what is read": "a = a + [5]; b += 1; c *= 2",
    "STORE_NAME by unpacking": "a, (b, *c) = 1, (2, 3, 4)",
    "STORE_NAME by for": "for a in range(3): pass\nelse: b = a",
    "STORE_NAME by with": "import contextlib\nwith contextlib.nullcontext(5) as a: pass",
    "STORE_NAME by except": "try: 1 / 0\nexcept ZeroDivisionError as a: b = str(a)",
    "STORE_NAME by walrus": "result = (a := 5) + b",
    "STORE_NAME by walrus in a comprehension": "result = [a := number for number in range(3)]",
    "STORE_NAME by def": "def a(): return b\nresult = a()\ndel a",
    "STORE_NAME by class": "class a: size = b\nresult = a.size\ndel a",
    "STORE_NAME by annotation": "a: int = 5",
    "DELETE_NAME": "del a",
    "DELETE_NAME of all": "del a, b, c",
    "DELETE_NAME of a missing name": "del nothing",
    "DELETE_NAME twice": "del a\ndel a",
    "DELETE_NAME of what was stored": "a = 5\ndel a",
    "DELETE_NAME and STORE_NAME": "del a\na = 5",
    "STORE_GLOBAL": "def f():\n global a\n a = 5\nf()",
    "STORE_GLOBAL of all": "def f():\n global a, b, c\n a, b, c = 5, 6, 7\nf()",
    "STORE_GLOBAL of what is read": "def f():\n global a, b\n a += [5]\n b += 1\nf()",
    "STORE_GLOBAL of a new name": "def f():\n global new\n new = b\nf()",
    "STORE_GLOBAL at the top": "global a\na = 5",
    "STORE_GLOBAL by import": "def f():\n global a\n import math as a\nf()\na = a.pi",
    "STORE_GLOBAL by except": (
        "def f():\n global a\n try: 1 / 0\n except ZeroDivisionError as a: pass\nf()"
    ),
    "DELETE_GLOBAL": "def f():\n global a\n del a\nf()",
    "DELETE_GLOBAL of all": "def f():\n global a, b, c\n del a, b, c\nf()",
    "DELETE_GLOBAL at the top": "global a\ndel a",
    "DELETE_GLOBAL of a missing name": "def f():\n global nothing\n del nothing\nf()",
    "DELETE_GLOBAL twice": "def f():\n global a\n del a\n del a\nf()",
    "DELETE_GLOBAL of what was stored": "global a\na = 5\ndel a",
    "DELETE_GLOBAL of what was read": "global a\nresult = a\ndel a",
    "DELETE_GLOBAL by code out of sight": "exec(compile('global a\\ndel a', '', 'exec'))",
    "DELETE_GLOBAL of what was stored, out of sight": "exec('global a\\na = 5\\ndel a')",
    "DELETE_GLOBAL in a list": (
        "kept = [eval('lambda: exec(\"global a; del a\")')]\nkept[0]()\ndel kept"
    ),
    "IMPORT_NAME": "import math as a\na = a.pi",
    "IMPORT_NAME of a package": "import os.path as a\na = a.sep",
    "IMPORT_FROM": "from math import pi as a, tau as b",
    "IMPORT_STAR": "from math import *\nresult = pi\n"
    + "del "
    + ", ".join(name for name in __import__("math").__dict__ if not name.startswith("_")),
    "class body": "class C:\n size = b\n names = [c for _ in range(2)]\nresult = C.size\ndel C",
    "class body that stores": "class C:\n global a\n a = 5\ndel C",
    "class body that deletes": "class C:\n global a\n del a\ndel C",
    "class body that binds the name": "class C:\n a = a\nresult = C.a\ndel C",
    "comprehension": "result = [[a, b, number] for number in range(2) if c]",
    "generator": "result = list((a, number) for number in range(2))",
    "lambda": "result = (lambda more=b: [a, more])()",
    "nested functions": (
        "def f():\n def g(): return [a, lambda: b]\n return g()\nresult = f()[1]()\ndel f"
    ),
    "default": "def f(kept=a): return kept\nresult = f()\ndel f",
    "decorator": "def f(g): return b\n@f\ndef result(): pass\ndel f",
    "closure": "def f():\n kept = a\n def g(): return kept\n return g\nresult = f()()\ndel f",
    "eval": "result = eval('a + [b]')",
    "globals": "result = sorted(name for name in globals() if name[0] != '_')",
    "globals read": "result = globals()['a'], globals().get('b'), 'c' in globals()",
    "globals stored": "globals()['a'] = 5",
    "globals deleted": "del globals()['a']",
    "globals updated": "globals().update(a=5, b=6)",
    "locals": "result = locals() is globals()",
    "vars": "result = sorted(name for name in vars() if name[0] != '_')",
    "dir": "result = sorted(name for name in dir() if name[0] != '_')",
    "exec": "exec('a = 5; del b')",
    "exec in locals of its own": (
        "kept = {}\nexec('d = a; a = 5', globals(), kept)\nresult = kept\ndel kept"
    ),
    "exec in globals of its own": "kept = {}\nexec('d = 5', kept)\nresult = kept['d']\ndel kept",
    "match": "match [5, 6]:\n case [a, b]: pass",
    "async": "import asyncio\nasync def f(): return a\nresult = asyncio.run(f())\ndel f, asyncio",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> podfs.Store:
    return podfs.Store(tmp_path_factory.mktemp("lazy") / "store")


_numbers = itertools.count()


def _begin(store: podfs.Store, loaded: tuple[str, ...]) -> tuple[podfs.Session, Dict, Dict]:
    """Return a session, its namespace of which only *loaded* is loaded, and a dict like that."""
    session = store.session(f"s{next(_numbers)}")
    session.save(copy.deepcopy(VALUES))
    namespace = session.load()
    for name in loaded:
        namespace[name]
    plain = copy.deepcopy(VALUES)
    return session, namespace, plain


def _outcome(use: Callable[[], Any]) -> Any:
    try:
        return use()
    except Exception as error:
        return type(error)


def _run(code: str, namespace: Dict) -> None:
    run(code, namespace)


def _check(session: podfs.Session, namespace: Dict, plain: Dict) -> None:
    """Check that both hold the same, and that a save commits just that."""
    plain = {name: value for name, value in plain.items() if name[:2] != "__"}
    revision = session.save(namespace)
    assert revision.unsaved == ()
    assert session.variables(revision).keys() == plain.keys()
    again = session.load(revision, names=plain)
    assert namespace == plain
    assert sorted(namespace) == sorted(plain)
    assert again == plain


@pytest.mark.parametrize("loaded", LOADED, ids=lambda names: "".join(names) or "none")
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_use_does_what_it_does_to_a_dict(
    store: podfs.Store, use: Callable[[Dict], Any], loaded: tuple[str, ...]
) -> None:
    session, namespace, plain = _begin(store, loaded)
    assert _outcome(lambda: use(namespace)) == _outcome(lambda: use(plain))
    _check(session, namespace, plain)


@pytest.mark.parametrize("loaded", LOADED, ids=lambda names: "".join(names) or "none")
@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_code_does_what_it_does_in_a_dict(
    store: podfs.Store, code: str, loaded: tuple[str, ...]
) -> None:
    if code.startswith("match") and not hasattr(types, "UnionType"):  # new in 3.10
        pytest.skip("a statement of 3.10")
    session, namespace, plain = _begin(store, loaded)
    assert _outcome(lambda: _run(code, namespace)) == _outcome(lambda: _run(code, plain))
    for kept in (namespace, plain):  # which are not equal to those of another run
        for name in ("f", "math", "contextlib"):
            kept.pop(name, None)
    _check(session, namespace, plain)


@pytest.mark.parametrize("loaded", LOADED, ids=lambda names: "".join(names) or "none")
def test_code_can_use_it_as_its_locals(store: podfs.Store, loaded: tuple[str, ...]) -> None:
    session, namespace, plain = _begin(store, loaded)
    for kept in (namespace, plain):
        exec("d = a; a = 5; del b\nclass C: kept = c\ne = C.kept; del C", {"c": 1}, kept)
    _check(session, namespace, plain)


def test_a_function_can_remove_each_variable_later(store: podfs.Store) -> None:
    session, namespace, _ = _begin(store, ())
    run("def f():\n global a\n a = 1\n del a\nkept = [f]\ndel f", namespace)
    session.save(namespace)
    again = session.load()
    again["kept"][0]()
    assert "a" not in again
    assert session.save(again).changed == ("a",)


@pytest.mark.parametrize("statement", ["a = 5", "del a", "global a\na = 5", "global a\ndel a"])
def test_a_variable_that_shares_objects_is_bound_anew(store: podfs.Store, statement: str) -> None:
    session = store.session(f"s{next(_numbers)}")
    shared = [1]
    session.save({"a": shared, "b": [shared], "c": shared})
    namespace = session.load()
    plain = {"a": shared, "b": [shared], "c": shared}
    run(statement, namespace)
    run(statement, plain)
    assert namespace["b"][0] is namespace["c"]
    _check(session, namespace, plain)


def test_no_method_of_it_relies_on_its_class() -> None:
    """The class changes while a method runs, when the last variable is loaded or bound anew."""
    from podfs.lazy import _LazyNamespace

    for name, method in vars(_LazyNamespace).items():
        code = getattr(getattr(method, "__func__", method), "__code__", None)
        assert code is None or "__class__" not in code.co_freevars, name


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> podfs.Session:
    """A session whose commit 1 has x, which cannot be loaded, and y, which shares a list."""
    (tmp_path / "gone.py").write_text("class Gone: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    session = podfs.Store(tmp_path / "store").session("alice")
    namespace = run("import gone\nshared = [1]\nx = [gone.Gone(), shared]\ny = shared\nz = 1")
    del namespace["gone"], namespace["shared"]
    session.save(namespace)
    (tmp_path / "gone.py").unlink()
    monkeypatch.delitem(sys.modules, "gone")
    return session


def test_a_lookup_that_fails_says_why_and_changes_nothing(broken: podfs.Session) -> None:
    namespace = broken.load()
    uses = ["x", "[x for _ in [1]]", "(lambda: x)()", "globals()['x']", "globals().pop('x')"]
    for use in uses:
        with pytest.raises(podfs.LoadError, match="gone"):
            eval(use, namespace)
    with pytest.raises(podfs.LoadError):
        run("class C: kept = x", namespace)
    assert "x" in namespace
    assert broken.save(namespace).changed == ()


@pytest.mark.parametrize(
    "statement",
    ["x = 5", "global x\nx = 5", "globals().update(x=5)", "globals().__ior__({'x': 5})"],
)
def test_what_cannot_be_loaded_can_be_bound_anew(broken: podfs.Session, statement: str) -> None:
    namespace = broken.load()
    run(statement, namespace)
    assert namespace["x"] == 5
    revision = broken.save(namespace)
    assert set(revision.changed) == {"x", "y"}  # they are no longer stored together
    assert broken.variables().keys() == {"x", "y", "z"}
    assert broken.load(revision, names=["y"])["y"] == [1]


@pytest.mark.parametrize("statement", ["del x", "global x\ndel x", "del globals()['x']"])
def test_what_cannot_be_loaded_can_be_removed(broken: podfs.Session, statement: str) -> None:
    namespace = broken.load()
    run(statement, namespace)
    assert sorted(namespace) == ["y", "z"]
    broken.save(namespace)
    assert broken.variables().keys() == {"y", "z"}
    assert broken.load(names=["y"])["y"] == [1]


def test_a_namespace_that_cannot_be_loaded_can_be_cleared(broken: podfs.Session) -> None:
    namespace = broken.load()
    namespace.clear()
    assert broken.save(namespace).changed == ("x", "y", "z")
