"""Sparse matrices and arrays of scipy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

_DENSE = np.array([[1.5, 0, 0, -2], [0, 0, 0, 0], [0, 1e20, 0, 0], [3, 0, 0.1, 0]])


def _matrix(kind: str) -> Callable[[], object]:
    return lambda: sparse.csr_matrix(_DENSE).asformat(kind)


def _unsorted() -> Any:
    ends, columns = np.array([0, 3, 4]), np.array([2, 0, 2, 1])
    return sparse.csr_matrix((np.array([1, 2, 3, 4]), columns, ends), shape=(2, 3))


CASES: dict[str, Callable[[], object]] = {
    **{kind: _matrix(kind) for kind in ("csr", "csc", "coo", "dia", "lil", "dok")},
    "bsr": lambda: sparse.bsr_matrix(np.kron(np.eye(2), np.array([[1, 2], [0, 3]]))),
    "csr array": lambda: sparse.csr_array(_DENSE),
    "duplicates": _unsorted,
    "one dimension": lambda: sparse.coo_array(np.array([0, 1, 0, 2])),
    "empty": lambda: sparse.csr_matrix((3, 4)),
    "complex": lambda: sparse.coo_matrix(np.array([[0, 1 + 2j]])),
    "tall": lambda: sparse.csr_matrix(np.eye(5000, 3)),
}


def _lines(value: Any) -> str:
    form = value.tocoo()
    indexes = [[int(n) for n in place] for place in zip(*form.coords)]
    entries = sorted(zip(indexes, form.data.tolist()))
    return "".join(f"  {tuple(place)}  {item}\n" for place, item in entries)


PYTHON: dict[str, Callable[[Any], str]] = dict.fromkeys(
    ("csr", "csc", "coo", "lil", "dok", "csr array", "one dimension", "empty", "complex", "tall"),
    _lines,
)
