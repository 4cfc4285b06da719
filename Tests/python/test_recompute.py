"""Lost values are made again by the cells that lead to them, and stored ones always win."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
import types
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import podfs
import pytest
from conftest import podfs_program, run
from podfs import Cell, DamagedError, LoadError, Namespace, Store
from podfs.cells import reads_of


class Notebook:
    """A session that is worked in cell by cell."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.session = Store(path).session("alice")
        self.namespace = self.session.namespace()

    def cell(self, code: str, error: type[Exception] | None = None) -> podfs.Revision:
        """Run a cell and commit what it did, with its error if it fails as it must."""
        reads = reads_of(code, self.namespace)
        if error is None:
            run(code, self.namespace)
        else:
            with pytest.raises(error):
                run(code, self.namespace)
        told = None if error is None else f"{error.__name__}: it failed"
        return self.session.save(self.namespace, cell=Cell(code, reads=reads, error=told))

    def damage(self, *names: str) -> None:
        """Damage every stored value that *names* ever had, and open the store anew."""
        self.session.store.close()
        with sqlite3.connect(f"{self.path}/podfs.db") as database:
            places = database.execute(
                f"""
                SELECT DISTINCT pack.name, pod.position, pod.stored FROM binding
                JOIN version ON version.id = binding.version
                JOIN covariable ON covariable.id = version.covariable
                JOIN content ON content.id = covariable.content
                JOIN pod ON pod.id = content.pod JOIN pack ON pack.id = pod.pack
                WHERE binding.name IN ({",".join("?" * len(names))})
                """,
                names,
            ).fetchall()
        assert places
        for pack, position, stored in places:
            with (self.path / "packs" / f"{pack}.pack").open("r+b") as file:
                file.seek(position)
                data = bytes(byte ^ 0xFF for byte in file.read(stored))
                file.seek(position)
                file.write(data)
        self.session = Store(self.path).session("alice")


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return Notebook(tmp_path / "store")


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A module that will be gone."""
    module = types.ModuleType("going")
    exec("class Thing:\n    def __init__(self, *parts): self.parts = parts", module.__dict__)
    monkeypatch.setitem(sys.modules, "going", module)
    return module


def test_damage_is_named_and_made_again_from_what_is_stored(notebook: Notebook) -> None:
    notebook.cell("numbers = [1, 2]")
    notebook.cell("total = ['sum', sum(numbers)]; other = ['other']")
    notebook.damage("total")
    session = notebook.session
    with pytest.raises(DamagedError, match=r"total of session .* recompute=True") as caught:
        session.load(names={"total", "other"})
    assert caught.value.names == ("total",)
    loaded = session.load(recompute=True)
    assert loaded == {"numbers": [1, 2], "total": ["sum", 3], "other": ["other"]}
    assert loaded.recomputed == ("total",)
    assert session.load(names=["other"], recompute=True).recomputed == ()
    with pytest.raises(DamagedError, match="recompute=True"):
        session.load()["total"]


def test_a_value_that_is_made_again_and_saved_is_whole_in_all_commits(notebook: Notebook) -> None:
    notebook.cell("value = ['long' * 100]")
    notebook.cell("other = 1")
    notebook.damage("value")
    with suppress(subprocess.CalledProcessError):  # it ends with 3, for it found damage
        podfs_program(str(notebook.path), "check", "--repair")
    notebook.session = Store(notebook.path).session("alice")
    loaded = notebook.session.load(recompute=True)
    notebook.session.save(loaded)
    for revision in (1, 2):
        assert notebook.session.load(revision)["value"] == ["long" * 100]


def test_a_cell_whose_parts_are_needed_for_several_reasons(notebook: Notebook) -> None:
    notebook.cell("a = ['a']; b = a")
    notebook.cell("c = ['c']; b = ['b']")
    notebook.cell("d = [*a, *c]")
    notebook.cell("e = [*d, *c]")
    notebook.damage("a", "c", "d", "e")
    loaded = notebook.session.load(names=["e", "a"], recompute=True)
    assert loaded == {"e": ["a", "c", "c"], "a": ["a"]}


def test_all_that_is_lost_is_named(notebook: Notebook) -> None:
    notebook.cell("a = ['a']; b = ['b']; c = ['c']; d = c")
    notebook.damage("a", "c")
    with pytest.raises(DamagedError) as caught:
        notebook.session.load(names=["a", "b", "c", "d"])
    assert sorted(caught.value.names) == ["a", "c", "d"]
    assert "a of session 'alice'" in str(caught.value)
    assert "c, d of session 'alice'" in str(caught.value)


def test_a_chain_of_lost_values(notebook: Notebook) -> None:
    notebook.cell("a = ['a']")
    notebook.cell("b = [*a, 'b']")
    notebook.cell("a.append('later')")
    notebook.cell("c = [*b, 'c']")
    notebook.damage("b", "c")
    loaded = notebook.session.load(names=["c"], recompute=True)
    assert loaded == {"c": ["a", "b", "c"]}
    notebook.damage("a")
    loaded = notebook.session.load(recompute=True)
    assert loaded == {"a": ["a", "later"], "b": ["a", "b"], "c": ["a", "b", "c"]}
    assert loaded.recomputed == ("a", "b", "c")


def test_stored_values_win(notebook: Notebook) -> None:
    notebook.cell("import uuid")
    notebook.cell("seed = [uuid.uuid4().hex]; first = [seed[0], 'first']")
    notebook.cell("second = [*first, *seed, 'second']")
    seed = notebook.namespace["seed"][0]
    notebook.damage("second")
    loaded = notebook.session.load(recompute=True)
    assert loaded["second"] == [seed, "first", seed, "second"]
    notebook.damage("first")
    loaded = notebook.session.load(recompute=True)
    assert loaded["seed"] == [seed]
    assert loaded["first"][0] != seed
    assert loaded["second"][2] == seed
    assert loaded.recomputed == ("first", "second")


def test_functions_are_run_in_the_namespace_that_is_loaded(notebook: Notebook) -> None:
    notebook.cell("factor = 2")
    notebook.cell("def scale(x): return helper(x) * factor\ndef helper(x): return x + 1")
    notebook.cell("scaled = [scale(1)]")
    notebook.damage("scale", "scaled")
    loaded = notebook.session.load(recompute=True)
    assert loaded.recomputed == ("scale", "scaled")
    assert loaded["scaled"] == [4]
    assert loaded["scale"].__globals__ is loaded
    loaded["factor"] = 10
    assert loaded["scale"](1) == 20
    assert "factor" in notebook.session.save(loaded).changed


def test_an_instance_has_the_class_that_is_loaded(notebook: Notebook) -> None:
    notebook.cell("limit = 3\nclass Box:\n    def full(self): return len(self.items) >= limit")
    notebook.cell("box = Box(); box.items = [1, 2, 3]")
    notebook.damage("box")
    loaded = notebook.session.load(recompute=True)
    assert loaded.recomputed == ("box",)
    assert type(loaded["box"]) is loaded["Box"]
    assert loaded["box"].full()
    loaded["limit"] = 4
    assert not loaded["box"].full()


def test_a_class_that_is_gone_with_its_instances(notebook: Notebook) -> None:
    notebook.cell("class Box:\n    items = []")
    notebook.cell("box = Box(); box.items = [1]; boxes = [box]")
    notebook.damage("Box", "box")
    loaded = notebook.session.load(recompute=True)
    assert set(loaded.recomputed) >= {"Box", "box", "boxes"}
    assert isinstance(loaded["box"], loaded["Box"])
    assert loaded["boxes"][0] is loaded["box"]


def test_a_module_that_is_gone(notebook: Notebook, module: types.ModuleType) -> None:
    notebook.cell("parts = [1, 2]")
    notebook.cell(
        "try:\n    from going import Thing\n    make = Thing\n"
        "except ImportError:\n    def make(*parts): return list(parts)\n"
        "thing = make(*parts)"
    )
    notebook.cell("from going import Thing as gone")
    del sys.modules["going"]
    with pytest.raises(LoadError, match="thing of session .*ModuleNotFoundError") as caught:
        notebook.session.load(2, names=["parts", "thing"])
    assert caught.value.names == ("thing",)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    assert notebook.session.load(2, names=["thing"], recompute=True) == {"thing": [1, 2]}
    with pytest.raises(LoadError, match="gone .* the cell of commit 3 failed: ModuleNotFound"):
        notebook.session.load(3, names=["gone"], recompute=True)


def test_what_is_stored_together_is_loaded_if_it_can_be(notebook: Notebook, module: Any) -> None:
    notebook.cell("import going\nshared = [1]; plain = [shared]; thing = going.Thing(shared)")
    assert notebook.namespace["thing"].parts[0] is notebook.namespace["plain"][0]
    del module.Thing
    with pytest.raises(LoadError) as caught:
        notebook.session.load(names=["plain", "thing", "shared"])
    assert set(caught.value.names) == {"plain", "shared", "thing"}
    module.Thing = tuple
    loaded = notebook.session.load(names=["plain", "shared"])
    assert loaded == {"plain": [[1]], "shared": [1]}


def test_an_iterator_goes_on_where_it_was(notebook: Notebook) -> None:
    notebook.cell("items = [1, 2, 3]; times = 10")
    notebook.cell("stream = (item * times for item in items)")
    notebook.cell("first = next(stream)")
    notebook.cell("times = 100")
    assert notebook.cell("items.append(4)").unsaved[0].name == "stream"
    session = notebook.session
    loaded = session.load(2, names=["stream", "times"], recompute=True)
    assert list(loaded["stream"]) == [10, 20, 30]
    loaded = session.load(5, names=["stream", "items", "times"], recompute=True)
    assert loaded.recomputed == ("stream",)
    assert next(loaded["stream"]) == 200
    loaded["times"] = 7
    assert list(loaded["stream"]) == [21, 28]
    assert "stream" not in session.load(5, recompute=True)
    whole = session.load(5, recompute=["stream"])
    assert (list(whole["stream"]), whole["first"]) == ([200, 300, 400], 10)


def test_a_generator_that_goes_through_another(notebook: Notebook) -> None:
    notebook.cell("import itertools\nsource = itertools.count(5)\nlines = iter('abc')")
    notebook.cell("pairs = (pair for pair in zip(lines, [1, 2, 3]))")
    notebook.cell("next(pairs)")
    notebook.cell("rest = list(pairs)")
    assert notebook.namespace["rest"] == [("b", 2), ("c", 3)]
    notebook.damage("rest")
    loaded = notebook.session.load(names=["rest"], recompute=True)
    assert loaded["rest"] == [("b", 2), ("c", 3)]


def test_a_chain_that_does_otherwise_is_refused(notebook: Notebook) -> None:
    notebook.cell("import uuid")
    notebook.cell("stream = (x for x in [1, 2]); mark = [uuid.uuid4().hex]")
    notebook.cell("next(stream); mark.append(0)")
    with pytest.raises(LoadError, match="made another mark"):
        notebook.session.load(3, names=["stream"], recompute=True)


def test_a_cell_that_failed_fails_again(notebook: Notebook) -> None:
    notebook.cell("values = ['before']\nraise KeyError('x')", KeyError)
    notebook.damage("values")
    assert notebook.session.load(recompute=True)["values"] == ["before"]


def test_a_cell_that_fails_now_is_named(notebook: Notebook, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("text")
    notebook.cell(f"text = [open({str(file)!r}).read()]")
    file.unlink()
    notebook.damage("text")
    before = dict(notebook.namespace)
    pattern = r"text of session 'alice' cannot be made again: the cell of commit 1 failed: FileNot"
    with pytest.raises(LoadError, match=pattern):
        notebook.session.load(names=["text"], recompute=True)
    loaded = notebook.session.load(recompute=True)
    done = notebook.session.checkout(1, into=(other := Namespace()), recompute=True)
    assert loaded == other == {}
    reason = "it cannot be made again: the cell of commit 1 failed: FileNotFoundError"
    for told in (loaded.not_loaded, done.not_loaded):
        assert [(entry.name, entry.type) for entry in told] == [("text", "list")]
        assert reason in told[0].reason
    assert "not loaded: text (" in repr(done)
    assert dict(notebook.namespace) == before


def test_values_whose_cells_are_not_known(notebook: Notebook) -> None:
    notebook.namespace["x"] = ["x"]
    notebook.session.save(notebook.namespace)
    notebook.cell("y = [*x, 'y']")
    notebook.damage("x", "y")
    with pytest.raises(DamagedError) as caught:
        notebook.session.load(names=["x"])
    assert "recompute" not in str(caught.value)
    with pytest.raises(LoadError, match="no code is known of commit 1"):
        notebook.session.load(names=["x", "y"], recompute=True)


def test_code_that_reads_by_names_in_texts(notebook: Notebook) -> None:
    notebook.cell("a = ['a']; name = 'a'")
    notebook.cell("b = [*eval(name), *globals()['a']]")
    notebook.damage("b")
    assert notebook.session.load(names=["b"], recompute=True) == {"b": ["a", "a"]}


def test_what_is_read_unseen_is_loaded_when_it_is_looked_up(notebook: Notebook) -> None:
    notebook.cell("base = 3\ndef late(): return base")
    notebook.cell("table = [[None, late] for _ in range(200)]\ntable = [[t] for t in table]")
    code = "result = ['result', table[150][0][1]()]"
    notebook.cell(code)
    notebook.damage("result")
    assert notebook.session.load(names=["result"], recompute=True)["result"] == ["result", 3]


def test_checkout_makes_again_and_changes_nothing_else(notebook: Notebook) -> None:
    notebook.cell("kept = ['kept']; lost = ['first']; stream = (x for x in [1, 2, 3])")
    notebook.cell("lost = ['second']; next(stream)")
    notebook.damage("lost")
    namespace, session = notebook.namespace, notebook.session
    kept = namespace["kept"]
    with pytest.raises(DamagedError):
        session.checkout(1, into=namespace)
    assert namespace["lost"] == ["second"]
    done = session.checkout(1, into=namespace, recompute=["stream"])
    assert sorted(done.recomputed) == ["lost", "stream"]
    assert "made again: lost, stream" in repr(done)
    assert (namespace["lost"], list(namespace["stream"])) == (["first"], [1, 2, 3])
    assert namespace["kept"] is kept


def test_what_cells_print_is_not_shown(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.cell("print('loud'); x = ['x']")
    capsys.readouterr()
    notebook.damage("x")
    assert notebook.session.load(recompute=True)["x"] == ["x"]
    assert capsys.readouterr().out == ""


def test_cells_that_wait(notebook: Notebook) -> None:
    source = "import asyncio\nawait asyncio.sleep(0)\nx = ['waited']"
    notebook.namespace["x"] = ["waited"]
    reads = reads_of(source, {})
    notebook.session.save(notebook.namespace, cell=Cell(source, reads=reads))
    notebook.damage("x")
    assert notebook.session.load(recompute=True)["x"] == ["waited"]


def test_magics_need_ipython(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook.namespace["x"] = ["x"]
    source = "%time x = ['x']"
    notebook.session.save(notebook.namespace, cell=Cell(source, reads=reads_of(source, {})))
    notebook.damage("x")
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    with pytest.raises(LoadError, match="not plain Python; do it in IPython"):
        notebook.session.load(names=["x"], recompute=True)

    class Shell:
        def __init__(self) -> None:
            self.user_ns: dict[str, Any] = {"x": "mine"}

        def transform_cell(self, source: str) -> str:
            return "get_ipython().run(" + repr(source.removeprefix("%time ")) + ")\n"

        def run(self, code: str) -> None:
            exec(code, self.user_ns)

    shell = Shell()
    package = types.ModuleType("IPython")
    package.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", package)
    assert notebook.session.load(recompute=True)["x"] == ["x"]
    assert shell.user_ns == {"x": "mine"}


def test_arrays_are_made_again_with_their_memory(notebook: Notebook) -> None:
    pytest.importorskip("numpy")
    notebook.cell("import numpy as np\nbase = np.arange(10_000.0)")
    notebook.cell("double = base * 2; view = double[10:20]")
    notebook.damage("double")
    loaded = notebook.session.load(recompute=True)
    assert loaded.recomputed == ("double", "view")
    assert (
        loaded["view"].base is loaded["double"] or (loaded["double"][10:20] == loaded["view"]).all()
    )
    loaded["double"][10] = -1
    assert loaded["view"][0] == -1


def test_a_branch_takes_what_its_own_commits_had(notebook: Notebook) -> None:
    notebook.cell("a = ['first']")
    notebook.cell("a = ['second']")
    notebook.session.checkout(1, into=notebook.namespace)
    notebook.cell("b = [*a, 'b']")
    notebook.damage("b")
    assert notebook.session.load(names=["b"], recompute=True) == {"b": ["first", "b"]}


def test_pruned_history_is_not_guessed_at(notebook: Notebook) -> None:
    for number in range(3):
        notebook.cell(f"a = ['{number}']" if number == 0 else "a = [*a, 'x']")
    notebook.damage("a")
    notebook.session.set_tag("first", 1)
    podfs_program(str(notebook.path), "prune", "alice", "--keep-last", "1")
    with pytest.raises(LoadError, match="commits before commit 3 were removed"):
        notebook.session.load(3, names=["a"], recompute=True)


def test_nothing_is_asked_for_but_what_is_there(notebook: Notebook) -> None:
    notebook.cell("a = 1")
    for names in (["nothing"], ["a", "nothing"]):
        with pytest.raises(podfs.NotFoundError):
            notebook.session.load(names=names, recompute=True)
    assert notebook.session.load(names=["a"], recompute=True) == {"a": 1}


def test_long_chains_are_run_in_order(notebook: Notebook) -> None:
    notebook.cell("a = [0]")
    for number in itertools.islice(itertools.count(1), 30):
        notebook.cell(f"a = [*a, {number}]")
    notebook.damage("a")
    assert notebook.session.load(recompute=True)["a"] == list(range(31))


_NAMES = "abcdef"


def _random_cell(random: Random, namespace: dict[str, Any]) -> str:
    """Return a cell that makes, changes, shares or removes short lists, or functions that do."""
    present = [name for name in _NAMES if name in namespace]
    functions = [name for name in namespace if name.startswith("grow_")]
    new, number = random.choice(_NAMES), random.randint(0, 999)
    if not present:
        return f"{new} = [{number}]"
    one, other = random.choice(present), random.choice(present)
    cells = [
        f"{new} = [{number}]",
        f"{new} = [{number}, len({one}), *{other}][:6]",
        f"{new} = {one}",
        f"{one}.append({number}); del {one}[:-5]",
        f"{new} = [{one}, {number}] if len(str({one})) < 60 else [{number}]",
        f"del {one}",
        f"def grow_{new}(v={number}):\n    {one}.append(v)\n    return len({other})",
        f"for i in range(2): {one}.append(i)\ndel {one}[:-5]\n{new} = [len({one})]",
    ]
    if functions:
        call = f"{new} = [{random.choice(functions)}()]"
        cells += [f"try: {call}\nexcept NameError: {new} = [{number}]"] * 2
    return random.choice(cells)


def _shown(namespace: dict[str, Any]) -> dict[str, str]:
    return {name: repr(namespace[name]) for name in _NAMES if name in namespace}


@pytest.mark.parametrize("seed", range(4))
def test_random_notebooks_are_made_again(notebook: Notebook, seed: int) -> None:
    random = Random(seed)
    shown: dict[int, dict[str, str]] = {}
    for _ in range(20):
        revision = notebook.cell(_random_cell(random, notebook.namespace))
        shown[revision] = _shown(notebook.namespace)
        if random.random() < 0.1:
            notebook.session.checkout(random.randint(1, revision), into=notebook.namespace)
    notebook.damage(*random.sample(_NAMES, 3))
    recomputed = 0
    for number, values in shown.items():
        loaded = notebook.session.load(number, recompute=True)
        assert _shown(loaded) == values
        recomputed += len(loaded.recomputed)
    assert recomputed > 5


def _random_generators(random: Random, namespace: dict[str, Any]) -> str:
    """Return a cell that makes, uses or has to do with generators over lists that change."""
    number, new = random.randint(0, 99), f"g{random.randint(0, 2)}"
    lists = [name for name in ("l0", "l1") if name in namespace]
    generators = [name for name in ("g0", "g1", "g2") if name in namespace]
    cells = [f"l{random.randint(0, 1)} = [{number}, 1, 2]", f"offset = {number}"]
    if lists and "offset" in namespace:
        items = random.choice(lists)
        cells += [f"{items}.append({number})", f"alias = {items}", f"del {items}[1:]"]
        cells += [f"def shift(v): return v + {number} + offset"]
        cells += [f"{new} = (v + offset for v in {items})"] * 3
        if "shift" in namespace:
            cells += [f"{new} = (shift(v) for v in {items})"] * 2
    if "alias" in namespace:
        cells += [f"alias.append({number})"]
    if generators:
        used = random.choice(generators)
        cells += [f"y = [next({used}, None)]", f"def take(): return next({used}, None)"]
        cells += [f"t = [{used}]", f"rest = list({used})"]
        cells += [f"{new} = (v * 2 for v in {used})"] * 2 * (new != used)
        cells += ["y = [take()]"] * ("take" in namespace)
        cells += ["y = [next(t[0], None)]"] * ("t" in namespace)
    return random.choice(cells)


@pytest.mark.parametrize("seed", range(4))
def test_random_generators_are_made_again(notebook: Notebook, seed: int) -> None:
    """Each gives what it gives when all cells are run from the beginning."""
    random = Random(seed)
    cells: list[str] = []
    unsaved: list[list[str]] = []
    for _ in range(20):
        cells.append(_random_generators(random, notebook.namespace))
        unsaved.append([name for name, _, _ in notebook.cell(cells[-1]).unsaved])
    found = 0
    for number, names in enumerate(unsaved, start=1):
        for name in [name for name in names if name.startswith("g")]:
            anew = run("\n".join(cells[:number]), Namespace())
            loaded = notebook.session.load(number, recompute=[name])
            assert list(loaded[name]) == list(anew[name]), (number, name)
            found += 1
    assert found > 3
