"""Trees listed and compared through a mount, beside the same trees on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy
import podfs
from measuring import Options, Row, figures
from mounting import MIB, Cost, Mounted, best, command, cost

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["measure"]

_NAMES = 1000
_LISTED = 30


def measure(options: Options) -> Iterator[Row]:
    """Measure listings, comparisons, `stat`, and the memory of the daemon."""
    yield from _listings(options)
    yield from _comparison(options)
    yield from _large_directories(options)


def _milliseconds(cost: Cost) -> str:
    return f"{1000 * cost.wall:.0f} ms"


def _taken(cost: Cost) -> str:
    return f"{_milliseconds(cost)}, daemon {cost.daemon:.2f} s of the processor"


def _listings(options: Options) -> Iterator[Row]:
    """List commits all of whose variables are new, which is the most that there can be."""
    store = options.folder / "changing"
    session = podfs.Store(str(store)).session("bench")
    commits = max(_LISTED, min(300, options.commits // 300))
    for number in range(commits):
        session.save({f"variable{index}": (number, index) for index in range(_NAMES)})
    # As deep as the mount: each step of a path takes time.
    native = options.folder / "native" / "bench" / "commits"
    for number in range(_LISTED):
        folder = native / str(number)
        folder.mkdir(parents=True)
        for index in range(_NAMES):
            (folder / f"variable{index}").touch()
    natives = sorted(native.iterdir())
    disk = best(cost, command, "ls", "-l", *natives)
    floor = best(cost, command, "ls", "-l", options.podfs)

    def first() -> tuple[Cost, Cost]:
        with Mounted(options, store) as mount:
            folders = [mount.path / "bench" / "commits" / str(n + 1) for n in range(_LISTED)]
            first = mount.cost(command, "ls", "-l", *folders)
            return first, best(mount.cost, command, "ls", "-l", *folders)

    runs = [first() for _ in range(3)]
    cold, warm = min(run[0] for run in runs), min(run[1] for run in runs)
    beside = f"ext4 {_milliseconds(disk)}, `ls -l` of one file {_milliseconds(floor)}"
    what = f"`ls -l` of {_LISTED} commits of {_NAMES:,} variables"
    yield Row(f"{what}, first", _taken(cold), "0.3 s", cold.wall <= 0.3, beside)
    yield Row("the same again", _taken(warm), "0.05 s", warm.wall <= 0.05, beside)
    with Mounted(options, store) as mount:
        files = [mount.path / "bench" / "commits" / "1" / "variable0", natives[0] / "variable0"]
        podfs_stat, native_stat = (
            min(figures(options, "stat", file, 200_000)["stat"] for _ in range(5)) for file in files
        )
    yield Row(
        "`stat` of what the kernel has",
        f"{podfs_stat * 1e9:.0f} ns, {native_stat / podfs_stat:.2f} of ext4",
        "0.6 of ext4",
        podfs_stat <= native_stat / 0.6,
        f"ext4 {native_stat * 1e9:.0f} ns",
    )
    yield from _memory(options, store, commits)
    shutil.rmtree(options.folder / "native")


def _memory(options: Options, store: Path, commits: int) -> Iterator[Row]:
    with Mounted(options, store) as mount:
        before = mount.memory()
        taken = mount.cost(command, "find", mount.path / "bench" / "commits", "-size", "+9999999k")
        after = mount.memory("VmHWM")
    yield Row(
        f"memory of the daemon after `find -size` over {commits * _NAMES:,} files, "
        f"which took {taken.wall:.1f} s",
        f"{after / MIB:.0f} MiB",
        "100 MiB",
        after <= 100 * MIB,
        f"{before / MIB:.0f} MiB before",
    )


def _comparison(options: Options) -> Iterator[Row]:
    store = options.folder / "compared"
    session = podfs.Store(str(store)).session("bench")
    rng = numpy.random.default_rng(1)
    namespace = {f"variable{number}": rng.random(12_500) for number in range(_NAMES)}
    session.save(namespace)
    for number in range(4):
        namespace[f"variable{number * 250}"] = rng.random(12_500)
    session.save(namespace)

    def first() -> tuple[Cost, Cost]:
        with Mounted(options, store) as mount:
            folders = [mount.path / "bench" / "commits" / str(number) for number in (1, 2)]
            first = mount.cost(command, "diff", "-r", *folders)
            return first, best(mount.cost, command, "diff", "-r", *folders)

    runs = [first() for _ in range(3)]
    native = [options.folder / name for name in ("one", "two")]
    with Mounted(options, store) as mount:
        for number, folder in enumerate(native):
            shutil.copytree(mount.path / "bench" / "commits" / str(number + 1), folder)
    disk = best(cost, command, "diff", "-r", *native)
    floor = best(cost, command, "diff", "/dev/null", "/dev/null")
    for folder in native:
        shutil.rmtree(folder)
    cold, warm = min(run[0] for run in runs), min(run[1] for run in runs)
    beside = f"ext4, cached {_milliseconds(disk)}, `diff` of nothing {_milliseconds(floor)}"
    what = f"`diff -r` of two commits of {_NAMES:,} variables, 100 MB, of which 4 changed"
    yield Row(f"{what}, first", _taken(cold), "0.2 s", cold.wall <= 0.2, beside)
    yield Row("the same again", _taken(warm), "0.05 s", warm.wall <= 0.05, beside)


def _large_directories(options: Options) -> Iterator[Row]:
    """Mount a long history, and list directories that are as long."""
    count = options.commits
    store = options.folder / "history"
    figures(options, "commits", store, 1000, count)
    point = options.folder / "answering"
    point.mkdir()

    def answers() -> Cost:
        taken = cost(command, options.podfs, "--store", store, "mount", point)
        command(options.podfs, "--store", store, "umount", point)
        return taken

    taken, floor = best(answers), best(cost, command, options.podfs, "--version")
    yield Row(
        f"`podfs mount` of a store of {count:,} commits",
        _milliseconds(taken),
        "0.2 s",
        taken.wall <= 0.2,
        f"`podfs --version` {_milliseconds(floor)}",
    )
    yield from _listing(options, store, Path("speed/commits"), f"{count:,} commits")
    many = options.folder / "many"
    session = podfs.Store(str(many)).session("bench")
    session.save({f"variable{number}": number for number in range(count)})
    yield from _listing(options, many, Path("bench/commits/1"), f"{count:,} variables")
    few = max(count // 10, 100)
    with Mounted(options, many) as mount:
        for number in range(few):
            (mount.path / "bench" / "workspace" / f"file{number}").write_bytes(b"%d" % number)
    yield from _listing(
        options, many, Path("bench/workspace"), f"{count:,} variables and {few:,} files"
    )


def _listing(options: Options, store: Path, folder: Path, what: str) -> Iterator[Row]:
    for flag in ("-f", "-l"):
        with Mounted(options, store) as mount:
            path = mount.path / folder
            first = mount.cost(command, "ls", flag, path)
            again = best(mount.cost, command, "ls", flag, path)
            memory = mount.memory("VmHWM")
        yield Row(
            f"`ls {flag}` of {what}, first and again",
            f"{_milliseconds(first)}, {_milliseconds(again)}, daemon {first.daemon:.2f} and "
            f"{again.daemon:.2f} s of the processor, {memory / MIB:.0f} MiB",
            "",
            None,
        )
