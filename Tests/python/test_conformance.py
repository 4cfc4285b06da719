"""The cases of mount-scripts/libraries, for the libraries that are here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PACKAGE, ROOT


@pytest.mark.parametrize(
    "libraries",
    [
        ("Python, built in", "Python, defined in a cell", "Python, standard library"),
        ("numpy", "networkx"),
        ("pandas",),
    ],
    ids=lambda libraries: libraries[-1],
)
def test_every_change_is_found_and_loaded(libraries: tuple[str, ...], tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, ROOT / "Tests" / "Conformance" / "conformance.py", results, *libraries],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(results.read_text())
    assert [entry["library"] for entry in found] == list(libraries)
    assert sum(len(entry["cases"]) for entry in found) > 30
