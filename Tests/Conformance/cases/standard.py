"""Python itself: what is built in, the standard library, and what a cell defines."""

from __future__ import annotations

from case import Case, Library, unsaved

__all__ = ["STANDARD"]

BUILT_IN = Library(
    "Python, built in",
    "",
    (
        Case("int", "x = 2**200", ("x += 1", "x = True", "x = 1")),
        Case("float", "x = 0.0", ("x = -0.0", "x = float('nan')", "x = float('inf')")),
        Case("complex", "x = 1j", ("x = complex(0.0, -1.0)",)),
        Case("str", "x = 'a'", ("x += '\\ud800'", "x = 'a' * 9000", "x = x[:-1] + 'é'")),
        Case("bytes", "x = bytes(9000)", ("x = x[:-1] + b'a'",)),
        Case("bytearray", "x = bytearray(9000)", ("x[7] = 1", "memoryview(x)[8] = 2", "x.pop()")),
        Case("list", "x = [1, [2]]", ("x[1].append(3)", "x.reverse()", "x.append(x)")),
        Case("tuple", "x = ([1], 2)", ("x[0].append(2)",)),
        Case(
            "dict", "x = {'a': 1, 'b': 2}", ("x['a'] = x.pop('a')", "x |= {'c': 3}", "x[1.0] = 1")
        ),
        Case("set", "x = {'a', 'b'}", ("x.add('c')", "x ^= {'a', 'd'}")),
        Case("frozenset", "x = frozenset('ab')", ("x |= {'c'}",)),
        Case("range", "x = range(3)", ("x = range(0, 3, 2)",)),
        Case("slice", "x = [slice(1, 2)]", ("x[0] = slice(1, 3)",)),
        Case(
            "memoryview", "x = memoryview(bytearray(9000))", ("x[8999] = 1",), "x.tobytes().hex()"
        ),
        Case("NoneType", "x = None", ("x = ...", "x = NotImplemented"), "repr(x)"),
        Case("type", "x = int", ("x = bool", "x = type(x)")),
        Case("builtin_function", "x = len", ("x = sum",)),
        Case(
            "ValueError",
            "x = ValueError('a', [1])",
            ("x.args[1].append(2)", "x.note = 1"),
            "(x.args, vars(x))",
        ),
        Case(
            "list_iterator", "x = iter([1, 2, 3])", ("next(x)",), "list(__import__('copy').copy(x))"
        ),
        Case(
            "range_iterator", "x = iter(range(9))", ("next(x)",), "list(__import__('copy').copy(x))"
        ),
        Case(
            "dict_keyiterator",
            "x = iter({1: 2, 3: 4})",
            ("next(x)",),
            "list(__import__('copy').copy(x))",
        ),
        Case("object", "x = object()", ("x = [x]",), "type(x).__name__"),
        unsaved("generator", "x = (n for n in range(3))"),
        unsaved("coroutine", "async def f(): pass\nx = f()"),
        unsaved("frame", "import sys\nx = sys._getframe()"),
        unsaved(
            "traceback", "try:\n  1 / 0\nexcept ZeroDivisionError as e:\n  x = e.__traceback__"
        ),
    ),
)

DEFINED = Library(
    "Python, defined in a cell",
    "import abc, dataclasses, enum, functools, typing",
    (
        Case(
            "a function",
            "def x(a, b=[1], *, c=2): return a + d[0]\nd = [5]",
            ("x.__defaults__[0].append(2)", "x.tag = 1", "x.__kwdefaults__['c'] = 3", "d[0] = 6"),
            "(x(1), x.__defaults__, x.__kwdefaults__, vars(x))",
        ),
        Case("a lambda", "x = lambda a: a + 1", ("x = lambda a: a + 2",), "x(1)"),
        Case(
            "a closure",
            "def make():\n  n = 0\n  def step():\n    nonlocal n\n    n += 1\n    return n\n"
            "  return step, lambda: n\nx, get = make()",
            ("x()",),
            "get()",
        ),
        Case(
            "a class",
            "class x:\n  kept = []\n  def m(self): return 1",
            ("x.kept.append(1)", "x.m = lambda self: 2", "x.new = 3", "del x.kept"),
            "(x().m(), getattr(x, 'kept', None), getattr(x, 'new', None))",
        ),
        Case(
            "a class with a metaclass",
            "class Meta(type):\n  level = 1\nclass x(metaclass=Meta): pass",
            ("Meta.level = 2", "x.own = 3"),
            "(x.level, type(x).__name__, getattr(x, 'own', None))",
        ),
        Case(
            "an instance",
            "class C:\n  k = 1\nx = C()",
            ("x.a = [1]", "x.a.append(2)", "C.k = 2", "class D(C): pass\nx.__class__ = D"),
            "(type(x).__name__, x.k, vars(x))",
        ),
        Case(
            "an instance with slots",
            "class C:\n  __slots__ = ('a', 'b')\nx = C()\nx.a = 1",
            ("x.a = 2", "x.b = []", "del x.a"),
            "(getattr(x, 'a', None), getattr(x, 'b', None))",
        ),
        Case(
            "a dataclass",
            "@dataclasses.dataclass\nclass D:\n  a: int\n  b: list\nx = D(1, [2])",
            ("x.a = 2", "x.b.append(3)"),
        ),
        Case(
            "a frozen dataclass",
            "@dataclasses.dataclass(frozen=True)\nclass D:\n  s: set\nx = D({1})",
            ("x.s.add(2)", "object.__setattr__(x, 's', {3})"),
        ),
        Case(
            "a NamedTuple", "class N(typing.NamedTuple):\n  a: list\nx = N([1])", ("x.a.append(2)",)
        ),
        Case(
            "an Enum",
            "class E(enum.Enum):\n  A = 1\n  B = 2\nx = E.A",
            ("x = E.B", "E.note = 'n'"),
            "(x.name, x.value, getattr(E, 'note', None))",
        ),
        Case(
            "a Flag",
            "class F(enum.Flag):\n  A = 1\n  B = 2\nx = F.A",
            ("x |= F.B",),
            "(x.value, F.A in x, F.B in x)",
        ),
        Case(
            "an abstract class",
            "class A(abc.ABC):\n  @abc.abstractmethod\n  def f(self): ...\n"
            "class x(A):\n  def f(self): return 1",
            ("x.f = lambda self: 2",),
            "x().f()",
        ),
        Case("a TypedDict", "class T(typing.TypedDict):\n  a: int\nx = T(a=1)", ("x['a'] = 2",)),
        Case(
            "a bound method",
            "class C:\n  def m(self): return self.n\nc = C(); c.n = 1\nx = c.m",
            ("c.n = 2", "x.__self__.n = 3"),
            "x()",
        ),
        Case(
            "a property and a descriptor",
            "class D:\n  def __get__(self, o, t): return self.n\n"
            "class C:\n  d = D()\n  @property\n  def p(self): return self.d * 2\n"
            "C.__dict__['d'].n = 1\nx = C()",
            ("C.__dict__['d'].n = 2", "C.p = property(lambda self: 7)"),
            "(x.d, x.p)",
        ),
        Case(
            "a partial",
            "def f(a, b): return a + b\nx = functools.partial(f, [1])",
            ("x.args[0].append(2)", "x.tag = 1"),
            "(x([9]), vars(x))",
        ),
        Case(
            "a subclass of list",
            "class L(list): pass\nx = L([1])",
            ("x.append(2)", "x.tag = 1"),
        ),
        Case(
            "a subclass of dict",
            "class L(dict): pass\nx = L(a=1)",
            ("x['b'] = 2", "x.tag = 1", "x['a'] = x.pop('a')"),
        ),
        Case(
            "a subclass of ndarray-less float",
            "class F(float): pass\nx = F(1)",
            ("x.tag = 1", "x = F(2)"),
            "(float(x), vars(x))",
        ),
        Case(
            "an instance with __getstate__",
            "class C:\n  def __getstate__(self): return {'a': self.a}\nx = C(); x.a = 1",
            ("x.a = 2",),
            "x.a",
        ),
        Case(
            "an instance with __reduce__",
            "class C:\n  def __init__(self, a): self.a = a\n"
            "  def __reduce__(self): return C, (self.a,)\nx = C([1])",
            ("x.a.append(2)",),
            "x.a",
        ),
        Case(
            "a function with a cache",
            "k = [1]\n@functools.lru_cache(maxsize=5)\ndef x(n): return n + k[0]",
            ("k[0] = 2; x.cache_clear()", "x.tag = 1"),
            "(x(1), vars(x).get('tag'), x.cache_parameters())",
        ),
        Case(
            "a NewType",
            "x = typing.NewType('N', int)",
            ("x = typing.NewType('N', str)",),
            "(x.__name__, x.__supertype__)",
        ),
        unsaved(
            "a value with a name",
            "class C:\n  def __reduce__(self): return 'x'\nx = C()",
        ),
    ),
)

LIBRARY = Library(
    "Python, standard library",
    "import array, collections, ctypes, datetime, decimal, fractions, io, ipaddress, itertools, "
    "operator, pathlib, random, re, string, types, uuid, zoneinfo, threading, weakref, mmap, "
    "contextvars, sqlite3, socket, logging, argparse, configparser, email.message, "
    "xml.etree.ElementTree as ET, statistics, ast, calendar, json, hashlib, queue, tempfile, "
    "concurrent.futures, csv, graphlib, textwrap, urllib.parse, inspect, struct, shelve",
    (
        Case("array.array", "x = array.array('d', [0] * 900)", ("x[5] = 1", "x.append(2)")),
        Case(
            "collections.deque",
            "x = collections.deque([1], 3)",
            ("x.append(2)", "x.rotate()", "x = collections.deque(x, 4)"),
            "(list(x), x.maxlen)",
        ),
        Case(
            "collections.OrderedDict",
            "x = collections.OrderedDict(a=1, b=2)",
            ("x.move_to_end('a')", "x['c'] = 3"),
        ),
        Case(
            "collections.defaultdict",
            "x = collections.defaultdict(list)",
            ("x['a'].append(1)", "x.default_factory = set", "x['b']"),
            "(x.default_factory, dict(x))",
        ),
        Case(
            "collections.Counter", "x = collections.Counter('aab')", ("x.update('b')", "x['c'] = 0")
        ),
        Case(
            "collections.ChainMap",
            "x = collections.ChainMap({'a': 1}, {'b': 2})",
            ("x['b'] = 3", "x.maps[1]['c'] = 4", "x = x.new_child()"),
            "x.maps",
        ),
        Case("collections.UserDict", "x = collections.UserDict(a=1)", ("x['b'] = 2",)),
        Case(
            "datetime.datetime",
            "x = datetime.datetime(2026, 1, 2)",
            ("x += datetime.timedelta(1)", "x = x.replace(fold=1)"),
            "(repr(x), x.fold)",
        ),
        Case(
            "datetime.timezone",
            "x = datetime.timezone.utc",
            ("x = datetime.timezone(datetime.timedelta(hours=1))",),
        ),
        Case(
            "zoneinfo.ZoneInfo",
            "x = zoneinfo.ZoneInfo('UTC')",
            ("x = zoneinfo.ZoneInfo('Europe/Berlin')",),
            "x.key",
        ),
        Case("decimal.Decimal", "x = decimal.Decimal('1.0')", ("x = decimal.Decimal('1.00')",)),
        Case(
            "decimal.Context",
            "x = decimal.Context(prec=5)",
            ("x.prec = 6", "x.flags[decimal.Inexact] = True"),
            "(x.prec, sorted(map(str, (k for k, v in x.flags.items() if v))))",
        ),
        Case("fractions.Fraction", "x = fractions.Fraction(1, 3)", ("x += 1",), "repr(x)"),
        Case(
            "io.BytesIO",
            "x = io.BytesIO(b'abc')",
            ("x.read(1)", "x.write(b'z')"),
            "(x.getvalue(), x.tell())",
        ),
        Case(
            "io.StringIO",
            "x = io.StringIO('abc')",
            ("x.read(1)", "x.write('z')"),
            "(x.getvalue(), x.tell())",
        ),
        Case(
            "ipaddress.IPv4Network",
            "x = ipaddress.ip_network('10.0.0.0/8')",
            ("x = ipaddress.ip_network('10.0.0.0/9')",),
            "repr(x)",
        ),
        Case("itertools.count", "x = itertools.count(3)", ("next(x)",), "repr(x)"),
        Case("pathlib.Path", "x = pathlib.Path('/a')", ("x /= 'b'",), "str(x)"),
        Case(
            "random.Random",
            "x = random.Random(3)",
            ("x.random()", "x.gauss(0, 1)", "x.seed(4)"),
            "x.getstate()",
        ),
        Case(
            "re.Pattern",
            "x = re.compile('a')",
            ("x = re.compile('a', re.I)",),
            "(x.pattern, x.flags)",
        ),
        Case("string.Template", "x = string.Template('$a')", ("x.template = '$b'",)),
        Case(
            "types.SimpleNamespace",
            "x = types.SimpleNamespace(a=1)",
            ("x.b = [2]", "x.b.append(3)"),
        ),
        Case("uuid.UUID", "x = uuid.UUID(int=1)", ("x = uuid.UUID(int=2)",), "x.int"),
        Case(
            "operator.itemgetter",
            "x = operator.itemgetter(1)",
            ("x = operator.itemgetter(0)",),
            "x([5, 6])",
        ),
        Case(
            "ctypes.c_int array",
            "x = (ctypes.c_int * 3000)()",
            ("x[5] = 1", "ctypes.memset(x, 1, 8)"),
            "list(x)[:9]",
        ),
        Case(
            "ctypes.Structure",
            "class S(ctypes.Structure):\n  _fields_ = [('a', ctypes.c_int)]\nx = S(1)",
            ("x.a = 2",),
            "x.a",
        ),
        Case(
            "logging.Logger",
            "x = logging.getLogger('conformance')",
            ("x = logging.getLogger('other')",),
            "x.name",
        ),
        Case("argparse.Namespace", "x = argparse.Namespace(a=1)", ("x.a = 2",)),
        Case(
            "configparser.ConfigParser",
            "x = configparser.ConfigParser()",
            ("x['s'] = {'k': 'v'}", "x['s']['k'] = 'w'"),
            "{s: dict(x[s]) for s in x.sections()}",
        ),
        Case(
            "email.message.EmailMessage",
            "x = email.message.EmailMessage()",
            ("x['Subject'] = 'a'", "x.set_content('text')"),
            "x.as_string()",
        ),
        Case(
            "xml.etree.ElementTree.Element",
            "x = ET.fromstring('<a><b/></a>')",
            ("x[0].set('k', 'v')", "x.append(ET.Element('c'))"),
            "ET.tostring(x)",
        ),
        Case("statistics.NormalDist", "x = statistics.NormalDist(0, 1)", ("x += 1",), "repr(x)"),
        Case("ast.Module", "x = ast.parse('a = 1')", ("x.body[0].value.value = 2",), "ast.dump(x)"),
        Case(
            "inspect.Signature",
            "x = inspect.signature(lambda a: 1)",
            ("x = x.replace(parameters=[])",),
            "str(x)",
        ),
        Case("struct.Struct in a list", "x = [struct.calcsize('i')]", ("x.append(1)",)),
        Case("csv.Dialect", "class x(csv.excel): pass", ("x.delimiter = ';'",), "x.delimiter"),
        Case(
            "graphlib.TopologicalSorter",
            "x = graphlib.TopologicalSorter({'a': ['b']})",
            ("x.add('c', 'a')",),
            "list(__import__('copy').deepcopy(x).static_order())",
        ),
        Case(
            "urllib.parse.ParseResult",
            "x = urllib.parse.urlparse('http://a/b')",
            ("x = x._replace(path='/c')",),
        ),
        unsaved("threading.Lock", "x = threading.Lock()"),
        unsaved("threading.Thread", "x = threading.Thread()"),
        unsaved("queue.Queue", "x = queue.Queue()"),
        unsaved(
            "concurrent.futures.ThreadPoolExecutor", "x = concurrent.futures.ThreadPoolExecutor(1)"
        ),
        unsaved("weakref.ref", "class C: pass\nc = C()\nx = weakref.ref(c)"),
        unsaved("weakref.WeakValueDictionary", "x = weakref.WeakValueDictionary()"),
        unsaved("mmap.mmap", "x = mmap.mmap(-1, 4096)"),
        unsaved("contextvars.ContextVar", "x = contextvars.ContextVar('v')"),
        unsaved("contextvars.Context", "x = contextvars.copy_context()"),
        unsaved("sqlite3.Connection", "x = sqlite3.connect(':memory:')"),
        unsaved("socket.socket", "x = socket.socket()"),
        unsaved("re.Match", "x = re.match('a', 'a')"),
        unsaved("hashlib.sha256", "x = hashlib.sha256()"),
        unsaved("ctypes pointer", "x = ctypes.pointer(ctypes.c_int(1))"),
        unsaved("io.FileIO", "x = open('/dev/null', 'rb')"),
        unsaved("io.TextIOWrapper", "x = open('/dev/null')"),
        unsaved("csv.reader", "x = csv.reader([])"),
        unsaved("struct.Struct", "x = struct.Struct('i')"),
    ),
)

STANDARD = (BUILT_IN, DEFINED, LIBRARY)
