"""The commands that go somewhere or name a place: checkout, undo, redo, branch, tag and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import DamagedError, LoadError, PodfsError
from ..revision import Checkout
from .parsing import Argument, Command, WrongWordsError, revision
from .tables import Table, names_in_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from ..session import Session
    from .extension import Extension

__all__ = ["COMMANDS"]


def _checkout(extension: Extension, arguments: argparse.Namespace) -> None:
    session = extension.attached().session
    recompute = _recompute(extension, arguments)
    _go(
        extension,
        lambda namespace: session.checkout(
            arguments.revision, into=namespace, force=arguments.force, recompute=recompute
        ),
        remedy=f"'%podfs checkout {arguments.revision} --recompute'",
    )


def _go(extension: Extension, *steps: Callable[[dict[str, Any]], Checkout], remedy: str) -> None:
    """Go where *steps* lead; *remedy* is the command that makes again what cannot be loaded."""
    attachment = extension.attached()
    done: list[Checkout] = []
    try:
        for step in steps:
            done.append(attachment.travel(step))
    except (DamagedError, LoadError) as error:
        raise PodfsError(str(error).replace("load with recompute=True", remedy)) from error
    finally:
        if done:
            extension.say(_told(_joined(done), attachment.session))


def _recompute(extension: Extension, arguments: argparse.Namespace) -> bool | list[str]:
    """Return what may be made again: nothing, what cannot be loaded, or these names too."""
    if arguments.recompute is None:
        return extension.settings.recompute
    names: list[str] = arguments.recompute
    return names or True


def _undo(extension: Extension, arguments: argparse.Namespace) -> None:
    _repeat(extension, arguments, "undo", extension.attached().session.undo)


def _redo(extension: Extension, arguments: argparse.Namespace) -> None:
    _repeat(extension, arguments, "redo", extension.attached().session.redo)


def _repeat(
    extension: Extension, arguments: argparse.Namespace, word: str, step: Callable[..., Checkout]
) -> None:
    if arguments.times < 1:
        raise WrongWordsError(f"{arguments.times} is no number of steps")
    recompute = _recompute(extension, arguments)

    def go(namespace: dict[str, Any]) -> Checkout:
        return step(namespace, force=arguments.force, recompute=recompute)

    _go(extension, *[go] * arguments.times, remedy=f"'%podfs {word} --recompute'")


def _joined(steps: list[Checkout]) -> Checkout:
    """Return what came of the namespace in several steps."""
    became: dict[str, bool] = {}
    for step in steps:
        became.update(dict.fromkeys(step.loaded, True) | dict.fromkeys(step.removed, False))
    return Checkout(
        steps[-1],
        [name for name, is_there in sorted(became.items()) if is_there],
        [name for name, is_there in sorted(became.items()) if not is_there],
        steps[-1].left,
        steps[-1].missing,
        steps[-1].recomputed,
        steps[-1].not_loaded,
    )


def _told(done: Checkout, session: Session) -> str:
    """Return what came of the namespace, in one line."""
    branch = session.branch()
    parts = [f"at commit {done}" + (f", branch {branch}" if branch else "")]
    for names, what in ((done.loaded, "loaded"), (done.removed, "removed"), (done.left, "kept")):
        parts += [f"{what}: {names_in_line(names)}"] if names else []
    parts += [f"made again: {names_in_line(done.recomputed)}"] if done.recomputed else []
    missing = [f"{name} ({reason})" for name, _, reason in done.missing]
    parts += [f"never saved: {names_in_line(missing)}"] if missing else []
    not_loaded = [f"{name} ({reason})" for name, _, reason in done.not_loaded]
    parts += [f"could not be loaded: {names_in_line(not_loaded)}"] if not_loaded else []
    return "; ".join(parts)


def _branch(extension: Extension, arguments: argparse.Namespace) -> Table | None:
    session = extension.attached().session
    if arguments.name is None:
        current = session.branch()
        rows = [
            ["*" if name == current else "", name, f"{number}"]
            for name, number in sorted(session.branches().items())
        ]
        return Table(
            ["", "branch", "commit"], rows, numbers=("commit",), note="" if rows else "no branches"
        )
    if arguments.delete:
        session.remove_branch(arguments.name)
        extension.say(f"branch {arguments.name} is removed; its commits stay")
        return None
    number = session.set_branch(arguments.name, arguments.revision, replace=arguments.force)
    hint = f"'%podfs checkout {arguments.name}' goes there"
    extension.say(f"branch {arguments.name} is at commit {number}; {hint}")
    return None


def _tag(extension: Extension, arguments: argparse.Namespace) -> Table | None:
    session = extension.attached().session
    if arguments.name is None:
        rows = [[name, f"{number}"] for name, number in sorted(session.tags().items())]
        return Table(["tag", "commit"], rows, numbers=("commit",), note="" if rows else "no tags")
    if arguments.delete:
        session.remove_tag(arguments.name)
        extension.say(f"tag {arguments.name} is removed; its commit stays")
        return None
    number = session.set_tag(arguments.name, arguments.revision, replace=arguments.force)
    extension.say(f"tag {arguments.name} is at commit {number}")
    return None


def _save(extension: Extension, arguments: argparse.Namespace) -> None:
    saved = extension.attached().save(message=" ".join(arguments.message) or None)
    news = extension.noteworthy(saved)
    extension.say(
        "; ".join(news if extension.settings.verbose else [f"commit {saved.revision}", *news])
    )


def _describe(extension: Extension, arguments: argparse.Namespace) -> None:
    message = " ".join(arguments.message)
    number = extension.attached().session.set_message(arguments.revision, message)
    extension.say(f"commit {number}: {message}" if message else f"commit {number} has no message")


def _pull(extension: Extension, _: argparse.Namespace) -> None:
    extension.say("; ".join(extension.pull()) or "nothing new")


def _attach(extension: Extension, arguments: argparse.Namespace) -> None:
    attachment = extension.attachment
    if attachment is None or arguments.name not in (None, attachment.session.name):
        extension.attach(arguments.name)
    attachment = extension.attached()
    if attachment.found is None:
        return
    recompute = _recompute(extension, arguments)
    tried = recompute is not False
    returned = attachment.bring_back(recompute=recompute)
    count = len(returned.loaded)
    back = "1 variable is" if count == 1 else f"{count} variables are"
    parts = [f"{back} back from commit {attachment.found}"]
    if not returned.loaded and not returned.failed:
        parts = [f"commit {attachment.found} has nothing that is not here"]
    elif returned.kept:
        parts.append(f"kept as they are here: {names_in_line(returned.kept)}")
    failed = [f"{name} ({reason})" for name, reason in returned.failed]
    if returned.recomputed:
        parts.append(f"made again: {names_in_line(returned.recomputed)}")
    if failed:
        parts.append(f"could not be loaded: {names_in_line(failed)}")
        if not tried:
            parts.append("'%podfs attach --recompute' runs the cells that made it")
    extension.say("; ".join(parts))


def _detach(extension: Extension, _: argparse.Namespace) -> None:
    name = extension.attached().session.name
    extension.detach()
    extension.say(f"detached from {name}; what was committed stays")


def _reference(kind: str) -> tuple[Argument, ...]:
    return (
        Argument("name", nargs="?", metavar="NAME", kind=kind, help="without it, all are listed"),
        revision(nargs="?", default="HEAD"),
        Argument("-d", "--delete", action="store_true", help=f"remove the {kind}"),
        Argument("-f", "--force", action="store_true", help="move one that is there"),
    )


_RECOMPUTE = Argument(
    "--recompute",
    nargs="*",
    metavar="NAME",
    help="make again what cannot be loaded, and these that were never saved, by running the cells "
    "that lead to them",
)
_SESSION = Argument(
    "name",
    nargs="?",
    metavar="SESSION",
    kind="session",
    help="that of the notebook, or the one that is attached, if there is none",
)
_TIMES = Argument("times", nargs="?", type=int, default=1, metavar="N", help="so many steps")
_FORCE = Argument(
    "-f", "--force", action="store_true", help="lose what others write into the workspace meanwhile"
)

COMMANDS = (
    Command(
        "checkout",
        "make the variables what they were at a commit",
        _checkout,
        (revision(), _FORCE, _RECOMPUTE),
    ),
    Command("undo", "go back to the commit before", _undo, (_TIMES, _FORCE, _RECOMPUTE)),
    Command("redo", "take the last undo back", _redo, (_TIMES, _FORCE, _RECOMPUTE)),
    Command("branch", "list branches, or make one", _branch, _reference("branch")),
    Command("tag", "list tags, or make one", _tag, _reference("tag")),
    Command(
        "save",
        "commit now",
        _save,
        (Argument("message", nargs="*", metavar="MESSAGE"),),
    ),
    Command(
        "describe",
        "say what a commit is",
        _describe,
        (
            revision(),
            Argument("message", nargs="*", metavar="MESSAGE"),
        ),
    ),
    Command("pull", "bring in what others wrote into the workspace", _pull),
    Command(
        "attach",
        "attach to a session, and bring its variables back",
        _attach,
        (_SESSION, _RECOMPUTE),
    ),
    Command("detach", "commit no more cells", _detach),
)
