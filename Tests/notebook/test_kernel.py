"""The extension in a real kernel, as a notebook runs it."""

from __future__ import annotations

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


def test_what_another_process_writes_is_there_in_the_next_cell(
    kernel: Kernel, store: podfs.Store
) -> None:
    store.session("alice").save({"model": ["from alice"], "own": "theirs"})
    kernel.run("%load_ext podfs\nown = 1")
    podfs_program(store.path, "cp", "alice@1:model", "default:model")
    assert kernel.run("print(model)") == "podfs: from the workspace: model\n['from alice']\n"
    assert kernel.run("del model") == ""
    assert "own" in podfs_program(store.path, "ls", "default")
    assert "model" not in podfs_program(store.path, "ls", "default")


def test_output_is_capped_and_never_cut_for_the_person(kernel: Kernel, store: podfs.Store) -> None:
    kernel.run("%load_ext podfs")
    shown = kernel.run("print('a' * 100_000)\nfor n in range(20_000): print(n)\nprint('end')")
    assert len(shown) == 100_001 + sum(len(str(n)) + 1 for n in range(20_000)) + 4
    ((_, _, _, kept, _),) = cells(store)
    assert kept.startswith("aaaa")
    assert kept.endswith("19999\nend\n")
    assert 64 * 1024 < len(kept) < 65 * 1024
    assert "characters are left out" in kept


@pytest.mark.parametrize("mark", ["", "-jvsc-0a1b2c3d-1111-2222-3333-444444444444.ipynb"])
def test_the_session_is_named_after_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", f"{tmp_path}/My study: 2.ipynb{mark}")
    kernel = Kernel(tmp_path)
    try:
        assert kernel.run("%load_ext podfs") == "podfs: attached to My-study-2\n"
    finally:
        kernel.stop()
