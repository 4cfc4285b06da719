"""What the code of a cell reads: the variables that its outcome may depend on.

The answer may name too many variables, but none is missing that can be known without running the
code. It is found in two steps: which globals the code itself refers to, statement by statement, and
what the functions, classes and objects among their values refer to in turn.
"""

from __future__ import annotations

import ast
import builtins
import functools
import opcode
import re
import sys
import types
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from .lazy import bound_value
from .namespace import is_dunder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Reads", "reads_of"]

#: Code that is longer is looked at as a whole: a name it binds first counts as read, too.
_LENGTH_LIMIT = 1 << 16

#: How many objects are looked at for what they refer to, and how many items of one of them.
_OBJECT_LIMIT = 500
_ITEM_LIMIT = 64

#: Functions that can read any variable, and those that do where there are no other locals.
_READING_ALL = frozenset({"eval", "exec", "get_ipython", "globals"})
_READING_LOCALS = frozenset({"locals", "vars"})

#: Methods and functions that find variables by names in a text, as ``frame.query("a > @limit")``.
_READING_TEXTS = frozenset(
    {
        *("dmatrices", "dmatrix", "eval", "execute", "from_formula", "glm", "logit", "ols"),
        *("query", "sql"),
    }
)
_TEXT_LIMIT = 10_000

_WORD = re.compile(r"[^\W\d]\w*")

#: Magics whose text is a command or settings, in which ``$x`` and ``{x}`` stand for variables, and
#: those whose text is code.
_COMMANDS = frozenset(
    {
        *("alias", "autoreload", "bash", "cd", "conda", "config", "env", "getoutput", "load_ext"),
        *("ls", "matplotlib", "mkdir", "pip", "pwd", "reload_ext", "sh", "sx", "system", "uv"),
        "writefile",
    }
)
_RUNNING_CODE = frozenset({"capture", "prun", "time", "timeit"})


class Reads(NamedTuple):
    """The variables that the code of a cell refers to.

    *names* may be read by it, *bound* are those that it binds or deletes itself. With *everything*,
    it may read any other, too. With *late*, this was found out when it had run: what a function
    that it replaced had referred to was not known any more.
    """

    names: tuple[str, ...]
    bound: tuple[str, ...] = ()
    everything: bool = False
    late: bool = False

    def encoded(self) -> str:
        """Return it as the library wants it; no name of a variable has a slash."""
        marks = ["/"] * self.everything + ["//"] * self.late
        return "\0".join([*self.names, *(f"{name}/" for name in self.bound), *marks])


def reads_of(source: str, namespace: Mapping[str, Any], *, late: bool = False) -> Reads | None:
    """Return what the code *source* reads of *namespace*, or None if that cannot be known.

    *namespace* is to be as it is before the code runs, unless *late* says that it did.
    """
    try:
        use = _use_of(_plain(source))
        names = {name for name in use.read if name in namespace or late}
        reached = _Reached(namespace, is_late=late)
        reached.follow(names)
    except (SyntaxError, ValueError, MemoryError, OverflowError):
        return None
    except RuntimeError:  # too deep, or another thread changed a container
        return None
    read = {name for name in names | reached.read if name in namespace or not _is_builtin(name)}
    return Reads(
        tuple(sorted(filter(_is_variable, read))),
        tuple(sorted(filter(_is_variable, use.bound | reached.bound))),
        use.everything or reached.everything,
        late,
    )


def _is_builtin(name: str) -> bool:
    return hasattr(builtins, name)


def _is_variable(name: str) -> bool:
    return not is_dunder(name) and "/" not in name and "\0" not in name


class _Use:
    """What a piece of code does with globals."""

    def __init__(self) -> None:
        self.read: set[str] = set()
        self.bound: set[str] = set()
        self.everything = False


# Reading code


class _CodeNames(NamedTuple):
    """The globals that a code object and those inside it refer to, and words of its texts."""

    read: frozenset[str]
    bound: frozenset[str]
    everything: bool


_LOADS = {
    opcode.opmap[name]
    for name in ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")
    if name in opcode.opmap
}
_LOAD_GLOBAL = opcode.opmap["LOAD_GLOBAL"]
_LOAD_GLOBAL_SHIFT = 1 if sys.version_info >= (3, 11) else 0
_STORES = {opcode.opmap["STORE_GLOBAL"], opcode.opmap["STORE_NAME"]}
_DELETES = {opcode.opmap["DELETE_GLOBAL"], opcode.opmap["DELETE_NAME"]}
_OF_CLASSES = {opcode.opmap["STORE_NAME"], opcode.opmap["DELETE_NAME"]}
_NAMED = _LOADS | _STORES | _DELETES


def _code_names(code: types.CodeType, *, is_cell: bool = False) -> _CodeNames:
    """Return what *code* refers to; with *is_cell*, its own names are globals."""
    read: set[str] = set()
    bound: set[str] = set()
    texts: list[str] = []
    attributes: set[str] = set()
    pending = [code]
    while pending:
        current = pending.pop()
        pending.extend(item for item in current.co_consts if isinstance(item, types.CodeType))
        texts.extend(item for item in current.co_consts if isinstance(item, str))
        attributes.update(current.co_names)
        local = set() if is_cell and current is code else _OF_CLASSES
        for operation, name in _named_operations(current):
            if operation not in _STORES:
                read.add(name)
            if operation not in _LOADS and operation not in local:
                bound.add(name)
    if not attributes.isdisjoint(_READING_TEXTS):
        read.update(chain.from_iterable(_words(text) for text in texts))
    everything = not _READING_ALL.isdisjoint(read) or "__main__" in attributes
    return _CodeNames(frozenset(read), frozenset(bound), everything)


_function_names = functools.lru_cache(maxsize=4096)(_code_names)


def _named_operations(code: types.CodeType) -> Iterator[tuple[int, str]]:
    """Yield the operations of *code* on names that are no locals of a function."""
    names = code.co_names
    extended = 0
    data = code.co_code
    for operation, argument in zip(data[::2], data[1::2]):
        if operation == opcode.EXTENDED_ARG:
            extended = (extended | argument) << 8
            continue
        if operation in _NAMED:
            index = extended | argument
            if operation == _LOAD_GLOBAL:
                index >>= _LOAD_GLOBAL_SHIFT
            yield operation, names[index]
        extended = 0


def _words(text: str) -> list[str]:
    return _WORD.findall(text) if len(text) <= _TEXT_LIMIT else []


# Reading a cell

_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try)


def _use_of(source: str) -> _Use:
    """Return what *source* does with globals, but for reading what it has bound itself before."""
    use = _Use()
    if len(source) > _LENGTH_LIMIT:
        _add(use, _compiled(source), frozenset())
        return use
    pending = [(iter(ast.parse(source).body), set[str]())]
    while pending:
        statements, known = pending[-1]
        statement = next(statements, None)
        if statement is None:
            pending.pop()
        elif isinstance(statement, _COMPOUND):
            pending.extend(_open(use, statement, known))
        elif not isinstance(statement, (ast.Break, ast.Continue, ast.Pass)):
            codes = _magic(use, statement)
            if codes is None:
                _add(use, _compiled(_module(statement)), known)
                _note_bound(statement, known)
            else:
                pending.extend((iter(ast.parse(code).body), set(known)) for code in codes)
    return use


def _compiled(source: str | ast.Module) -> types.CodeType:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: types.CodeType = compile(source, "<cell>", "exec", flags, dont_inherit=True)
    return code


def _module(statement: ast.stmt) -> ast.Module:
    """Return *statement* as code of its own; what ends a loop needs one around it."""
    if not isinstance(statement, (ast.Expr, ast.Assign, ast.FunctionDef)) and any(
        isinstance(node, (ast.Break, ast.Continue)) for node in ast.walk(statement)
    ):
        loop = ast.While(test=ast.Constant(value=True), body=[statement], orelse=[])
        statement = ast.fix_missing_locations(ast.copy_location(loop, statement))
    return ast.Module(body=[statement], type_ignores=[])


def _add(use: _Use, code: types.CodeType, known: set[str] | frozenset[str]) -> None:
    names = _code_names(code, is_cell=True)
    use.read |= names.read - known
    use.bound |= names.bound
    use.everything |= names.everything or not _READING_LOCALS.isdisjoint(names.read)


def _open(
    use: _Use, statement: ast.stmt, known: set[str]
) -> list[tuple[Iterator[ast.stmt], set[str]]]:
    """Look at the head of a statement with blocks; return these, with the names bound in each."""
    blocks: list[tuple[list[ast.stmt], set[str]]] = []
    head: list[ast.expr] = []
    inside = set(known)
    if isinstance(statement, (ast.If, ast.While)):
        head = [statement.test]
    elif isinstance(statement, (ast.For, ast.AsyncFor)):
        head = [statement.iter]
        use.bound |= _bind(use, [statement.target], inside)
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        for item in statement.items:
            _add_expressions(use, [item.context_expr], inside)
            if item.optional_vars is not None:
                use.bound |= _bind(use, [item.optional_vars], inside)
    elif isinstance(statement, ast.Try):
        for handler in statement.handlers:
            head += [handler.type] if handler.type is not None else []
            named = {handler.name} if handler.name is not None else set()
            use.bound |= named
            blocks.append((handler.body, known | named))
        blocks.append((statement.finalbody, set(known)))
    _add_expressions(use, head, known)
    blocks.append((getattr(statement, "orelse", []), set(known)))
    blocks.append((statement.body, inside))  # type: ignore[attr-defined]
    return [(iter(body), bound) for body, bound in blocks]


def _add_expressions(use: _Use, expressions: Iterable[ast.expr], known: set[str]) -> None:
    for expression in expressions:
        statement = ast.copy_location(ast.Expr(value=expression), expression)
        _add(use, _compiled(_module(statement)), known)


def _bind(use: _Use, targets: list[ast.expr], known: set[str]) -> set[str]:
    """Add the names that *targets* bind to *known*, and return them; others are read."""
    bound = set()
    pending = list(targets)
    while pending:
        target = pending.pop()
        if isinstance(target, ast.Name):
            bound.add(target.id)
        elif isinstance(target, ast.Starred):
            pending.append(target.value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            pending.extend(target.elts)
        else:
            nodes = [node for node in ast.walk(target) if isinstance(node, ast.Name)]
            use.read |= {node.id for node in nodes} - known
    known |= bound
    return bound


def _note_bound(statement: ast.stmt, known: set[str]) -> None:
    """Add the names to *known* that *statement* has bound once it is done."""
    unused = _Use()
    if isinstance(statement, ast.Assign):
        _bind(unused, statement.targets, known)
    elif isinstance(statement, ast.AugAssign) or (
        isinstance(statement, ast.AnnAssign) and statement.value is not None
    ):
        _bind(unused, [statement.target], known)
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        known |= {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        known.add(statement.name)
    elif isinstance(statement, ast.Delete):
        known -= {target.id for target in statement.targets if isinstance(target, ast.Name)}


# IPython


def _plain(source: str) -> str:
    """Return *source* as Python: the syntax of IPython becomes calls of ``get_ipython()``."""
    if not re.search(r"[%!?]", source):
        return source
    transformers = sys.modules.get("IPython.core.inputtransformer2")
    if transformers is not None:
        plain: str = transformers.TransformerManager().transform_cell(source)
        return plain
    return _without_magics(source)


def _without_magics(source: str) -> str:
    """Return *source* with a call in place of each line that only IPython understands."""
    try:
        ast.parse(source)
    except SyntaxError:
        call = "get_ipython()"
        if source.lstrip().startswith("%%"):
            return call
        source = re.sub(r"(?m)^(\s*)[%!?].*$|^(\s*).*\?$", rf"\1\2{call}", source)
        return re.sub(r"(?m)^(\s*[\w., ]+=\s*)[%!].*$", rf"\1{call}", source)
    return source


def _magic(use: _Use, statement: ast.stmt) -> list[str] | None:
    """Return the code inside *statement*, if that is a magic whose effect is known."""
    value = getattr(statement, "value", None)
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return None
    owner = value.func.value
    is_shell = isinstance(owner, ast.Call) and getattr(owner.func, "id", "") == "get_ipython"
    texts = [item.value for item in value.args if isinstance(item, ast.Constant)]
    if not is_shell or len(texts) != len(value.args) or not all(isinstance(t, str) for t in texts):
        return None
    method = value.func.attr
    if method in ("system", "getoutput"):
        name, code = method, [str(text) for text in texts]
    elif method in ("run_line_magic", "run_cell_magic") and texts:
        name, code = str(texts[0]), [str(text) for text in texts[1:]]
    else:
        return None
    if isinstance(statement, ast.Assign):
        use.bound |= _bind(use, statement.targets, set())
    if name in _COMMANDS:
        use.read.update(chain.from_iterable(_words(text) for text in code))
        return []
    if name not in _RUNNING_CODE:
        return None
    line, *body = code
    use.read.update(_words(line))
    statement_of_line = re.sub(r"^(\s*-\w+(\s+\d+)?)+\s*", "", line)
    if not body:
        return [_plain(statement_of_line)]
    return [_plain(text) for text in body]


# Following values


class _Reached(_Use):
    """The variables of a namespace that are reached from the values of some of them."""

    def __init__(self, namespace: Mapping[str, Any], *, is_late: bool) -> None:
        super().__init__()
        self._namespace = namespace
        self._is_late = is_late
        self._seen: set[int] = set()
        self._pending: list[Any] = []

    def follow(self, names: Iterable[str]) -> None:
        """Follow the values of *names* to all that they refer to."""
        self._pending = [self._value(name) for name in names]
        while self._pending and len(self._seen) < _OBJECT_LIMIT:
            value = self._pending.pop()
            if type(value) in _ATOMS or id(value) in self._seen:
                continue
            self._seen.add(id(value))
            self._pending.extend(self._parts(value))

    def _parts(self, value: Any) -> Iterable[Any]:
        """Return what is inside of *value*, and add the variables that its code refers to."""
        kind = type(value)
        if kind is types.FunctionType:
            self._add_code(value.__code__, value.__globals__)
            cells = [_content(cell) for cell in value.__closure__ or ()]
            kept = (value.__defaults__ or (), (value.__kwdefaults__ or {}).values())
            return chain(cells, *kept, value.__dict__.values())
        if kind is types.MethodType:
            return value.__func__, value.__self__
        if kind in (staticmethod, classmethod):
            return (value.__func__,)
        if kind is property:
            return value.fget, value.fset, value.fdel
        if kind is functools.partial:
            return value.func, value.args, value.keywords
        if kind is types.GeneratorType:
            frame = value.gi_frame
            self._add_code(value.gi_code, frame.f_globals if frame else {})
            return list(frame.f_locals.values()) if frame else ()
        if issubclass(kind, type):
            return self._parts_of_class(value)
        return chain(_items(value), self._parts_of_instance(value))

    def _add_code(self, code: types.CodeType, variables: Mapping[str, Any]) -> None:
        if variables is not self._namespace and variables.get("__name__") != "__main__":
            return
        names = _function_names(code)
        read = {name for name in names.read if name in self._namespace} - self.read
        self.read |= read
        self.bound |= names.bound
        self.everything |= names.everything
        self._pending.extend(self._value(name) for name in read)

    def _value(self, name: str) -> Any:
        """Return the value of a variable; None if there is none.

        What is loaded when it is first used, and is not loaded after the run, was not used in it.
        """
        if self._is_late and isinstance(self._namespace, dict):
            return bound_value(self._namespace, name)
        try:
            return self._namespace[name]
        except Exception:  # there is none, or it cannot be loaded
            return None

    def _parts_of_class(self, value: type) -> Iterable[Any]:
        if not _is_of_main(value):
            return ()
        members = type.__dict__["__dict__"].__get__(value).values()
        return chain(members, value.__bases__, (type(value),))

    def _parts_of_instance(self, value: Any) -> Iterable[Any]:
        kind = type(value)
        parts: list[Any] = [kind] if _is_of_main(kind) else []
        with suppress(Exception):  # it may have none, or not want to show it
            parts.extend(islice(object.__getattribute__(value, "__dict__").values(), _ITEM_LIMIT))
        if parts and parts[0] is kind:
            parts.extend(_slots(value))
        wrapped = getattr(value, "__wrapped__", None) if kind in _WRAPPERS else None
        return [*parts, wrapped]


_ATOMS = frozenset(
    {
        *(bool, bytes, complex, float, int, str, type(None), type(...), range, slice),
        *(types.BuiltinFunctionType, types.ModuleType, bytearray, memoryview),
    }
)
_WRAPPERS = frozenset({type(functools.lru_cache(len))})


def _items(value: Any) -> list[Any]:
    """Return the first items of *value*, if it is a container."""
    if isinstance(value, dict):
        return list(chain.from_iterable(islice(dict.items(value), _ITEM_LIMIT)))
    kinds: tuple[Any, ...] = (list, tuple, set, frozenset)
    for kind in kinds:
        if isinstance(value, kind):
            return list(islice(kind.__iter__(value), _ITEM_LIMIT))
    return []


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return None


def _is_of_main(kind: type) -> bool:
    return getattr(kind, "__module__", "__main__") == "__main__"


def _slots(value: Any) -> Iterator[Any]:
    """Yield what the slots of *value* hold."""
    for kind in type(value).__mro__:
        for descriptor in list(vars(kind).values()):
            if type(descriptor) is types.MemberDescriptorType:
                try:
                    yield descriptor.__get__(value)
                except AttributeError:  # it is empty
                    continue
