"""Sizes: what each version adds to a store, and to a store of chunks of the raw stream."""

from __future__ import annotations

import hashlib
import pickle
import sqlite3
import subprocess
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import podfs
from sequences import COLUMN_BYTES, SEQUENCES, VERSIONS, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["measure", "table"]


class Sizes(NamedTuple):
    """What was measured of one sequence, in bytes."""

    name: str
    reach: float | None
    #: Without what an empty store takes.
    first: int
    first_chunks: int
    first_zlib: int
    #: Per version after the first.
    chunks: float
    pods: float
    wrong: list[int]


class Chunks:
    """A store of FastCDC chunks of 8 KiB on average, deduplicated and compressed by zlib."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._file = folder / "stream"
        self._seen: set[bytes] = set()
        self.size = 0

    def add(self, stream: bytes) -> None:
        """Add the chunks of *stream* that are new; nothing is counted but their bytes."""
        self._file.write_bytes(stream)
        ends = subprocess.run(
            [self._program, "cut", self._file], check=True, capture_output=True, text=True
        ).stdout
        start = 0
        for end in map(int, ends.split()):
            chunk = stream[start:end]
            start = end
            digest = hashlib.sha256(chunk).digest()
            if digest not in self._seen:
                self._seen.add(digest)
                self.size += len(zlib.compress(chunk))


def stored_bytes(store: Path) -> int:
    """Return the bytes of all files of *store*, with what the log holds in the database."""
    for database in store.rglob("*.db"):
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return sum(file.stat().st_size for file in store.rglob("*") if file.is_file())


def _measure(sequence: Sequence, program: Path, folder: Path) -> Sizes:
    folder.mkdir()
    chunks = Chunks(program, folder)
    path = folder / "store"
    store = podfs.Store(path)
    session = store.session("bench")
    empty = stored_bytes(path)
    namespace = session.namespace()
    revisions: list[int] = []
    first = first_chunks = first_zlib = 0
    for value in sequence.versions():
        stream = pickle.dumps(value, protocol=5)
        chunks.add(stream)
        namespace["x"] = value
        revisions.append(session.save(namespace))
        if len(revisions) == 1:
            first, first_chunks = stored_bytes(path), chunks.size
            first_zlib = len(zlib.compress(stream, 6))
    last = stored_bytes(path)
    wrong = [
        number
        for number, value in enumerate(sequence.versions(), 1)
        if not sequence.equal(session.load(revisions[number - 1])["x"], value)
    ]
    store.close()
    later = VERSIONS - 1
    return Sizes(
        sequence.name,
        sequence.reach,
        first - empty,
        first_chunks,
        first_zlib,
        (chunks.size - first_chunks) / later,
        (last - first) / later,
        wrong,
    )


def measure(program: Path, folder: Path) -> Iterator[Sizes]:
    """Measure all sequences, in directories under *folder*."""
    for number, sequence in enumerate(SEQUENCES):
        yield _measure(sequence, program, folder / str(number))


def _verdict(size: Sizes) -> tuple[str, str]:
    """Return the target, and whether it was reached."""
    if size.reach is None:
        reach = 1.02 * COLUMN_BYTES / 1000
        text = f"{reach:.0f} (1.02 times the column)"
    else:
        reach, text = size.reach, f"{size.reach:g}"
    return text, "yes" if size.pods / 1000 <= reach else "no"


def table(sizes: list[Sizes]) -> Iterator[str]:
    """Yield the lines of the tables."""
    yield "| sequence | chunks of the raw stream | podfs | to reach | reached | loads equal |"
    yield "|---|---|---|---|---|---|"
    for size in sizes:
        target, reached = _verdict(size)
        equal = f"{VERSIONS - len(size.wrong)} of {VERSIONS}"
        yield (
            f"| {size.name} | {size.chunks / 1000:.1f} | {size.pods / 1000:.1f} | {target} "
            f"| {reached} | {equal} |"
        )
    yield ""
    yield "| first version, KB | zlib-6 of the pickle | chunks | podfs | podfs : zlib-6 |"
    yield "|---|---|---|---|---|"
    for size in sizes:
        values: Any = (size.first_zlib, size.first_chunks, size.first)
        cells = " | ".join(f"{value / 1000:.0f}" for value in values)
        yield f"| {size.name} | {cells} | {size.first / size.first_zlib:.2f} |"
