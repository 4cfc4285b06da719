"""The examples of docs/python.md do what it says."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pytest
from conftest import ROOT


def test_python_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = os.path.relpath(ROOT / "docs" / "python.md", Path(__file__).parent)
    results = doctest.testfile(page, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.attempted > 25
    assert results.failed == 0
