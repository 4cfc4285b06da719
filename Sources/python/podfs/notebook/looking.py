"""The commands that show something: log, show, status, diff, history, why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NotFoundError
from .parsing import Argument, Command, revision
from .tables import Table, names_in_line, one_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from datetime import datetime

    from ..revision import Commit, Value
    from ..session import Session
    from .extension import Extension

__all__ = ["COMMANDS"]


def _log(extension: Extension, arguments: argparse.Namespace) -> Table:
    session = extension.attached().session
    limit = arguments.count if arguments.count > 0 else None
    commits = session.log(None if limit is None else limit + 1)
    shown = commits[:limit]
    names = _names(session)
    rows = [
        [
            names.get(commit.number, ""),
            f"{commit.number}",
            local_time(commit.time),
            _took(commit),
            _title(commit),
        ]
        for commit in shown
    ]
    note = "" if commits else f"{session.name} has no commits yet"
    if len(commits) > len(shown):
        note = "there are older ones: '%podfs log -n 0' shows all"
    return Table(
        ["", "commit", "time", "took", "what"], rows, numbers=("commit", "took"), note=note
    )


def _show(extension: Extension, arguments: argparse.Namespace) -> Table:
    session = extension.attached().session
    number = session.resolve(arguments.revision)
    newest = session.log(1)[0].number
    commits = session.log(newest - number + 1)
    commit = next(commit for commit in commits if commit.number == number)
    parents = ", ".join(map(str, commit.parents)) or "none"
    lines = [f"commit {number}, {local_time(commit.time)}, parents: {parents}"]
    lines += [commit.message] if commit.message else []
    if commit.cell is not None:
        count, took = commit.cell.execution_count, _took(commit)
        lines += [f"\ncell [{'' if count is None else count}]{took and f', {took}'}:"]
        lines += [commit.cell.source.rstrip()]
        lines += ["\noutput:", commit.cell.stdout.rstrip()] if commit.cell.stdout else []
        lines += [f"\nerror: {commit.cell.error}"] if commit.cell.error else []
    return Table([], [], title="\n".join(lines))


def _status(extension: Extension, _: argparse.Namespace) -> Table:
    attachment = extension.attached()
    session = attachment.session
    branch, head = session.branch(), session.head()
    place = "no commit yet" if head is None else f"commit {head}"
    saving = "after every cell" if extension.settings.autosave else "off; '%podfs save' commits"
    rows = [
        ["session", session.name],
        ["store", session.store.path],
        ["at", f"{place}, branch {branch}" if branch else place],
        ["commits", saving],
        ["variables", f"{len(attachment.variables())}"],
    ]
    rows += [["not saved", f"{name} ({kind}): {why}"] for name, kind, why in attachment.unsaved]
    return Table(["", ""], rows)


def _diff(extension: Extension, arguments: argparse.Namespace) -> Table:
    session = extension.attached().session
    words: list[str] = arguments.words
    one = words[0] if words else "HEAD~1"
    other = words[1] if len(words) > 1 else "HEAD"
    names = words[2:]
    numbers = session.resolve(one), session.resolve(other)
    difference = session.diff(*numbers)
    rows = [
        *(["+", name, "", summary(value)] for name, value in difference.added.items()),
        *(["-", name, summary(value), ""] for name, value in difference.removed.items()),
        *(
            ["~", name, summary(before), summary(after)]
            for name, (before, after) in difference.changed.items()
        ),
    ]
    rows = sorted((row for row in rows if not names or row[1] in names), key=lambda row: row[1])
    unknown = sorted(set(names) - {name for n in numbers for name in session.variables(n)})
    if unknown:
        raise NotFoundError(f"neither commit has {', '.join(unknown)}")
    columns = ["", "variable", f"commit {numbers[0]}", f"commit {numbers[1]}"]
    return Table(columns, rows, note="" if rows else "the same")


def _history(extension: Extension, arguments: argparse.Namespace) -> Table:
    session = extension.attached().session
    versions = session.history(arguments.variable)
    if not versions:
        raise NotFoundError(f"no commit of {session.name} has '{arguments.variable}'")
    titles = {commit.number: _title(commit) for commit in session.log()}
    rows = [
        [
            f"{version.commit}",
            local_time(version.time),
            summary(version.value),
            titles.get(version.commit, ""),
        ]
        for version in versions
    ]
    return Table(["commit", "time", "value", "what"], rows, numbers=("commit",), code=("what",))


def _why(extension: Extension, arguments: argparse.Namespace) -> Table:
    session = extension.attached().session
    steps = session.why(arguments.variable, arguments.revision)
    rows = [
        [
            f"{step.commit}",
            names_in_line(step.makes),
            names_in_line([f"{name}@{at or '?'}" for name, at in sorted(step.takes.items())]),
            one_line(step.code or "") + (f" ({step.note})" if step.note else ""),
        ]
        for step in steps
    ]
    return Table(["commit", "makes", "from", "what"], rows, numbers=("commit",), code=("what",))


def summary(value: Value) -> str:
    """Return what is told of a value in a few words."""
    shape = "" if value.shape is None else f" {'x'.join(map(str, value.shape)) or 'scalar'}"
    dtype = "" if value.dtype is None else f" {value.dtype}"
    return f"{value.type}{shape}{dtype}, {_bytes(value.size)}"


def _bytes(count: int) -> str:
    size, units = float(count), iter(("B", "KiB", "MiB", "GiB"))
    unit = next(units)
    for unit in units:
        if size < 1000 and unit == "KiB":
            return f"{count} B"
        size /= 1024
        if size < 1000:
            break
    return f"{size:.3g} {unit}"


def local_time(time: datetime) -> str:
    """Return *time* as the clock on the wall had it."""
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}"


def _title(commit: Commit) -> str:
    """Return what a commit is about: its message, or else the code that made it."""
    title = one_line(commit.message)
    if commit.cell is not None:
        title = title or one_line(commit.cell.source)
        if commit.cell.error:
            title = f"✗ {title}"
    return title


def _took(commit: Commit) -> str:
    duration = commit.cell and commit.cell.duration
    if duration is None:
        return ""
    if duration < 1:
        return f"{duration * 1000:.0f} ms"
    return f"{duration:.1f} s" if duration < 100 else f"{duration / 60:.0f} min"


def _names(session: Session) -> dict[int, str]:
    """Return what commits are called: a star is HEAD, then come branches and tags."""
    names: dict[int, list[str]] = {}
    head, branch = session.head(), session.branch()
    if head is not None:
        names[head] = ["*"]
    branches = session.branches()
    for name in sorted(branches, key=lambda name: (name != branch, name)):
        # A session that never left its first branch is not told that it has one.
        if len(branches) > 1 or branch is None:
            names.setdefault(branches[name], []).append(name)
    for name, number in sorted(session.tags().items()):
        names.setdefault(number, []).append(f"tag {name}")
    return {number: _joined(parts) for number, parts in names.items()}


def _joined(parts: Iterable[str]) -> str:
    star, *others = [*parts]
    return f"* {', '.join(others)}" if star == "*" and others else ", ".join([star, *others])


_REVISION = revision(nargs="?", default="HEAD")
_VARIABLE = Argument("variable", metavar="VARIABLE", kind="variable")

COMMANDS = (
    Command(
        "log",
        "the commits, the newest first",
        _log,
        (
            Argument(
                *("-n", "--count"), type=int, default=20, metavar="N", help="so many; 0 for all"
            ),
        ),
    ),
    Command("show", "the cell of a commit, its output and its error", _show, (_REVISION,)),
    Command("status", "what is attached, and where it is", _status),
    Command(
        "diff",
        "the variables that differ in two commits, or in the last two",
        _diff,
        (
            Argument(
                "words",
                nargs="*",
                metavar="REVISION REVISION VARIABLE",
                kind="revision revision variable",
            ),
        ),
    ),
    Command(
        "history",
        "the versions of a variable",
        _history,
        (_VARIABLE,),
    ),
    Command(
        "why",
        "the cells that lead to the value of a variable",
        _why,
        (_VARIABLE, _REVISION),
    ),
)
