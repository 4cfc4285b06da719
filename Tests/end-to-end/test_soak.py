"""Short runs of ``mount-scripts/soak``."""

from __future__ import annotations

import pytest
from conftest import SECONDS, run_script


@pytest.mark.parametrize(
    ("program", "length"), [("soak.py", "5"), ("mount.py", "1"), ("memory.py", "600")]
)
def test_short_run(program: str, length: str) -> None:
    """Nothing fails, nothing is lost, no reader waits, and memory does not grow."""
    assert "no damage in " in run_script(f"Soak/{program}", length, seconds=2 * SECONDS)
