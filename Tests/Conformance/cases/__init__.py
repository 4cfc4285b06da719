"""The cases, by what the libraries are for."""

from __future__ import annotations

from .arrays import ARRAYS
from .drawing import DRAWING
from .frames import FRAMES
from .graphs import GRAPHS
from .learning import LEARNING
from .others import OTHERS
from .standard import STANDARD

__all__ = ["LIBRARIES"]

LIBRARIES = (*STANDARD, *ARRAYS, *FRAMES, *LEARNING, *GRAPHS, *DRAWING, *OTHERS)
