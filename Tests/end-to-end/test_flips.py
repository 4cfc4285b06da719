"""A short run of ``mount-scripts/flips``."""

from __future__ import annotations

from conftest import SECONDS, run_script


def test_flipped_bits_make_no_value_wrong() -> None:
    """Nothing is wrong after a flip, and nothing is lost that check does not report."""
    assert "podfs.db " in run_script("Flips/flips.py", "24", "5", seconds=4 * SECONDS)
