"""What the code of a cell reads: never too few names, and seldom too many."""

from __future__ import annotations

import random
import sys
import time
import types
from contextlib import suppress
from typing import Any

import pytest
from conftest import run
from podfs.cells import Reads, reads_of


@pytest.fixture
def namespace() -> dict[str, Any]:
    return run(
        "import functools\n"
        "x = 1; y = 2; i = 3; items = [1, 2]; limit = 3; text = 'x'\n"
        "def g(a): return a + x\n"
        "def f(a):\n"
        "    def inner(): return g(a)\n"
        "    return inner()\n"
        "def default(a=f): pass\n"
        "def setting():\n"
        "    global y\n"
        "    y = limit\n"
        "class Base:\n"
        "    def m(self): return y\n"
        "class Derived(Base):\n"
        "    __slots__ = ('slot',)\n"
        "    @property\n"
        "    def p(self): return limit\n"
        "k = Derived()\n"
        "k.slot = lambda: i\n"
        "table = {'a': f}\n"
        "partial = functools.partial(f, 1)\n"
        "bound = k.m\n"
        "cached = functools.lru_cache(g)\n"
        "def closing(h): return lambda: h(1)\n"
        "closure = closing(g)\n"
        "generator = (v * y for v in items)\n"
        "def running(code): exec(code)\n"
    )


@pytest.mark.parametrize(
    ("source", "names", "bound"),
    [
        ("x = 3\nz = x", "", "x z"),
        ("z = x; x = 3", "x", "x z"),
        ("x += 1", "x", "x"),
        ("del x", "x", "x"),
        ("x = 3\ndel x\nz = x", "x", "x z"),
        ("x: int = y", "y", "x"),
        ("x: int\nz = x", "x", "z"),
        ("items[0], x = y, 2", "items y", "x"),
        ("(x, *(y, z)) = items\nw = x, y", "items", "w x y z"),
        ("items[i].a[x] = 3", "i items x", ""),
        ("for i in items: print(i, x)", "items x", "i"),
        ("for i in items: pass\nz = i", "i items", "i z"),
        ("for i in items:\n    x = i\n    z = x\nelse:\n    w = x", "items x", "i w x z"),
        ("while x:\n    if y: break\n    continue", "x y", ""),
        ("with open(x) as i, i as y:\n    z = i, y", "x", "i y z"),
        ("if x: y = 3\nz = y", "x y", "y z"),
        (
            "try:\n    x = 1\nexcept ValueError as y:\n    print(y)\nfinally:\n    z = x",
            "x",
            "x y z",
        ),
        ("try:\n    pass\nexcept x:\n    z = y\nelse:\n    z = i", "i x y", "z"),
        ("z = [i for i in items if i]", "items", "z"),
        ("z = {i: x for i in items}", "items x", "z"),
        ("z = lambda x: x + y", "y", "z"),
        ("f'{x!r}{text:>{i}}'", "i text x", ""),
        ("print(x) if (y := 3) else y", "x y", "y"),
        ("def q(x, *, w=y) -> text: return x + limit", "limit text y", "q"),
        ("@table\ndef q(): pass", "g table x", "q"),
        ("def q():\n    global x\n    x = 3\nq()", "", "q x"),
        ("class Z:\n    x = x\n    def r(self): return items", "items x", "Z"),
        ("class Z(Base): pass", "Base y", "Z"),
        ("await x", "x", ""),
        ("async for i in items: z = i", "items", "i z"),
        ("async with x as i: z = i", "x", "i z"),
        ("import x.y as z, i\nw = i", "", "i w z"),
        ("from math import *\nz = x", "x", "z"),
        ("global x\nx = 1", "", "x"),
        ("", "", ""),
        ("z = undefined", "", "z"),
        ("len = 3\nz = len(items)", "items", "len z"),
    ],
)
def test_names_of_statements(
    namespace: dict[str, Any], source: str, names: str, bound: str
) -> None:
    assert reads_of(source, namespace) == Reads(tuple(names.split()), tuple(bound.split()))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("f(2)", "f g x"),
        ("default()", "default g x"),
        ("k.p", "i k limit y"),
        ("bound()", "bound i limit y"),
        ("table['a'](1)", "g table x"),
        ("partial()", "g partial x"),
        ("cached(1)", "cached x"),
        ("closure()", "closure x"),
        ("next(generator)", "generator y"),
        ("Derived", "Derived limit y"),
        ("items.query('x > @limit')", "items limit x"),
    ],
)
def test_names_that_values_refer_to(namespace: dict[str, Any], source: str, names: str) -> None:
    assert reads_of(source, namespace) == Reads(tuple(names.split()))


def test_what_a_function_that_is_called_binds(namespace: dict[str, Any]) -> None:
    assert reads_of("setting()", namespace) == Reads(("limit", "setting"), ("y",))


@pytest.mark.parametrize(
    "source",
    [
        *("exec('x')", "eval('x')", "globals()['x']", "locals()", "vars()", "import __main__"),
        *("running('x')", "get_ipython().run_cell('x')", "def q(): return eval('x')"),
    ],
)
def test_code_that_may_read_everything(namespace: dict[str, Any], source: str) -> None:
    reads = reads_of(source, namespace)
    assert reads is not None
    assert reads.everything


def test_a_variable_that_has_the_name_of_a_builtin(namespace: dict[str, Any]) -> None:
    namespace["sum"] = namespace["f"]
    assert reads_of("sum(2)", namespace) == Reads(("g", "sum", "x"))


@pytest.mark.parametrize(
    "source",
    ["x = (", "\0", "(" * 5000 + ")" * 5000, "-" * 100_000 + "x", "return x", "\udc80 = 1"],
)
def test_code_that_is_not_understood(namespace: dict[str, Any], source: str) -> None:
    assert reads_of(source, namespace) is None


def test_long_code_is_looked_at_as_a_whole(namespace: dict[str, Any]) -> None:
    long = "x = 3\nz = x + y\n" + "#" * (1 << 16)
    assert reads_of(long, namespace) == Reads(("x", "y"), ("x", "z"))


def test_a_text_of_a_megabyte_takes_no_time(namespace: dict[str, Any]) -> None:
    start = time.process_time()
    assert reads_of(f"z = '{'a' * 1_000_000}' + text", namespace) == Reads(("text",), ("z",))
    assert time.process_time() - start < 0.5


def test_a_large_container_takes_no_time(namespace: dict[str, Any]) -> None:
    namespace["large"] = {number: [number] for number in range(200_000)}
    start = time.process_time()
    assert reads_of("large[1].append(2)", namespace) == Reads(("large",))
    assert time.process_time() - start < 0.1


def test_after_the_run_names_that_are_gone_count(namespace: dict[str, Any]) -> None:
    del namespace["x"]
    reads = reads_of("z = print(x, y)\ndel x", namespace, late=True)
    assert reads == Reads(("x", "y"), ("x", "z"), late=True)


def test_encoded_for_the_library() -> None:
    assert Reads(("x", "y"), ("z",)).encoded() == "x\0y\0z/"
    assert Reads((), (), everything=True, late=True).encoded() == "/\0//"
    assert Reads(()).encoded() == ""


class _Recorder(dict[str, Any]):
    """A namespace that notes which of its first values are read."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.first = dict(values)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if name in self.first and value is self.first[name]:
            self.read.add(name)
        return value


_SIMPLE = (
    *("{0} = [{1}]", "{0} = {1}, {2}", "{0} = lambda: {1}", "{0} = [{1} for {2} in [{0}]]"),
    *("import math as {0}", "def {0}({1}=0): return {1}, {2}", "{0} = (lambda: {1})()"),
    *("{0} = {1} if {2} else {0}", "print({0}, file=open('/dev/null', 'w'))", "{0} = str({1})"),
    *("class {0}:\n    {1} = {2}\n    {2} = 1", "{0} = ({1} := [{2}])", "del {0}; {0} = [{1}]"),
    *("f = lambda: {0}; {1} = f()", "{0} = [({1}, {2}) for {1} in 'ab']"),
)
_BLOCKS = (
    *("if {0}:", "for {0} in ({1}, {2}):", "with io.StringIO() as {0}:", "try:"),
    "while True:",
)


def _program(random: random.Random, depth: int = 0) -> list[str]:
    lines = []
    for _ in range(random.randint(1, 5)):
        names = random.choices("abcd", k=3)
        if depth < 2 and random.random() < 0.3:
            head = random.choice(_BLOCKS).format(*names)
            body = _program(random, depth + 1) + ["break"] * (head == "while True:")
            lines += [head, *("    " + line for line in body)]
            lines += ["except ArithmeticError: pass"] * (head == "try:")
        else:
            lines += random.choice(_SIMPLE).format(*names).splitlines()
    return lines


@pytest.mark.parametrize("seed", range(20))
def test_no_name_is_missed_in_random_programs(seed: int) -> None:
    generator = random.Random(seed)
    found = 0
    for _ in range(40):
        source = "\n".join(_program(generator))
        recorder = _Recorder({name: [name] for name in "abcd"})
        recorder.update(io=sys.modules["io"], __name__="__main__")
        reads = reads_of(source, recorder.copy())
        assert reads is not None, source
        with suppress(NameError):
            exec(compile(source, "<cell>", "exec", dont_inherit=True), recorder)
        assert recorder.read <= set(reads.names), source
        found += len(recorder.read)
    assert found > 20


def test_syntax_of_ipython_without_ipython(
    namespace: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "IPython.core.inputtransformer2", raising=False)
    for source in ("%cd /\nz = x", "z = x\nif z:\n    !ls\n", "z = x\nx?", "z = x\nw = !ls"):
        reads = reads_of(source, namespace)
        assert reads is not None, source
        assert reads.everything
        assert "x" in reads.names
        assert "z" in reads.bound
    assert reads_of("%%bash\nls ((", namespace) == Reads((), everything=True)


def test_syntax_of_ipython_with_ipython(
    namespace: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its transformer makes of magics is understood; the transformer itself is not needed."""
    calls = {
        "%1": "get_ipython().run_line_magic('matplotlib', 'inline')",
        "%2": "get_ipython().run_line_magic('time', 'z = f(y)')",
        "%3": "get_ipython().run_cell_magic('capture', 'z', 'w = x\\nprint(w)')",
        "%4": "z = get_ipython().getoutput('ls {text}')",
        "%5": "get_ipython().run_line_magic('run', 'script.py')",
        "%6": "get_ipython().run_line_magic('timeit', '-n 3 g(1)')",
    }

    class Transformer:
        def transform_cell(self, source: str) -> str:
            return calls.get(source, source)

    module = types.ModuleType("IPython.core.inputtransformer2")
    module.TransformerManager = Transformer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython.core.inputtransformer2", module)
    assert reads_of("%1", namespace) == Reads(())
    assert reads_of("%2", namespace) == Reads(("f", "g", "x", "y"), ("z",))
    assert reads_of("%3", namespace) == Reads(("x",), ("w",))
    assert reads_of("%4", namespace) == Reads(("text",), ("z",))
    assert reads_of("%5", namespace) == Reads((), everything=True)
    assert reads_of("%6", namespace) == Reads(("g", "x"))
