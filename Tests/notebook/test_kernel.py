"""The extension in a real kernel, as a notebook runs it."""

from __future__ import annotations

import os
import pickle
import sqlite3
from pathlib import Path
from typing import Any

import podfs
import pytest
from conftest import Kernel, podfs_program


def cells(store: podfs.Store) -> list[tuple[Any, ...]]:
    """Return what is kept of the cells: source, count, duration, output, error."""
    with sqlite3.connect(f"file:{store.path}/podfs.db?mode=ro", uri=True) as database:
        columns = "source, execution_count, duration, output, error"
        return list(database.execute(f"SELECT {columns} FROM cell ORDER BY number"))


def test_a_notebook(kernel: Kernel, store: podfs.Store) -> None:
    assert kernel.run("%load_ext podfs") == "podfs: attached to default\n"
    assert kernel.run("x = [1]\nprint('printed')\nx") == "printed\n[1]\n"
    assert kernel.run("x.append(2)\n1 / 0") == "ZeroDivisionError: division by zero\n"
    assert kernel.run("y = (n for n in x)\nz = 3") == (
        "podfs: not saved: y (generator: cannot pickle 'generator' object)\n"
    )
    assert kernel.run("%%bash\necho from bash") == "from bash\n"
    assert kernel.run("import asyncio\nawait asyncio.sleep(0)\nprint('awaited')") == "awaited\n"
    session = store.session("default")
    assert session.load(1) == {"x": [1]}
    assert session.load(2) == {"x": [1, 2]}
    assert session.load(5)["z"] == 3
    kept = cells(store)
    assert [cell[0] for cell in kept] == [cell.source for cell in kernel.notebook.cells[1:]]
    assert [cell[1] for cell in kept] == [2, 3, 4, 5, 6]
    assert all(0 < cell[2] < 60 for cell in kept)
    assert [cell[3] for cell in kept] == ["printed\n", "", "", "from bash\n", "awaited\n"]
    assert [cell[4] for cell in kept] == [None, "ZeroDivisionError: division by zero", *[None] * 3]

    assert "*       5  " in kernel.run("%podfs log")
    (output,) = kernel.outputs()
    assert output.data["text/html"].startswith("<table>")
    assert session.head() == 5


def test_what_a_kernel_prints_is_capped_for_the_store_only(
    kernel: Kernel, store: podfs.Store
) -> None:
    kernel.run("%load_ext podfs")
    shown = kernel.run("print('a' * 100_000)\nfor n in range(20_000): print(n)\nprint('end')")
    assert len(shown) == 100_001 + sum(len(str(n)) + 1 for n in range(20_000)) + 4
    ((_, _, _, kept, _),) = cells(store)
    assert kept.startswith("aaaa")
    assert kept.endswith("19999\nend\n")
    assert 64 * 1024 < len(kept) < 65 * 1024
    assert "characters are left out" in kept

    assert kernel.run("import threading\nt = threading.Timer(0, print, ['thread'])") != ""
    assert kernel.run("t.start(); t.join()") == "thread\n"
    assert cells(store)[-1][3] == "thread\n"
    assert kernel.run("import sys; sys.stderr.write('x'); sys.stdout") != ""
    assert kernel.run("from contextlib import redirect_stdout as r\nimport io") == ""
    assert kernel.run("with r(io.StringIO()) as f: print('inside')\nprint(f.getvalue())") == (
        "inside\n\n"
    )
    assert cells(store)[-1][3] == "inside\n\n"


def test_a_kernel_that_is_restarted(kernel: Kernel, store: podfs.Store) -> None:
    kernel.run("%load_ext podfs")
    kernel.run("import numpy as np\nshared = [1]\ndata = {'rows': shared, 'a': np.arange(4)}")
    kernel.run("class Point:\n    x = 5\npoint = Point()\ndef f(): return len(shared)")
    kernel.run("shared.append(2)")
    kernel.restart()
    assert kernel.run("%load_ext podfs") == (
        "podfs: attached to default at commit 3; '%podfs attach' brings its variables back\n"
    )
    assert kernel.run("%podfs attach") == "podfs: 6 variables are back from commit 3\n"
    assert kernel.run("data['rows'] is shared, f(), point.x, isinstance(point, Point)") == (
        "(True, 2, 5, True)\n"
    )
    assert kernel.run("before = id(data), id(point)") == ""
    assert kernel.run("%podfs undo 3") == (
        "podfs: at commit 2, branch main; loaded: data, shared; removed: before\n"
    )
    assert kernel.run("f(), data['rows'] is shared") == "(1, True)\n"
    assert kernel.run("%podfs redo") == "podfs: at commit 3, branch main; loaded: data, shared\n"
    assert kernel.run("shared.append(3)") == ""
    assert kernel.run("%podfs checkout 2\nprint(shared)") == (
        "podfs: at commit 2; loaded: data, shared\n[1]\n"
    )
    assert kernel.complete("%podfs checkout ma") == ["main"]
    assert store.session("default").branches() == {"main": 6}


def test_what_others_write_is_there_in_the_next_cell(
    kernel: Kernel, store: podfs.Store, tmp_path: Path
) -> None:
    store.session("alice").save({"model": ["from alice"], "own": "theirs"})
    kernel.run("%load_ext podfs\nown = 1")
    podfs_program(store.path, "cp", "alice@1:model", "default:model")
    assert kernel.run("print(model)") == "podfs: from the workspace: model\n['from alice']\n"
    assert kernel.run("del model") == ""
    assert "own" in podfs_program(store.path, "ls", "default")
    assert "model" not in podfs_program(store.path, "ls", "default")


@pytest.mark.skipif(not os.access("/dev/fuse", os.W_OK), reason="there is no /dev/fuse")
def test_the_workspace_of_a_mount_is_the_namespace(
    kernel: Kernel, store: podfs.Store, tmp_path: Path
) -> None:
    kernel.run("%load_ext podfs\nown = [1]")
    point = tmp_path / "mnt"
    point.mkdir()
    podfs_program(store.path, "mount", str(point))
    try:
        workspace = point / "default" / "workspace"
        assert pickle.loads((workspace / "own").read_bytes()) == [1]
        kernel.run("own.append(2); made = 'in a cell'")
        assert pickle.loads((workspace / "own").read_bytes()) == [1, 2]
        assert pickle.loads((workspace / "made").read_bytes()) == "in a cell"
        (workspace / "own").write_bytes(pickle.dumps(["from outside"]))
        (workspace / "new").write_bytes(pickle.dumps(5))
        (workspace / "made").unlink()
        assert kernel.run("own, new, 'made' in globals()") == (
            "podfs: from the workspace: new, own, made\n(['from outside'], 5, False)\n"
        )
    finally:
        podfs_program(store.path, "umount", str(point))
