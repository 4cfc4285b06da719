"""The extension in a plain IPython: what it does to cells, and that it breaks none."""

from __future__ import annotations

import builtins
import os
import shutil
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import podfs
import pytest
from conftest import Shell
from podfs.saving import Saver


def test_every_cell_is_a_commit(shell: Shell, store: podfs.Store) -> None:
    assert shell.run("%load_ext podfs") == "podfs: attached to default\n"
    session = store.session("default")
    for number, source in enumerate(["x = 1", "x += 1", "pass", "1 / 0", "x y", "?"], 1):
        shell.run(source)
        assert session.head() == number, source
    assert session.load(1) == {"x": 1}
    assert session.load() == {"x": 2}


def test_what_makes_no_commit(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    sources = ["", "  \n", "%podfs log", "# note\n\n%podfs status\npodfs help"]
    for source in [*sources, "%load_ext podfs", "%reload_ext podfs"]:
        shell.run(source)
    shell.run("silent = 1", silent=True)
    assert store.session("default").head() is None
    shell.run("pass", store_history=False)
    assert store.session("default").load() == {"silent": 1}
    shell.run("%podfs log\npodfs = 2")
    assert store.session("default").head() == 2


def test_what_only_looks_like_a_command_is_a_commit(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    sources = ["podfs = log = 1", "podfs; x = 2", "podfs, x = 3, 4", "if podfs: x = 5"]
    for number, source in enumerate(sources, 1):
        shell.run(source)
        assert store.session("default").head() == number
    assert store.session("default").load() == {"podfs": 3, "log": 1, "x": 5}


def test_a_namespace_that_is_reset(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    shell.run("x = 1")
    shell.run("%reset -f")
    shell.run("y = 1")
    assert store.session("default").load() == {"y": 1}


def test_a_process_that_a_cell_forks_commits_nothing(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    source = "import os\nif os.fork() == 0:\n    x = 'child'\nelse: os.wait()"
    process = os.getpid()
    try:
        shell.run(source)
    finally:
        if os.getpid() != process:
            os._exit(0)
    assert [commit.number for commit in store.session("default").log()] == [1]
    assert "x" not in store.session("default").load()


def test_a_cell_that_is_cancelled_while_it_waits(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    info = SimpleNamespace(raw_cell="await forever()", store_history=True)
    shell.shell.events.trigger("pre_run_cell", info)
    print("printed")
    shell.shell.events.trigger("post_run_cell", None)  # as ipykernel does
    shell.run("x = 1")
    second, first = store.session("default").log()
    assert first.cell is not None
    assert first.cell[:2] == ("await forever()", None)
    assert first.cell[3:5] == ("printed\n", "KeyboardInterrupt")
    assert second.cell is not None
    assert second.cell.source == "x = 1"


def test_cells_of_threads(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    shell.run(
        "import threading\n"
        "thread = threading.Thread(target=get_ipython().run_cell, args=('inner = 1',))\n"
        "thread.start(); thread.join(); del thread"
    )
    first, second = reversed(store.session("default").log())
    assert first.cell is not None
    assert first.cell.source == "inner = 1"
    assert second.cell is not None
    assert second.cell.source.startswith("import threading")


def test_the_cell_that_loads_the_extension(shell: Shell, store: podfs.Store) -> None:
    shell.run("before = 1")
    shell.run("%load_ext podfs\nx = 1")
    assert store.session("default").load() == {"before": 1, "x": 1}


def test_a_cell_that_runs_cells_is_one_commit(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    shell.run("get_ipython().run_cell('x = 1')\nget_ipython().run_cell('')\nprint('outer')\nx = 2")
    assert [commit.number for commit in store.session("default").log()] == [1]
    assert store.session("default").load() == {"x": 2}


def test_names_that_are_no_variables(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    shell.run("5")
    shell.run("_x = _ + 1; __y = 7; exit = 8\nfor _ in 'ab': pass")
    assert store.session("default").load() == {"_x": 6, "__y": 7, "exit": 8}


def test_unloading_leaves_nothing(shell: Shell, store: podfs.Store) -> None:
    events = {name: list(calls) for name, calls in shell.shell.events.callbacks.items()}
    magics = set(shell.shell.magics_manager.magics["line"])
    write = sys.stdout.write
    shell.run("%load_ext podfs")
    shell.run("x = 1")
    shell.run("%unload_ext podfs")
    assert {name: list(calls) for name, calls in shell.shell.events.callbacks.items()} == events
    assert set(shell.shell.magics_manager.magics["line"]) == magics
    assert sys.stdout.write == write
    shell.run("x = 2")
    assert store.session("default").load() == {"x": 1}
    assert shell.run("%load_ext podfs") == (
        "podfs: attached to default at commit 1; '%podfs attach' brings its variables back\n"
    )


def test_detaching(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    shell.run("x = 1")
    assert shell.run("%podfs detach") == "podfs: detached from default; what was committed stays\n"
    shell.run("x = 2")
    assert "no session is attached; '%podfs attach" in shell.fail("%podfs log")
    assert shell.run("%podfs attach other") == "podfs: attached to other (it is new)\n"
    shell.run("x = 3")
    assert store.session("default").load() == {"x": 1}
    assert store.session("other").load() == {"x": 3}


@pytest.mark.parametrize(
    "source",
    [
        "import io, sys; sys.stdout = io.StringIO()",
        "import sys\nclass S:\n    def write(self, text): 1 / 0\nsys.stdout = S()",
        "import builtins; builtins.print = None",
        "get_ipython = print = open = None",
        "get_ipython().events.callbacks['post_run_cell'].clear()",
        "import sys; sys.stdout.write = lambda text: 0",
        "class E(Exception):\n    def __str__(self): raise self\nraise E",
        "raise SystemExit(3)",
        "class A:\n    def __reduce_ex__(self, n): raise SystemExit\na = A()",
        "class A:\n    def __reduce_ex__(self, n): raise KeyboardInterrupt\na = A()",
        "raise KeyboardInterrupt",
        "import os; os.getpid = lambda: 1",
        "class A:\n    def __reduce_ex__(self, n): 1 / 0\na = A()",
        "globals()[5] = 6; globals()['a/b'] = 7",
    ],
)
def test_hostile_cells(
    shell: Shell, store: podfs.Store, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(builtins, "print", print)
    monkeypatch.setattr(os, "getpid", os.getpid)
    shell.run("%load_ext podfs")
    shell.run(source)
    said = shell.run("x = 1")
    monkeypatch.undo()
    assert shell.variables["x"] == 1
    assert len(said.splitlines()) <= 1


def test_a_store_that_is_gone(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    shell.run("x = 1")
    shutil.rmtree(store.path)
    (line,) = shell.run("x = 2").splitlines()
    assert line.startswith("podfs: this cell is not saved: ")
    assert shell.variables["x"] == 2


def test_what_goes_wrong_later_is_told_at_the_next_cell(
    shell: Shell, store: podfs.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run("%load_ext podfs")
    shell.run("x = 1")

    class Failing:
        unsaved = ()

        def done(self) -> bool:
            return False

        def wait(self) -> None:
            pass

        def result(self) -> int:
            raise podfs.PodfsError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Saver, "begin", lambda *_, **__: Failing())
        assert shell.run("x = 2") == ""
    assert shell.run("y = 3") == "podfs: the last cell is not saved: the disk is full\n"
    assert shell.run("%podfs log").count("\n") == 3
    assert store.session("default").load() == {"x": 2, "y": 3}


def test_a_large_value_is_stored_while_the_next_cell_is_typed(
    shell: Shell, store: podfs.Store
) -> None:
    shell.run("%load_ext podfs")
    shell.run("import numpy as np\na = np.random.default_rng(3).bytes(40_000_000)")
    shell.run("b = a[:1000] * 40_000")
    shell.run("same = store = None\na = b''")
    loaded = store.session("default").load(2)
    assert len(loaded["a"]) == len(loaded["b"]) == 40_000_000


def test_a_store_that_cannot_be_opened(
    shell: Shell, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODFS_STORE", "/dev/null/store")
    (line,) = shell.run("%load_ext podfs").splitlines()
    assert line.startswith("podfs: not attached: ")
    shell.run("x = 1")
    assert shell.variables["x"] == 1


def test_what_cannot_be_saved_is_told_once(shell: Shell) -> None:
    shell.run("%load_ext podfs")
    assert "not saved: y (generator: " in shell.run("y = (n for n in [])")
    assert shell.run("x = 1") == ""
    assert "not saved: y" in shell.run("z = (n for n in [])")
    many = shell.run("a = b = c = d = e = f = (n for n in [])")
    assert many.count("generator: ") == 6
    assert " and 2 more" in many
    assert len(many.splitlines()) == 1


def test_a_value_that_cannot_be_loaded_is_named(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "lossy.py").write_text(
        "class Lossy:\n"
        "    def __init__(self, needed): pass\n"
        "    def __reduce__(self): return Lossy, ()\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    shell.run("%load_ext podfs\n%podfs attach alice")
    assert shell.run("import lossy\nvalue = lossy.Lossy(1)") == ""
    shell.run("more = 1")  # the commit of the last cell is known to be stored from here on
    for thread in threading.enumerate():
        if thread.name == "podfs-trial":
            thread.join()
    said = shell.run("more = 2")
    assert said.startswith("podfs: not saved: value (lossy.Lossy: its pickle cannot be loaded: ")
    assert shell.run("more = 3") == ""
    assert "value" not in podfs.Store().session("alice").variables()
