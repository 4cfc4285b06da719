"""What a person can set, for the kernel that runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..excluding import Exclude
from .parsing import WrongWordsError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["OPTIONS", "Settings"]

#: The options and what they are.
OPTIONS = {
    "autosave": "commit after every cell: on or off",
    "verbose": "a line for every commit: on or off",
    "recompute": "run the cells that lead to what cannot be loaded, unasked: on or off",
    "store": "the folder of the store; the session is that of the same name there",
    "exclude": "variables to leave out, by patterns of their names",
    "exclude-types": "the same by patterns of their types",
    "exclude-modules": "the same by the modules that define them",
    "exclude-larger": "the same by the size of their pickle, as 100M; none for no limit",
}

_SWITCHES = ("autosave", "verbose", "recompute")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass
class Settings:
    """The options; *store* is None for the default one."""

    autosave: bool = True
    verbose: bool = False
    recompute: bool = False
    store: str | None = None
    exclude: Exclude = field(default_factory=Exclude)

    def set(self, option: str, words: Sequence[str]) -> None:
        """Set *option* to what *words* say."""
        if option in _SWITCHES:
            setattr(self, option, _switch(option, words))
        elif option == "store":
            self.store = _only(option, words)
        elif option == "exclude-larger":
            self._exclude(larger_than=_size(_only(option, words)))
        elif option in OPTIONS:
            key = {"exclude": "names"}.get(option, option.removeprefix("exclude-"))
            self._exclude(**{key: () if list(words) == ["none"] else tuple(words)})
        else:
            raise WrongWordsError(f"there is no option '{option}'; '%podfs config' lists them")

    def shown(self, option: str) -> str:
        """Return what *option* is set to, as it is typed."""
        if option in _SWITCHES:
            return "on" if getattr(self, option) else "off"
        if option == "store":
            return self.store or "default"
        if option == "exclude-larger":
            limit = self.exclude.larger_than
            return "none" if limit is None else f"{limit}"
        key = {"exclude": "names"}.get(option, option.removeprefix("exclude-"))
        return " ".join(map(str, getattr(self.exclude, key))) or "none"

    def _exclude(self, **changed: object) -> None:
        self.exclude = Exclude(**(vars(self.exclude) | changed))


def _only(option: str, words: Sequence[str]) -> str:
    if len(words) != 1 or not words[0]:
        raise WrongWordsError(f"'{option}' takes one word")
    return words[0]


def _switch(option: str, words: Sequence[str]) -> bool:
    word = _only(option, words)
    if word not in ("on", "off"):
        raise WrongWordsError(f"'{option}' is on or off, not '{word}'")
    return word == "on"


def _size(word: str) -> int | None:
    if word == "none":
        return None
    match = re.fullmatch(r"([0-9]{1,15})([KMGT]?)(i?B)?", word, re.IGNORECASE)
    if match is None:
        raise WrongWordsError(f"'{word}' is no size; it is a number of bytes, or one as 100M")
    return int(match[1]) * _UNITS[match[2].upper()]
