"""A change is found whatever made it: each case is saved before and after, and loaded as it was."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from conftest import run
from podfs import Store

#: What makes the variables, what changes them, and what shows it.
CHANGES = {
    "a global in a function": (
        "x = 1\ndef f():\n  global x\n  x += 1",
        "f()",
        "x",
    ),
    "a closure": (
        "def make():\n"
        "  n = [0]\n"
        "  def step(): n[0] += 1; return n[0]\n"
        "  return step, lambda: n[0]\n"
        "step, get = make()",
        "step()",
        "get()",
    ),
    "a cell of a closure": (
        "def make():\n"
        "  n = 0\n"
        "  def step():\n"
        "    nonlocal n\n"
        "    n += 1\n"
        "  return step, lambda: n\n"
        "step, get = make()",
        "step()",
        "get()",
    ),
    "a default argument": (
        "def f(x, seen=[]):\n  seen.append(x)\n  return seen",
        "f(1)",
        "f.__defaults__",
    ),
    "an attribute of a function": ("def f(): pass", "f.tag = [1]", "getattr(f, 'tag', None)"),
    "an attribute of a class": ("class C: k = 1\nc = C()", "C.k = 2", "(C.k, c.k)"),
    "a mutable attribute of a class": ("class C: k = []", "C.k.append(1)", "C.k"),
    "a method": (
        "class C:\n  def m(self): return 1\nc = C()",
        "C.m = lambda self: 2",
        "c.m()",
    ),
    "a mutable in a tuple": ("t = ([1], 2)", "t[0].append(3)", "t"),
    "a set in a frozen dataclass": (
        "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass D:\n  s: set\nd = D({1})",
        "d.s.add(2)",
        "sorted(d.s)",
    ),
    "slots": (
        "class C:\n  __slots__ = ('a',)\nc = C(); c.a = 1",
        "c.a = 2",
        "c.a",
    ),
    "an alias": ("a = [1]; b = {'k': a}", "a.append(2)", "(a, b)"),
    "an alias deep down": ("a = {'x': {'y': [1]}}; y = a['x']['y']", "y.clear()", "a"),
    "the loss of an alias": ("a = [1]; b = a", "b = list(a)", "a is b"),
    "a new alias of an equal object": ("a = [1]; b = [1]", "b = a", "a is b"),
    "an array": ("import numpy as np\na = np.zeros(5000)", "a[7] = 1", "a[7]"),
    "an array through a view": (
        "import numpy as np\na = np.zeros(5000); v = a[::2]",
        "v[3] = 1",
        "(a[6], v[3])",
    ),
    "an array through C": (
        "import numpy as np, ctypes\na = np.zeros(5000)",
        "ctypes.memset(a.ctypes.data, 1, 16)",
        "a[:3].tolist()",
    ),
    "an array through its memory": (
        "import numpy as np\na = np.zeros(5000, dtype='u1')",
        "memoryview(a)[5] = 9",
        "int(a[5])",
    ),
    "an array of objects": (
        "import numpy as np\na = np.array([[1], {2: 3}, None], dtype=object)",
        "a[0].append(2); a[2] = 'x'",
        "a.tolist()",
    ),
    "the dtype of an array": (
        "import numpy as np\na = np.zeros(8)",
        "a.dtype = 'i8'",
        "str(a.dtype)",
    ),
    "a flag of an array": (
        "import numpy as np\na = np.zeros(5000)",
        "a.flags.writeable = False",
        "a.flags.writeable",
    ),
    "a frame": (
        "import pandas as pd\nd = pd.DataFrame({'a': range(900), 'b': 'x'})",
        "d.loc[5, 'b'] = 'y'",
        "d.b.tolist()[:7]",
    ),
    "a frame through its memory": (
        "import pandas as pd, numpy as np\nd = pd.DataFrame(np.zeros((900, 3)), copy=False)\n"
        "a = d.to_numpy().base",
        "a = None; d.iloc[3, 1] = 5",
        "d.iloc[3].tolist()",
    ),
    "a frame in a dict": (
        "import pandas as pd\nd = {'f': pd.DataFrame({'a': [1, 2]})}",
        "d['f']['new'] = [3, 4]",
        "d['f'].to_dict()",
    ),
    "a frame by a groupby": (
        "import pandas as pd\nd = pd.DataFrame({'a': [1, 1, 2], 'b': [1, 2, 3]})\n"
        "g = d.groupby('a')",
        "d['b'] = g['b'].transform('sum')",
        "d.b.tolist()",
    ),
    "the index of a frame": (
        "import pandas as pd\nd = pd.DataFrame({'a': [1, 2]})",
        "d.index.name = 'key'",
        "d.index.name",
    ),
    "a bytearray": ("b = bytearray(5000); c = [b]", "b[7] = 7", "(b[7], c[0][7])"),
    "an array.array": ("from array import array\na = array('d', [0] * 900)", "a[5] = 1", "a[5]"),
    "a deque": ("from collections import deque\nd = deque([1], 3)", "d.append(2)", "list(d)"),
    "update": ("x = 1", "globals().update(x=2, y=3)", "(x, globals().get('y'))"),
    "setdefault": ("x = 1", "globals().setdefault('y', 5)", "globals().get('y')"),
    "exec": ("x = 1", "exec('x = 2')", "x"),
    "del": ("x = 1; y = 2", "del y", "sorted(k for k in globals() if k in 'xy')"),
    "a type that is equal": ("x = 1", "x = True", "x is True"),
    "a float that is equal": ("x = 0.0", "x = -0.0", "str(x)"),
    "an integer and a float": ("x = 1", "x = 1.0", "repr(x)"),
    "the order of a dict": ("d = {'a': 1, 'b': 2}", "d['a'] = d.pop('a')", "list(d)"),
    "a random state": (
        "import random\nr = random.Random(3)",
        "r.random()",
        "r.getstate()",
    ),
    "a generator of numpy": (
        "import numpy as np\nr = np.random.default_rng(3)",
        "r.normal()",
        "str(r.bit_generator.state)",
    ),
    "the position of an iterator": (
        "i = iter([1, 2, 3])",
        "next(i)",
        "__import__('copy').copy(i).__next__()",
    ),
    "a file in memory": (
        "import io\nf = io.BytesIO(b'abc')",
        "f.read(1)",
        "f.tell()",
    ),
    "an exception": ("e = ValueError('a')", "e.args = ('b',)", "e.args"),
    "an attribute of a list subclass": (
        "class L(list): pass\nx = L([1])",
        "x.tag = 'new'",
        "getattr(x, 'tag', None)",
    ),
    "a model": (
        "from sklearn.linear_model import LinearRegression\n"
        "m = LinearRegression().fit([[0], [1]], [0, 1])",
        "m.fit([[0], [1]], [0, 2])",
        "float(round(m.coef_[0], 6))",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_found(change: str, tmp_path: Path) -> None:
    setup, action, look = CHANGES[change]
    session = Store(tmp_path / "store").session("alice")
    namespace = run(setup, session.namespace())
    first = session.save(namespace)
    before = repr(eval(look, namespace))
    run(action, namespace)
    second = session.save(namespace)
    after = repr(eval(look, namespace))
    assert before != after or change.startswith("a frame by")
    assert second.changed
    assert first.unsaved == second.unsaved == ()
    assert repr(eval(look, session.load(first))) == before
    assert repr(eval(look, session.load(second))) == after
    assert repr(eval(look, namespace)) == after
    assert session.save(namespace).changed == ()


def test_a_thread_that_appends_between_saves(tmp_path: Path) -> None:
    session = Store(tmp_path / "store").session("alice")
    namespace = run("items = []", session.namespace())
    turn, done = threading.Event(), threading.Event()

    def work() -> None:
        for number in range(5):
            turn.wait(60)
            turn.clear()
            namespace["items"].append(number)
            done.set()

    thread = threading.Thread(target=work)
    thread.start()
    for number in range(5):
        turn.set()
        assert done.wait(60)
        done.clear()
        revision = session.save(namespace)
        assert session.load(revision) == {"items": list(range(number + 1))}
    thread.join()


def test_the_position_of_a_generator_is_named_as_not_saved(tmp_path: Path) -> None:
    session = Store(tmp_path / "store").session("alice")
    revision = session.save(run("g = (n for n in range(3)); x = 1"))
    assert [(name, kind) for name, kind, _ in revision.unsaved] == [("g", "generator")]
    assert session.load(revision) == {"x": 1}
