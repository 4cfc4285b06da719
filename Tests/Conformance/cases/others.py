"""Records, texts, containers and times."""

from __future__ import annotations

from case import Case, Library, unsaved

__all__ = ["OTHERS"]

ATTRS = Library(
    "attrs",
    "import attrs",
    (
        Case(
            "define",
            "@attrs.define\nclass C:\n  a: list\nx = C([1])",
            ("x.a.append(2)", "x.a = [3]"),
            "x.a",
        ),
        Case(
            "frozen",
            "@attrs.frozen\nclass C:\n  a: list\nx = C([1])",
            ("x.a.append(2)",),
            "(x.a, hash(type(x).__name__) != 0)",
        ),
    ),
)

PYDANTIC = Library(
    "pydantic",
    "import pydantic",
    (
        Case(
            "BaseModel",
            "class M(pydantic.BaseModel):\n  a: int\n  b: list = []\nx = M(a=1)",
            ("x.a = 2", "x.b.append(3)"),
            "(x.model_dump(), sorted(x.model_fields_set))",
        ),
        Case(
            "SecretStr",
            "x = pydantic.SecretStr('a')",
            ("x = pydantic.SecretStr('b')",),
            "x.get_secret_value()",
        ),
    ),
)

REQUESTS = Library(
    "requests",
    "import requests",
    (
        Case(
            "Session",
            "x = requests.Session()",
            ("x.headers['K'] = 'v'", "x.cookies.set('c', 'd')"),
            "(sorted(x.headers.items()), sorted(x.cookies.items()))",
        ),
        Case(
            "Response",
            "x = requests.Response()\nx._content = b'a'",
            ("x.status_code = 200", "x.headers['K'] = 'v'"),
            "(x.status_code, x.content, dict(x.headers))",
        ),
        Case(
            "Request",
            "x = requests.Request('GET', 'http://a')",
            ("x.params = {'k': 1}",),
            "x.prepare().url",
        ),
    ),
)

BS4 = Library(
    "beautifulsoup4",
    "import bs4",
    (
        Case(
            "BeautifulSoup",
            "x = bs4.BeautifulSoup('<p>a<b>c</b></p>', 'html.parser')",
            ("x.b.string = 'd'", "x.p['class'] = 'k'"),
            "str(x)",
        ),
        Case(
            "Tag",
            "s = bs4.BeautifulSoup('<p>a<b>c</b></p>', 'html.parser')\nx = s.p",
            ("x['k'] = 'v'",),
            "str(x)",
        ),
    ),
)

LXML = Library(
    "lxml",
    "import lxml.etree, lxml.objectify",
    (
        Case(
            "objectify.ObjectifiedElement",
            "x = lxml.objectify.fromstring('<a><b>1</b></a>')",
            ("x.b = 2",),
            "lxml.etree.tostring(x)",
        ),
        unsaved("etree.Element", "x = lxml.etree.fromstring('<a/>')"),
    ),
)

SORTED = Library(
    "sortedcontainers",
    "import sortedcontainers as sc",
    (
        Case("SortedList", "x = sc.SortedList([3, 1])", ("x.add(2)",), "list(x)"),
        Case(
            "SortedDict",
            "x = sc.SortedDict(b=1, a=2)",
            ("x['c'] = 3", "x['a'] = []", "x['a'].append(1)"),
            "list(x.items())",
        ),
        Case("SortedSet", "x = sc.SortedSet([3, 1])", ("x.add(2)",), "list(x)"),
    ),
)

YAML = Library(
    "PyYAML",
    "import yaml",
    (
        Case(
            "Node",
            "x = yaml.compose('a: [1]')",
            ("x.value[0][1].value[0].value = '2'",),
            "yaml.serialize(x)",
        ),
    ),
)

DATEUTIL = Library(
    "python-dateutil",
    "import dateutil.relativedelta, dateutil.rrule, dateutil.tz",
    (
        Case(
            "relativedelta",
            "x = dateutil.relativedelta.relativedelta(days=1)",
            ("x.days = 2",),
            "repr(x)",
        ),
        Case("tz.tzutc", "x = dateutil.tz.UTC", ("x = dateutil.tz.tzoffset('n', 5)",), "repr(x)"),
    ),
)

PYTZ = Library(
    "pytz",
    "import pytz",
    (Case("timezone", "x = pytz.timezone('Europe/Berlin')", ("x = pytz.utc",), "str(x)"),),
)

PENDULUM = Library(
    "pendulum",
    "import pendulum",
    (
        Case(
            "DateTime",
            "x = pendulum.datetime(2026, 1, 1)",
            ("x = x.add(days=1)", "x = x.in_timezone('Europe/Berlin')"),
            "str(x)",
        ),
        Case("Duration", "x = pendulum.duration(days=1)", ("x = x + x",), "repr(x)"),
    ),
)

PYRSISTENT = Library(
    "pyrsistent",
    "import pyrsistent as pr",
    (
        Case("PVector", "x = pr.v(1, [2])", ("x[1].append(3)", "x = x.append(4)"), "list(x)"),
        Case("PMap", "x = pr.m(a=1)", ("x = x.set('b', 2)",), "sorted(x.items())"),
    ),
)

IMMUTABLES = Library(
    "immutables",
    "import immutables",
    (
        Case(
            "Map",
            "x = immutables.Map(a=[1])",
            ("x['a'].append(2)", "x = x.set('b', 3)"),
            "sorted(x.items())",
        ),
    ),
)

MULTIDICT = Library(
    "multidict",
    "import multidict",
    (
        Case(
            "MultiDict",
            "x = multidict.MultiDict([('a', 1), ('a', 2)])",
            ("x.add('a', 3)",),
            "list(x.items())",
        ),
    ),
)

FROZENDICT = Library(
    "frozendict",
    "from frozendict import frozendict",
    (
        Case(
            "frozendict",
            "x = frozendict(a=[1])",
            ("x['a'].append(2)", "x = x.set('b', 1)"),
            "dict(x)",
        ),
    ),
)

MSGSPEC = Library(
    "msgspec",
    "import msgspec",
    (
        Case("Raw", "x = msgspec.Raw(b'[1]')", ("x = msgspec.Raw(b'[2]')",), "bytes(x)"),
        unsaved("Struct of a cell", "class S(msgspec.Struct):\n  a: list\nx = S([1])"),
    ),
)

MORE_ITERTOOLS = Library(
    "more-itertools",
    "import more_itertools as mi",
    (
        Case(
            "peekable",
            "x = mi.peekable([1, 2, 3])",
            ("next(x)", "x.prepend(9)"),
            "list(__import__('copy').deepcopy(x))",
        ),
    ),
)

RICH = Library(
    "rich",
    "import rich.table, rich.text, rich.style",
    (
        Case("text.Text", "x = rich.text.Text('a')", ("x.append('b', 'bold')",), "repr(x)"),
        Case(
            "table.Table",
            "x = rich.table.Table()",
            ("x.add_column('a')", "x.add_row('1')"),
            "([c.header for c in x.columns], [list(c.cells) for c in x.columns], x.row_count)",
        ),
        Case(
            "style.Style",
            "x = rich.style.Style(bold=True)",
            ("x = rich.style.Style(italic=True)",),
            "str(x)",
        ),
    ),
)

TQDM = Library(
    "tqdm", "import tqdm, io", (unsaved("tqdm", "x = tqdm.tqdm(file=open('/dev/null', 'w'))"),)
)

JINJA2 = Library(
    "Jinja2", "import jinja2", (unsaved("Template", "x = jinja2.Template('{{ a }}')"),)
)

OTHERS = (
    *(ATTRS, PYDANTIC, REQUESTS, BS4, LXML, SORTED, YAML, DATEUTIL, PYTZ, PENDULUM, PYRSISTENT),
    *(IMMUTABLES, MULTIDICT, FROZENDICT, MSGSPEC, MORE_ITERTOOLS, RICH, TQDM, JINJA2),
)
