"""The sequences of versions that the benchmark ``pickles`` measures, the same in every run."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx
import numpy
import pandas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The versions of each sequence, the first one included.
VERSIONS = 20

_ROWS = 200_000


class Sequence(NamedTuple):
    """Versions of one variable, and what is to be reached."""

    name: str
    #: New KB per version, or None if the target follows from the data.
    reach: float | None
    #: Yields each version when it is asked for; the one before may change then.
    versions: Callable[[], Iterator[Any]]
    equal: Callable[[Any, Any], bool]


def _row(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"item {number}",
        "score": number * 0.5,
        "tags": [number % 7, number % 11],
    }


def records(count: int = _ROWS) -> list[dict[str, Any]]:
    """Return a list of *count* dicts."""
    return [_row(number) for number in range(count)]


def _insertions() -> Iterator[Any]:
    rows = records()
    yield rows
    for number in range(1, VERSIONS):
        rows.insert(_ROWS // 2 + 37 * number, _row(_ROWS + number))
        yield rows


def _changes(places: Callable[[random.Random], list[int]]) -> Iterator[Any]:
    rng = random.Random(3)
    rows = records()
    yield rows
    for _ in range(1, VERSIONS):
        for place in places(rng):
            rows[place]["score"] = rng.random()
        yield rows


def _scattered(rng: random.Random) -> list[int]:
    return rng.sample(range(_ROWS), _ROWS // 1000)


def _clustered(rng: random.Random) -> list[int]:
    """Return as many places as `_scattered`, in two runs."""
    half = _ROWS // 2000
    return [
        start + offset
        for start in (rng.randrange(_ROWS - half), rng.randrange(_ROWS - half))
        for offset in range(half)
    ]


def graph() -> Any:
    """Return a weighted graph of 25,000 nodes and 125,000 edges."""
    result = networkx.gnm_random_graph(25_000, 125_000, seed=4)
    rng = random.Random(5)
    for _, _, attributes in result.edges(data=True):
        attributes["weight"] = rng.random()
    return result


def _edges() -> Iterator[Any]:
    rng = random.Random(6)
    value = graph()
    yield value
    for _ in range(1, VERSIONS):
        value.add_edge(rng.randrange(25_000), rng.randrange(25_000), weight=rng.random())
        yield value


def _weights() -> Iterator[Any]:
    """Change the weights of 20 edges a version."""
    rng = random.Random(7)
    value = graph()
    yield value
    edges = list(value.edges)
    for _ in range(1, VERSIONS):
        for left, right in rng.sample(edges, 20):
            value[left][right]["weight"] = rng.random()
        yield value


def frame(rows: int = 75_000) -> Any:
    """Return a frame of ten columns of numbers and one of text."""
    rng = numpy.random.default_rng(8)
    columns: dict[str, Any] = {f"f{number}": rng.standard_normal(rows) for number in range(8)}
    columns["i0"] = rng.integers(0, 1000, rows)
    columns["i1"] = numpy.arange(rows)
    words = numpy.array([f"word{number}" for number in range(500)], dtype=object)
    columns["text"] = pandas.Series(words[rng.integers(0, 500, rows)], dtype=object)
    return pandas.DataFrame(columns)


#: The bytes of one column of numbers of `frame`.
COLUMN_BYTES = 75_000 * 8


def _columns_added() -> Iterator[Any]:
    rng = numpy.random.default_rng(9)
    value = frame()
    yield value
    for number in range(1, VERSIONS):
        value[f"new{number}"] = rng.standard_normal(len(value))
        yield value


def _columns_changed() -> Iterator[Any]:
    rng = numpy.random.default_rng(10)
    value = frame()
    yield value
    for number in range(1, VERSIONS):
        value[f"f{number % 8}"] = rng.standard_normal(len(value))
        yield value


def _columns_dropped() -> Iterator[Any]:
    rng = numpy.random.default_rng(11)
    value = frame()
    for number in range(1, VERSIONS):
        value[f"new{number}"] = rng.standard_normal(len(value))
    yield value
    for number in range(1, VERSIONS):
        value = value.drop(columns=f"new{number}")
        yield value


def _cells() -> Iterator[Any]:
    rng = numpy.random.default_rng(12)
    value = frame()
    yield value
    for _ in range(1, VERSIONS):
        for place in rng.integers(0, len(value), 10):
            value.iloc[place, int(rng.integers(0, 8))] = rng.random()
        yield value


def _slices() -> Iterator[Any]:
    rng = numpy.random.default_rng(13)
    value = rng.standard_normal(2_500_000)
    yield value
    for _ in range(1, VERSIONS):
        start = int(rng.integers(0, len(value) - 5000))
        value[start : start + 5000] = rng.standard_normal(5000)
        yield value


def _same(left: Any, right: Any) -> bool:
    return bool(left == right)


def _same_frames(left: Any, right: Any) -> bool:
    return bool(left.equals(right)) and list(left.columns) == list(right.columns)


def _same_graphs(left: Any, right: Any) -> bool:
    return bool(networkx.utils.graphs_equal(left, right))


def _same_arrays(left: Any, right: Any) -> bool:
    return bool(left.dtype == right.dtype and numpy.array_equal(left, right))


#: All sequences, in the order of the table.
SEQUENCES = [
    Sequence("200k-row list of dicts, one inserted in the middle", 6, _insertions, _same),
    Sequence("same, 0.1 % of rows changed, scattered", 150, lambda: _changes(_scattered), _same),
    Sequence("same, changed in clusters", 6, lambda: _changes(_clustered), _same),
    Sequence("networkx graph, one edge added", 60, _edges, _same_graphs),
    Sequence("networkx graph, 20 weights changed", 60, _weights, _same_graphs),
    Sequence("DataFrame, one column added", None, _columns_added, _same_frames),
    Sequence("DataFrame, one column changed", None, _columns_changed, _same_frames),
    Sequence("DataFrame, one column dropped", None, _columns_dropped, _same_frames),
    Sequence("DataFrame, ten cells", 120, _cells, _same_frames),
    Sequence("array of 20 MB, a slice of 40 KB", 55, _slices, _same_arrays),
]
