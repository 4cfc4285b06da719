"""A value that the store has is not stored again, whoever saves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conftest import python

if TYPE_CHECKING:
    from pathlib import Path

SAVE = """
import os
import numpy
import podfs

session = os.environ["SESSION"]
records = [{"name": f"row {number}", "value": number / 7} for number in range(3_000)]
array = numpy.random.default_rng(1).standard_normal(500_000)
namespace = {"records": records, "array": array, "own": session}
podfs.Store(os.environ["STORE"]).session(session).save(namespace)
"""


def test_processes_and_sessions_share_pods(tmp_path: Path) -> None:
    store = tmp_path / "store"
    sizes = []
    # Each in a process of its own; the third goes on with the session of the first.
    for session in ("alice", "bob", "alice"):
        python(SAVE, STORE=str(store), SESSION=session)
        sizes.append(sum(pack.stat().st_size for pack in (store / "packs").iterdir()))
    first, *others = sizes
    assert first > 4_000_000
    assert max(others) < first + 1000
