"""What the parts of the benchmarks ``store``, ``mount`` and ``text`` have in common."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = [
    "Options",
    "Row",
    "drop_caches",
    "durable_writes",
    "figures",
    "machine",
    "run",
    "stored_bytes",
    "table",
    "user_steps",
]


class Options(NamedTuple):
    """What a part is given."""

    #: StoreSpeed, which calls the store from Swift, where a benchmark needs it.
    program: Path
    podfs: Path
    #: An empty directory, removed afterwards.
    folder: Path
    commits: int
    #: The size of the store of garbage.
    gib: float = 0.0


class Row(NamedTuple):
    """One row of the table."""

    what: str
    reached: str
    reach: str
    is_reached: bool | None
    #: A rival, or what bounds the figure, measured in the same run.
    beside: str = ""


def machine() -> str:
    """Return what the benchmark runs on."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return (
        f"{names[0] if names else platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"Linux {platform.release()}, Python {platform.python_version()}"
    )


def run(
    parser: argparse.ArgumentParser,
    parts: Mapping[str, Callable[[Options], Iterator[Row]]],
    *,
    needs_program: bool = True,
) -> int:
    """Measure what the command line asks for, in the order of *parts*, and print a table."""
    parser.add_argument(
        "--speed-program", dest="program", type=Path, required=needs_program, default=Path()
    )
    parser.add_argument("--commits", type=int, default=100_000)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(parts)}")
    given = vars(parser.parse_args())
    names = given.pop("parts")
    unknown = [part for part in names if part not in parts]
    if unknown:
        parser.error(f"no part '{unknown[0]}'; there is: {', '.join(parts)}")
    print(machine(), flush=True)
    rows: list[Row] = []
    for part, measure in parts.items():
        if names and part not in names:
            continue
        with tempfile.TemporaryDirectory(prefix="podfs-bench.") as folder:
            options = Options(podfs=Path(os.environ["PODFS"]), folder=Path(folder), **given)
            for row in measure(options):
                print(f"  measured: {row.what}: {row.reached}", file=sys.stderr, flush=True)
                rows.append(row)
    print()
    print("\n".join(table(rows)))
    return 0


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| what | reached | to reach | reached? | beside it |"
    yield "|---|---|---|---|---|"
    for row in rows:
        verdict = {True: "yes", False: "no", None: ""}[row.is_reached]
        yield f"| {row.what} | {row.reached} | {row.reach} | {verdict} | {row.beside} |"


def figures(options: Options, *arguments: object) -> dict[str, float]:
    """Run StoreSpeed, which prints names and figures, and return them."""
    command = [str(options.program), *map(str, arguments)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: float(figure) for name, figure in map(str.split, output.splitlines())}


def user_steps(*arguments: object) -> dict[str, float]:
    """Run a step of ``store_user.py`` in a process of its own, and return its figures."""
    script = Path(__file__).with_name("store_user.py")
    command = [sys.executable, str(script), *map(str, arguments)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: float(figure) for name, figure in map(str.split, output.splitlines())}


def drop_caches(folder: Path) -> None:
    """Have the kernel forget what it keeps of the files of *folder*, as far as it does."""
    for file in folder.rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def stored_bytes(store: Path) -> int:
    """Return the bytes of the packs and the database of *store*, with what its log holds."""
    for database in store.rglob("*.db"):
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    files = [*store.glob("packs/*"), *store.glob("*.db")]
    return sum(file.stat().st_size for file in files)


def _median(body: Callable[[], object], count: int = 300) -> float:
    times = []
    for _ in range(count):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def durable_writes(folder: Path) -> tuple[float, float]:
    """Return the median seconds of a durable transaction, and of an append with fdatasync."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE row (data BLOB)")
    transaction = _median(lambda: connection.execute("INSERT INTO row VALUES (?)", (bytes(100),)))
    connection.close()
    descriptor = os.open(folder / "bare.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def append() -> None:
        os.write(descriptor, bytes(100))
        os.fdatasync(descriptor)

    appended = _median(append)
    os.close(descriptor)
    return transaction, appended
