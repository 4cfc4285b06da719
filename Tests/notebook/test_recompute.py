"""Cells in the syntax of IPython are read as what they do, and run once more by IPython itself."""

from __future__ import annotations

import podfs
from conftest import Shell


def test_cells_with_magics(shell: Shell, store: podfs.Store) -> None:
    for source in (
        "%load_ext podfs\n%podfs attach alice",
        "base = [1, 2, 3]; unused = 0",
        "%time stream = (item for item in base)",
        "%%capture printed\nfirst = next(stream)\nprint(first)",
        "words = !echo $first words",
        "base = stream = words = 0",
    ):
        shell.run(source)
    session = store.session("alice")
    steps = {step.code: step for step in session.why("words", 4)}
    assert [step.commit for step in steps.values()] == [1, 2, 3, 4]
    assert {step.note for step in steps.values()} == {None}
    assert steps["words = !echo $first words"].takes == {"first": 3}
    loaded = session.load(4, names=["stream"], recompute=True)
    assert list(loaded["stream"]) == [2, 3]
    assert shell.variables["stream"] == 0
    assert "first" not in loaded
