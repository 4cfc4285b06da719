"""Making values again that are lost, by running the cells that lead to them.

A value is lost if what is stored of it is damaged or cannot be unpickled any more, or if it could
not be stored. Its cell is run in a namespace of its own, with what it read: the values that are
stored, and only where these are lost too, values that were made again. Of what the cells make, only
what is lost is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import LoadError, NotFoundError
from .loading import load_each
from .replay import CellError, Scratch, moved
from .telling import reason
from .why import Step, steps_to

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .errors import DamagedError
    from .keeping import Lost
    from .loading import Loaded
    from .place import Place
    from .unpickler import Loader

__all__ = ["load_or_make"]


def load_or_make(
    loader: Loader,
    place: Place,
    revision: str | None,
    names: Iterable[str] | None,
    asked: Iterable[str],
    *,
    partly: bool,
) -> Loaded:
    """Load *names* or all variables of a commit, and make again what is lost of them, and *asked*.

    What is stored is loaded by itself where what it shares objects with cannot be. What cannot be
    made again is an error, or *lost* if the load can be done *partly*.
    """
    stored = {answer["name"] for answer in place.handle.variables(place.number, revision)}
    wanted = None if names is None else sorted({*names})
    sound = None if wanted is None else [name for name in wanted if name in stored]
    loaded = load_each(loader, place, revision, sound)
    lost = dict(loaded.lost)
    for name in list(lost):
        by_itself = load_each(loader, place, revision, [name])
        loaded.values.update(by_itself.values)
        if name in by_itself.values:
            del lost[name]
    unstored = sorted({*asked, *(wanted or ())} - stored)
    groups: dict[object, list[str]] = {name: [name] for name in unstored}
    for name in sorted(lost):
        groups.setdefault(id(lost[name].error), []).append(name)
    made, failed = _each_made_again(place, revision, list(groups.values()), loader)
    loaded.values.update(made)
    if failed and not partly:
        raise _error(failed, place, next((entry.error for entry in lost.values()), None))
    return loaded._replace(
        recomputed=tuple(sorted(made)),
        lost={name: _lost(lost[name], error) for name, error in failed.items() if name in lost},
        unmade={name: str(error) for name, error in failed.items() if name not in lost},
    )


def _lost(entry: Lost, error: CellError) -> Lost:
    """Return *entry* with the reason for which it was not made again, too."""
    text = f"{entry.error}; it cannot be made again: {error}"
    return entry._replace(error=type(entry.error)(text, entry.error.names))


def _error(
    failed: dict[str, CellError], place: Place, cause: DamagedError | LoadError | None
) -> LoadError:
    names: dict[str, list[str]] = {}
    for name, problem in failed.items():
        names.setdefault(str(problem), []).append(name)
    reasons = [
        f"{', '.join(group)} of session '{place.name}' cannot be made again: {problem}"
        for problem, group in names.items()
    ]
    error = LoadError("; ".join([*reasons, "load the others by their names"]), tuple(failed))
    error.__cause__ = cause or next(iter(failed.values())).__cause__
    return error


def _each_made_again(
    place: Place, revision: str | None, groups: list[list[str]], loader: Loader
) -> tuple[dict[str, Any], dict[str, CellError]]:
    """Return the values of *groups* of names, made again, and why others could not be.

    All at once if that works, so that they share objects as they did; else group by group.
    """
    if not groups:
        return {}, {}
    try:
        return _made_again(
            place, revision, [name for group in groups for name in group], loader
        ), {}
    except CellError as error:
        if len(groups) == 1:
            return {}, dict.fromkeys(groups[0], error)
    made: dict[str, Any] = {}
    failed: dict[str, CellError] = {}
    for group in groups:
        one, problems = _each_made_again(place, revision, [group], loader)
        made.update(one)
        failed.update(problems)
    return made, failed


def _made_again(
    place: Place, revision: str | None, names: Iterable[str], loader: Loader
) -> dict[str, Any]:
    """Return the values that *names* had in a commit, made again by running cells.

    They belong to the namespace of *loader*, which is not changed, and to what it has loaded. What
    the cells print is not shown.
    """
    wanted = sorted(set(names))
    try:
        plan = _Plan(place)
        plan.add(revision, wanted)
        scratch = Scratch()
        made = _run(plan, place, scratch)
        lost = {name: made[name, plan.origin(revision, name)] for name in wanted}
        return moved(lost, scratch, loader)
    except (CellError, KeyboardInterrupt, MemoryError, NotFoundError):
        raise
    except BaseException as error:  # the values' own code can raise anything
        raise CellError(reason(error)) from error


class _Plan:
    """The cells that are to be run, and what of that which they read is lost."""

    def __init__(self, place: Place) -> None:
        self._place = place
        #: The steps by their commits, with all that is needed of each.
        self.steps: dict[int, Step] = {}
        #: What the cell of a commit takes that is stored and can be loaded, and what cannot be.
        self.sound: dict[int, list[str]] = {}
        self.lost: dict[int, list[str]] = {}
        self._origins: dict[tuple[str | None, str], int] = {}

    def origin(self, revision: str | None, name: str) -> int:
        """Return the commit whose cell makes the value that a lost variable had in a commit."""
        try:
            return self._origins[revision, name]
        except KeyError:
            raise CellError(f"no cell is known that made {name}") from None

    def is_of_unsaved(self) -> bool:
        """Tell whether any value is made that could not be stored."""
        return any(set(step.makes) - step.changed for step in self.steps.values())

    def add(self, revision: str | None, names: list[str]) -> None:
        """Add the cells that make *names* of a commit from what is stored."""
        pending = [(revision, names)]
        while pending:
            at, lost = pending.pop()
            for step in steps_to(lost, self._place, at, follow=False):
                if step.obstacle is not None:
                    raise CellError(step.obstacle)
                missing = self._add_step(step)
                if missing:
                    pending.append((str(step.parent), missing))
                # The last one that makes a name, if it takes more than one.
                for name in set(lost).intersection(step.makes):
                    self._origins[at, name] = step.commit

    def _add_step(self, step: Step) -> list[str]:
        """Add a step, or what it makes and takes otherwise; return what more of that is lost."""
        known = self.steps.get(step.commit, step)
        self.steps[step.commit] = step._replace(
            makes=tuple(sorted({*known.makes, *step.makes})), takes={**known.takes, **step.takes}
        )
        sound = self.sound.setdefault(step.commit, [])
        lost = self.lost.setdefault(step.commit, [])
        taken = [name for name, commit in step.takes.items() if commit is not None]
        if step.parent is None:
            return []
        if step.note is not None:
            taken = self._all_of(step.parent)
        taken = [name for name in taken if name not in sound and name not in lost]
        missing = Scratch().failures(self._place, step.parent, taken) if taken else set()
        sound += [name for name in taken if name not in missing]
        lost += sorted(missing)
        return sorted(missing)

    def _all_of(self, commit: int) -> list[str]:
        answers = self._place.handle.variables(self._place.number, str(commit))
        return [answer["name"] for answer in answers]


def _run(plan: _Plan, place: Place, scratch: Scratch) -> dict[tuple[str, int], Any]:
    """Run the cells of *plan*, the oldest first; return the values by names and commits.

    What is stored is loaded before each cell. Only where values are made that could not be stored,
    objects stay as long as no commit has others: a generator goes on with the list it began with.
    """
    made: dict[tuple[str, int], Any] = {}
    unsaved: dict[str, Any] = {}
    kept: dict[tuple[str, int | None], Any] = {}
    for commit, step in sorted(plan.steps.items()):
        sound = plan.sound[commit]
        versions = [(name, step.takes.get(name)) for name in sound]
        inputs = {version[0]: kept[version] for version in versions if version in kept}
        scratch.check(place, step.parent, inputs)
        wanted = [name for name in sound if name not in inputs]
        for name in plan.lost[commit]:
            inputs[name] = made[name, plan.origin(str(step.parent), name)]
        for name, origin in step.takes.items():
            if origin is None and name in unsaved:
                inputs[name] = unsaved[name]
        scratch.begin(place, step.parent, wanted, inputs)
        scratch.run(step, place.name)
        for name in step.makes:
            if name in scratch:
                unsaved[name] = scratch[name]
            elif name in step.changed or name not in unsaved:
                raise CellError(f"the cell of commit {commit} did not make {name} this time")
            made[name, commit] = unsaved[name]
        if plan.is_of_unsaved():
            origins = {**step.takes, **dict.fromkeys(step.changed, commit)}
            kept.update(
                ((name, at), scratch[name])
                for name, at in origins.items()
                if at is not None and name in scratch
            )
    return made
