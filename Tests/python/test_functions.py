"""Functions that are stored by value: what they carry along, and what they are bound to."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest
from conftest import python, reload, run, saved, streams
from podfs.capturing import capture
from podfs.namespace import Namespace


def test_a_function_finds_the_variables_of_the_namespace_it_is_loaded_into() -> None:
    loaded = saved(run("scale = [2]\ndef f(x): return x * scale[0]"))
    assert loaded["f"](3) == 6
    loaded["scale"] = [5]
    assert loaded["f"](3) == 15
    assert loaded["f"].__globals__ is loaded


def test_a_function_sets_the_variables_of_the_namespace_it_is_loaded_into() -> None:
    loaded = saved(run("count = 0\ndef step():\n  global count\n  count += 1"))
    loaded["step"]()
    assert loaded["count"] == 1


def test_a_function_does_not_change_with_the_variables_it_refers_to() -> None:
    namespace = run("def f(): return helper()\ndata = [1]\ndef helper(): return data")
    before = streams(namespace)["f"]
    run("data = [1, 2, 3]\ndef helper(): return 7", namespace)
    assert streams(namespace)["f"] == before


def test_functions_share_nothing_with_the_variables_they_refer_to() -> None:
    namespace = run("data = ['only once']\ndef f(): return data\ndef g(): return data")
    captured = {part.name: bytes(part.stream) for part in capture(namespace).parts}
    assert [name for name, stream in captured.items() if b"only once" in stream] == ["data"]


def test_functions_that_call_each_other() -> None:
    loaded = saved(
        run(
            "def even(n): return n == 0 or odd(n - 1)\n"
            "def odd(n): return n != 0 and even(n - 1)\n"
            "def fact(n): return 1 if n < 2 else n * fact(n - 1)\n"
        )
    )
    assert loaded["even"](10)
    assert loaded["fact"](5) == 120


def test_modules_and_what_can_be_imported_is_found_without_the_namespace() -> None:
    namespace = run(
        "import math\nimport os.path\nfrom math import sqrt\nfrom collections import Counter\n"
        "def f(x):\n"
        "    return sqrt(x) + math.floor(x) + Counter('aa')['a'] + len(os.path.join('a', 'b'))\n"
    )
    expected = namespace["f"](4)
    part = next(part for part in capture({"f": namespace["f"]}).parts)
    assert pickle.loads(part.stream)(4) == expected  # without podfs: a function of its own
    part = next(part for part in reversed(capture(namespace).parts) if part.name == "f")


def test_a_plain_unpickler_gives_a_function_that_can_call_itself() -> None:
    namespace = run("import math\ndef f(n): return 1 if n < 2 else math.floor(n) * f(n - 1)")
    alone = Namespace(f=namespace["f"])
    captured = capture(namespace)
    file = io.BytesIO(b"".join(part.stream for part in captured.parts))
    unpickler = pickle.Unpickler(file)
    loaded = {part.name: unpickler.load() for part in captured.parts}
    assert loaded["f"](4) == 24
    assert loaded["f"].__globals__ is not namespace
    assert alone["f"](4) == 24


def test_a_plain_unpickler_in_a_process_without_podfs(tmp_path: Any) -> None:
    captured = capture(run("import math\ndef f(x): return math.sqrt(x)\n"))
    path = tmp_path / "f"
    path.write_bytes(next(part.stream for part in captured.parts if part.name == "f"))
    code = (
        "import pickle, sys\n"
        f"f = pickle.load(open({str(path)!r}, 'rb'))\n"
        "print(f(16.0), 'podfs' in sys.modules)"
    )
    assert python(code).split() == ["4.0", "False"]


def test_closures_that_share_a_variable_still_do() -> None:
    loaded = saved(
        run(
            "def make():\n"
            "    n = 0\n"
            "    def step():\n"
            "        nonlocal n\n"
            "        n += 1\n"
            "    def get(): return n\n"
            "    return step, get\n"
            "step, get = make()\n"
        )
    )
    loaded["step"]()
    assert loaded["get"]() == 1


def test_a_closure_over_itself_and_over_a_variable() -> None:
    loaded = saved(
        run(
            "items = [1]\n"
            "def make(held):\n"
            "    def walk(n): return list(held) if n == 0 else walk(n - 1)\n"
            "    return walk\n"
            "walk = make(items)\n"
        )
    )
    loaded["items"].append(2)
    assert loaded["walk"](3) == [1, 2]


def test_a_closure_with_an_empty_cell() -> None:
    loaded = saved(
        run("def make():\n  def f(): return later\n  return f\n  later = 1\nf = make()\n")
    )
    with pytest.raises(NameError):
        loaded["f"]()


def test_what_hangs_on_a_function_is_kept() -> None:
    loaded = saved(
        run(
            "shared = []\n"
            "def f(x: int, y=shared, *, z=3) -> int:\n    'doc'\n    return x\n"
            "f.tag = shared\n"
        )
    )
    f = loaded["f"]
    assert f.__doc__ == "doc"
    assert f.__defaults__[0] is f.tag is loaded["shared"]
    assert f.__kwdefaults__ == {"z": 3}
    assert f.__annotations__ == {"x": int, "return": int}
    assert (f.__name__, f.__qualname__, f.__module__) == ("f", "f", "__main__")


def test_a_function_of_another_namespace_brings_along_what_it_needs() -> None:
    other = run("base = [10]\ndef f(x): return x + base[0]")
    loaded = saved({"f": other["f"], "g": other["f"]})
    assert loaded["f"](1) == 11
    assert loaded["f"] is loaded["g"]


def test_functions_of_another_namespace_have_globals_of_their_own() -> None:
    other = run("base = [10]\ndef f(): return base\ndef g(): return base")
    loaded = saved({"f": other["f"], "g": other["g"]})
    assert loaded["f"]() is loaded["g"]()
    assert loaded["f"].__globals__ is not loaded["g"].__globals__


def test_a_lambda_a_generator_function_and_a_coroutine() -> None:
    loaded = saved(
        run("k = 2\nf = lambda x: x + k\ndef g():\n  yield k\nasync def h():\n  return k\n")
    )
    assert loaded["f"](1) == 3
    assert list(loaded["g"]()) == [2]
    with pytest.raises(StopIteration) as stop:
        loaded["h"]().send(None)
    assert stop.value.value == 2


def test_a_decorated_method_and_a_partial() -> None:
    loaded = saved(
        run(
            "import functools\n"
            "def double(f):\n"
            "    @functools.wraps(f)\n"
            "    def wrapper(*a): return 2 * f(*a)\n"
            "    return wrapper\n"
            "@double\n"
            "def f(x): return x\n"
            "p = functools.partial(f, 4)\n"
        )
    )
    assert loaded["f"](3) == 6
    assert loaded["p"]() == 8
    assert loaded["p"].func is loaded["f"]


def test_loading_one_function_alone_finds_its_modules_and_shows_none() -> None:
    namespace = run("import math\ndef f(x): return math.sqrt(x) + len('ab')")
    captured = capture(namespace)
    from podfs.namespace import lend
    from podfs.unpickler import Loader, Unpickler

    alone = Namespace()
    loader = Loader(alone)
    unpickler = Unpickler(io.BytesIO(b"".join(part.stream for part in captured.parts)), loader)
    alone["f"] = unpickler.load()
    lend(alone, loader.references)
    assert alone["f"](4) == 4
    assert list(alone) == ["f"]
    with pytest.raises(KeyError):
        alone["math"] if "math" not in loader.references else alone["nothing"]
    with pytest.raises(NameError):
        run("def g(): return nothing", alone)["g"]()


def test_a_function_runs_in_a_new_process_without_any_cell() -> None:
    captured = capture(run("n = 3\ndef f(x): return x * n\nclass C:\n  def m(self): return f(2)\n"))
    assert reload(captured)["C"]().m() == 6
