"""The rows of the benchmark ``python``: what is to be reached, and what stands beside it."""

from __future__ import annotations

import statistics
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from measuring import Row
from session_measuring import MeasuringError, Run, Runs, steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["PARTS", "Asked", "bounds"]

_RIVALS = ("reference", "cloudpickle", "dill", "shelve")


class Asked(NamedTuple):
    """What a part is given."""

    runs: Runs
    #: A directory that is removed afterwards.
    folder: Path
    gib: float


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def _ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.2f}" if theirs else "-"


def _beside(runs: Runs, workload: str, ours: float, figure: Callable[[Run], float]) -> str:
    """Return the rivals' figures, and ours divided by each."""
    texts = []
    for rival in _RIVALS:
        run = runs.run(workload, rival)
        left_out = f", without {', '.join(run.left_out)}" if run.left_out else ""
        theirs = figure(run)
        texts.append(f"{rival} {_milliseconds(theirs)} ({_ratio(ours, theirs)}{left_out})")
    return "; ".join(texts)


def _mean(times: list[float], start: int, end: int) -> float:
    return statistics.fmean(times[start:end])


def tiny(asked: Asked) -> Iterator[Row]:
    """Measure ``x += 1``, in a script and in IPython."""
    runs = asked.runs
    for name, start, end in (("commits 5 to 55", 5, 55), ("commits 950 to 1000", 950, 1000)):
        ours = _mean(runs.run("tiny", "podfs").commits, start, end)
        beside = _beside(runs, "tiny", ours, lambda run, s=start, e=end: _mean(run.commits, s, e))  # type: ignore[misc]
        yield _row(f"`x += 1`, {name}: `s.save(ns)`", ours, 0.005, beside)
        cells = _mean(runs.run("tiny", "shell").cells, start, end)
        ours = _mean(runs.run("tiny", "notebook").cells, start, end) - cells
        beside = f"the cell without the extension {_milliseconds(cells)}"
        yield _row("the same: `%load_ext podfs` in IPython", ours, 0.005, beside)


def _row(what: str, ours: float, reach: float, beside: str) -> Row:
    return Row(what, _milliseconds(ours), _milliseconds(reach), ours <= reach, beside)


def large(asked: Asked) -> Iterator[Row]:
    """Measure commits beside arrays that are not touched, or of which one element changes."""
    ours = asked.runs.run("beside", "podfs", asked.gib)
    theirs = asked.runs.run("beside", "reference", min(1, asked.gib))
    for name, cells, reach in (
        ("that it does not touch", slice(2, 11), 0.020),
        ("of which it changes one element", slice(12, 21), 0.025),
    ):
        reached = statistics.median(ours.commits[cells])
        cell = statistics.median(ours.cells[cells])
        other = statistics.median(theirs.commits[cells])
        yield _row(
            f"a cell beside {asked.gib:g} GiB of arrays {name}",
            reached,
            reach,
            f"reference, beside {min(1, asked.gib):g} GiB, {_milliseconds(other)}; "
            f"the cell by itself {_milliseconds(cell)}",
        )


def objects(asked: Asked) -> Iterator[Row]:
    """Measure a dict of objects, beside `cloudpickle.dumps`."""
    run = asked.runs.run("objects", "podfs")
    dumps = asked.runs.run("objects", "dumps")
    for name, cells, reach in (
        ("nothing changed", slice(1, None, 2), 1.3),
        ("one changed", slice(2, None, 2), 2.0),
    ):
        ours = statistics.median(run.commits[cells])
        theirs = statistics.median(dumps.commits[cells])
        rivals = _beside(
            asked.runs,
            "objects",
            ours,
            lambda run, c=cells: statistics.median(run.commits[c]),  # type: ignore[misc]
        )
        yield Row(
            f"a dict of 200,000 objects, {name}",
            f"{_milliseconds(ours)}, {_ratio(ours, theirs)} of cloudpickle.dumps",
            f"{reach}",
            ours <= reach * theirs,
            f"cloudpickle.dumps {_milliseconds(theirs)}; {rivals}",
        )


def _whole(asked: Asked, workload: str, what: str, reach: float, megabytes: float) -> Iterator[Row]:
    run = asked.runs.run(workload, "podfs")
    ours = sum(run.commits)
    beside = _beside(asked.runs, workload, ours, lambda run: sum(run.commits))
    yield _row(f"{what}, in all", ours, reach, beside)
    theirs = asked.runs.run(workload, "reference")
    yield Row(
        f"{what}: stored",
        f"{run.stored / 1e6:.1f} MB",
        f"{megabytes:g} MB",
        run.stored <= megabytes * 1e6,
        f"reference {theirs.stored / 1e6:.1f} MB ({_ratio(run.stored, theirs.stored)})",
    )


def pandas(asked: Asked) -> Iterator[Row]:
    """Measure a session of pandas."""
    yield from _whole(asked, "pandas", "15 cells of pandas, a frame of 100 MB", 1.0, 250)


def text(asked: Asked) -> Iterator[Row]:
    """Measure a classification of text."""
    yield from _whole(asked, "text", "12 cells of text classification", 1.0, 25)


def arrays(asked: Asked) -> Iterator[Row]:
    """Measure a dict of arrays."""
    run, theirs = asked.runs.run("arrays", "podfs"), asked.runs.run("arrays", "reference")
    ours, other = (statistics.median(each.commits[1:]) for each in (run, theirs))
    beside = _beside(asked.runs, "arrays", ours, lambda run: statistics.median(run.commits[1:]))
    yield _row("50 arrays of 2 MB, 3 changed, per cell", ours, other, beside)
    changed = 6e6 * (len(run.commits) - 1)
    yield Row(
        "the same: stored by the changed bytes",
        f"{run.stored_later / changed:.3f}",
        "1.05",
        run.stored_later <= 1.05 * changed,
        f"reference {theirs.stored_later / changed:.3f}",
    )


def travel(asked: Asked) -> Iterator[Row]:
    """Measure what goes back."""
    for what, step, reach in (
        ("checkout of the first of 21 commits of the dict of arrays", "checkout", 1.0),
        ("undo of a small change beside a frame of 100 MB", "undo", 0.05),
        ("load of one small variable of a commit of 1 GB", "load", 0.02),
    ):
        figures = _steps(asked, step)
        beside = f"{_milliseconds(figures['wall'])} by the clock"
        if "first" in figures:
            beside += f"; with opening the store and imports {_milliseconds(figures['first'])}"
        yield _row(what, figures["cpu"], reach, beside)


def start(asked: Asked) -> Iterator[Row]:
    """Measure what a process pays before its first cell."""
    figures = _steps(asked, "start")
    yield Row(
        "`import podfs`, a new store, the first save",
        _milliseconds(figures["cpu"]),
        "",
        None,
        f"{_milliseconds(figures['wall'])} by the clock; "
        f"the interpreter itself {_milliseconds(figures['interpreter'])}",
    )


def _steps(asked: Asked, step: str, count: int = 3) -> dict[str, float]:
    """Return the least of each figure of several runs of a step."""
    found = []
    for _ in range(count):
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            found.append(steps(step, folder))
    return {name: min(figures[name] for figures in found) for name in found[0]}


def bounds(asked: Asked) -> Iterator[Row]:
    """Compare each workload that was measured with plain cloudpickle."""
    for workload in sorted({workload for workload, _ in asked.runs.made} - {"beside"}):
        ours = asked.runs.run(workload, "podfs")
        theirs = asked.runs.run(workload, "cloudpickle")
        count = len(ours.commits)
        allowed = 2 * sum(theirs.commits) + 0.003 * count
        yield _row(
            f"{workload}: never over 2 x cloudpickle + 3 ms a commit",
            sum(ours.commits),
            allowed,
            f"of what is allowed {_ratio(sum(ours.commits), allowed)}",
        )
        most = theirs.stored + 4096 * count
        yield Row(
            f"{workload}: never more bytes than cloudpickle + 4 KiB a commit",
            f"{ours.stored / 1e6:.2f} MB",
            f"{most / 1e6:.2f} MB",
            ours.stored <= most,
            f"of what is allowed {_ratio(ours.stored, most)}",
        )


def _telling(measure: Callable[[Asked], Iterator[Row]]) -> Callable[[Asked], Iterator[Row]]:
    """Return *measure* with a row for what fails."""

    def rows(asked: Asked) -> Iterator[Row]:
        try:
            yield from measure(asked)
        except MeasuringError as error:
            yield Row(measure.__name__, f"failed: {error}", "", False)

    return rows


#: What is measured, in the order of the table.
PARTS = {
    part.__name__: _telling(part)
    for part in (tiny, large, objects, pandas, text, arrays, travel, start)
}
