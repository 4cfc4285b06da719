"""The disk that 30 versions of a namespace take, in podfs and in what people use instead.

A namespace of 41 variables, 102 MB pickled, of which four change in each version: a frame gets a
column, a table of events gets rows, cells of a frame are edited, and an array is computed again.
The rivals keep one pickle per variable. The shares of the variables are chosen so that the rivals
come out about where they did for a namespace of a user.
"""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy
import pandas
import podfs
from measuring import Options, Row, stored_bytes
from sklearn.ensemble import RandomForestRegressor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["measure", "versions"]

VERSIONS = 30

#: The rows of the frame that gets columns, and the length of the array that is computed again.
_ROWS = 50_000
_RESIDUALS = 160_000

_WORDS = [
    f"{stem}{ending}"
    for stem in ("north", "south", "market", "river", "old", "new")
    for ending in range(40)
]


def _text(rng: numpy.random.Generator, count: int) -> list[str]:
    """Return *count* notes of a few words."""
    picks = rng.integers(0, len(_WORDS), (count, 4))
    return [" ".join(_WORDS[pick] for pick in row) for row in picks]


def _events(rng: numpy.random.Generator, start: int, count: int) -> pandas.DataFrame:
    """Return rows of a log of sales."""
    return pandas.DataFrame(
        {
            "id": numpy.arange(start, start + count),
            "time": pandas.Timestamp("2026-01-01")
            + pandas.to_timedelta(rng.integers(0, 3600, count).cumsum(), unit="s"),
            "shop": pandas.Categorical.from_codes(
                rng.integers(0, 12, count), categories=[f"shop {number}" for number in range(12)]
            ),
            "amount": rng.integers(100, 20_000, count) / 100,
            "note": _text(rng, count),
        }
    )


def _records(rng: numpy.random.Generator, count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "name": f"customer {number}",
            "city": _WORDS[int(rng.integers(0, len(_WORDS)))],
            "orders": [int(order) for order in rng.integers(0, 5000, 3)],
            "rating": round(float(rng.random()) * 5, 1),
        }
        for number in range(count)
    ]


def _first(rng: numpy.random.Generator) -> dict[str, Any]:
    """Return the namespace of the first version."""
    namespace: dict[str, Any] = {
        "features": pandas.DataFrame(
            {f"feature{number}": rng.standard_normal(_ROWS) for number in range(10)}
        ),
        "events": _events(rng, 0, 10_000),
        "prices": pandas.DataFrame(
            {f"day{number}": rng.integers(100, 9999, 6_000) / 100 for number in range(15)}
        ),
        "residuals": rng.standard_normal(_RESIDUALS),
        "customers": _records(rng, 40_000),
        "images": rng.integers(0, 256, (2400, 64, 64), dtype=numpy.uint8),
        "embedding": rng.standard_normal((60_000, 64)).astype(numpy.float32),
        "labels": rng.integers(0, 10, 250_000),
        "index": {name: number for number, name in enumerate(_text(rng, 30_000))},
        "model": RandomForestRegressor(n_estimators=20, random_state=1).fit(
            rng.standard_normal((1500, 8)), rng.standard_normal(1500)
        ),
    }
    for number in range(6):
        namespace[f"weights{number}"] = rng.standard_normal((1120, 1000))
    for number in range(6):
        namespace[f"counts{number}"] = rng.poisson(3, 25_000)
    for number in range(4):
        namespace[f"sample{number}"] = _events(rng, number, 4_000)
    for number in range(5):
        namespace[f"grid{number}"] = numpy.round(rng.standard_normal((300, 100)), 2)
    for number in range(9):
        namespace[f"option{number}"] = {
            "rate": number / 10,
            "steps": number,
            "name": f"run {number}",
        }
    namespace["title"] = "sales of the year"
    return namespace


def versions() -> Iterator[dict[str, Any]]:
    """Yield the namespace of each version; the one before may change then."""
    rng = numpy.random.default_rng(15)
    namespace = _first(rng)
    yield namespace
    for number in range(1, VERSIONS):
        namespace["features"][f"added{number}"] = rng.standard_normal(_ROWS)
        namespace["events"] = pandas.concat(
            [namespace["events"], _events(rng, 10_000 + 500 * number, 500)], ignore_index=True
        )
        for _ in range(20):
            row, column = int(rng.integers(0, 6_000)), int(rng.integers(0, 15))
            namespace["prices"].iloc[row, column] = float(rng.integers(100, 9999)) / 100
        namespace["residuals"] = rng.standard_normal(_RESIDUALS)
        yield namespace


class _Rival(NamedTuple):
    """A program that keeps versions of a directory."""

    name: str
    #: Makes an empty archive, keeps a version, and ends; None for nothing to do.
    begin: list[str] | None
    keep: list[str]
    end: list[str] | None


_RIVALS = [
    _Rival(
        "git",
        ["git", "init", "-q", "--initial-branch=main", "{archive}"],
        [
            "sh",
            "-c",
            "git --git-dir={archive}/.git --work-tree={data} add -A . && "
            "git --git-dir={archive}/.git -c user.name=b -c user.email=b@b commit -qm {number}",
        ],
        ["git", "--git-dir={archive}/.git", "gc", "-q", "--prune=now"],
    ),
    _Rival(
        "restic",
        ["restic", "-q", "init", "-r", "{archive}"],
        ["restic", "-q", "backup", "-r", "{archive}", "."],
        None,
    ),
    _Rival(
        "borg",
        ["borg", "init", "-e", "none", "{archive}"],
        ["borg", "create", "{archive}::{number}", "."],
        None,
    ),
    _Rival(
        "borg with zstd",
        ["borg", "init", "-e", "none", "{archive}"],
        ["borg", "create", "-C", "zstd", "{archive}::{number}", "."],
        None,
    ),
]


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


class _Kept:
    """The archive of one rival."""

    def __init__(self, rival: _Rival, folder: Path) -> None:
        self.rival = rival
        self._archive = folder / rival.name.replace(" ", "-")
        self._data = folder / "data"
        self._environment = {
            **os.environ,
            "RESTIC_PASSWORD": "benchmark",
            "XDG_CACHE_HOME": str(folder / "cache"),
            "BORG_BASE_DIR": str(folder / "cache"),
        }
        self._run(rival.begin, 0)

    def _run(self, command: list[str] | None, number: int) -> None:
        if command is None:
            return
        filled = [
            part.format(archive=self._archive, data=self._data, number=number) for part in command
        ]
        subprocess.run(
            filled, check=True, capture_output=True, cwd=self._data, env=self._environment
        )

    def keep(self, number: int) -> None:
        """Keep the data as it is now."""
        self._run(self.rival.keep, number)

    def size(self) -> int:
        """Return the bytes of all that was kept."""
        self._run(self.rival.end, 0)
        return _size(self._archive)


def _write(namespace: Mapping[str, Any], data: Path, written: dict[str, bytes]) -> int:
    """Write a pickle per variable that is not as it was; return the bytes of all."""
    for name, value in namespace.items():
        stream = pickle.dumps(value, protocol=5)
        if written.get(name) != stream:
            (data / name).write_bytes(stream)
            written[name] = stream
    return sum(map(len, written.values()))


def measure(options: Options) -> Iterator[Row]:
    """Measure what all versions take, before and after `podfs gc`."""
    data = options.folder / "data"
    data.mkdir()
    kept = [
        _Kept(rival, options.folder) for rival in _RIVALS if shutil.which(rival.name.split()[0])
    ]
    path = options.folder / "store"
    session = podfs.Store(path).session("versions")
    written: dict[str, bytes] = {}
    plain = 0
    for number, namespace in enumerate(versions(), 1):
        session.save(namespace)
        plain += _write(namespace, data, written)
        for archive in kept:
            archive.keep(number)
    session.store.close()
    sizes = {"plain copies": plain} | {archive.rival.name: archive.size() for archive in kept}
    beside = ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in sizes.items())
    before = stored_bytes(path)
    each = f"{len(written)} variables, {plain / VERSIONS / 1e6:.0f} MB"
    what = f"disk of {VERSIONS} versions of {each} each"
    yield Row(f"{what}, as saved", f"{before / 1e6:.0f} MB", "", None, beside)
    collected = subprocess.run(
        [options.podfs, "gc", "--store", path], capture_output=True, text=True, check=False
    )
    if collected.returncode != 0:
        return
    after = stored_bytes(path)
    yield Row(
        f"{what}, after `podfs gc`", f"{after / 1e6:.0f} MB", "190 MB", after <= 190e6, beside
    )
