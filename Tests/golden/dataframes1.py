"""The values of `dataframes` as pandas 1 pickles them: to be made with one of its versions."""

from __future__ import annotations

from dataframes import CASES, PYTHON

__all__ = ["CASES", "PYTHON"]
