"""Arrays, numbers and images."""

from __future__ import annotations

from case import Case, Library, unsaved

__all__ = ["ARRAYS"]

NUMPY = Library(
    "numpy",
    "import numpy as np, ctypes",
    (
        Case(
            "ndarray of floats",
            "x = np.arange(5000.0)",
            (
                "x[7] = 1",
                "x[::2][3] = 5",
                "ctypes.memset(x.ctypes.data, 1, 16)",
                "memoryview(x.view('u1'))[5] = 9",
                "np.add(x, 1, out=x)",
                "x.sort()",
                "x.shape = (50, 100)",
                "x.resize((2, 3), refcheck=False)",
                "x.flags.writeable = False",
            ),
        ),
        Case(
            "ndarray of integers",
            "x = np.arange(9)",
            ("x[0] += 1", "x = x.astype('i4')", "x = x.astype('>i4')"),
        ),
        Case("ndarray of booleans", "x = np.zeros(9000, bool)", ("x[8999] = True",)),
        Case("ndarray of complex numbers", "x = np.zeros(900, complex)", ("x.imag[3] = 1",)),
        Case("ndarray of texts", "x = np.array(['a', 'bc'])", ("x[0] = 'zz'",)),
        Case("ndarray of bytes", "x = np.array([b'a', b'bc'])", ("x[0] = b'zz'",)),
        Case(
            "ndarray of StringDType",
            "x = np.array(['a', 'b' * 99], np.dtypes.StringDType())",
            ("x[0] = 'c' * 50",),
            "x.tolist()",
        ),
        Case(
            "ndarray of times", "x = np.zeros(9, 'M8[ns]')", ("x[1] = '2026-01-01'", "x[2] = 'NaT'")
        ),
        Case("ndarray of half floats", "x = np.zeros(5000, 'f2')", ("x[1] = np.nan",)),
        Case("ndarray of void", "x = np.zeros(900, 'V9')", ("x.view('u1')[7] = 3",)),
        Case(
            "structured ndarray",
            "x = np.zeros(900, [('a', 'i4'), ('b', 'f8', 2)])",
            ("x['b'][3] = 1", "x[4] = (7, 8)", "x.dtype.names = ('c', 'd')"),
        ),
        Case(
            "aligned structured ndarray",
            "x = np.zeros(9, np.dtype([('a', 'u1'), ('b', 'f8')], align=True))",
            ("x['b'][3] = 1",),
        ),
        Case(
            "structured ndarray with objects",
            "x = np.zeros(3, [('a', 'O'), ('b', 'i4')])",
            ("x['a'][1] = [1]", "x['a'][1].append(2)"),
        ),
        Case(
            "ndarray of objects",
            "x = np.array([[1], {2: 3}, None], dtype=object)",
            ("x[0].append(2)", "x[2] = 'x'"),
        ),
        Case(
            "Fortran-ordered ndarray",
            "x = np.zeros((70, 80), order='F')",
            ("x[3, 4] = 1", "x.T[3, 4] = 2"),
            "(x.tolist(), x.flags.f_contiguous)",
        ),
        Case("strided ndarray", "b = np.arange(9000)\nx = b[1::3]\ndel b", ("x[3] = -1",)),
        Case(
            "ndarray and its view",
            "b = np.arange(9000)\nx = b[1::3]",
            ("b[4] = -1", "x[0] = -2"),
            "(plain(x), plain(b), np.shares_memory(x, b))",
        ),
        Case(
            "read-only view of an ndarray",
            "b = np.zeros(5000)\nx = b.view()\nx.flags.writeable = False",
            ("b[4] = -1",),
            "(plain(x), plain(b), np.shares_memory(x, b))",
        ),
        Case(
            "broadcast ndarray",
            "b = np.zeros(3)\nx = np.broadcast_to(b, (4000, 3))",
            ("b[1] = 5",),
            "(x.tolist(), b.tolist())",
        ),
        Case(
            "empty ndarray", "x = np.zeros((0, 3))", ("x = np.zeros((0, 4))", "x = x.astype('f4')")
        ),
        Case("zero-dimensional ndarray", "x = np.array(3.0)", ("x[...] = 4",)),
        Case(
            "numpy scalar", "x = np.float64(1)", ("x = np.float32(1)", "x = np.int8(1)"), "repr(x)"
        ),
        Case(
            "ma.MaskedArray",
            "x = np.ma.array(range(9), mask=False)",
            ("x[3] = np.ma.masked", "x[4] = 9", "x.fill_value = 7", "x.harden_mask()"),
        ),
        Case(
            "matrix",
            "import warnings\nwith warnings.catch_warnings():\n  warnings.simplefilter('ignore')\n  x = np.matrix([[1, 2]])",
            ("x[0, 1] = 3",),
        ),
        Case(
            "recarray",
            "x = np.rec.array([(1, 2.0)], dtype=[('a', 'i4'), ('b', 'f8')])",
            ("x.a[0] = 5",),
        ),
        Case(
            "char.chararray",
            "x = np.char.asarray(['a', 'b'])",
            ("x[0] = 'c'",),
            "(type(x).__name__, x.tolist())",
        ),
        Case(
            "memmap",
            "import tempfile\nx = np.memmap(tempfile.TemporaryFile(), 'i4', shape=(2000,))",
            ("x[3] = 7",),
            "np.asarray(x).tolist()",
        ),
        Case(
            "dtype",
            "x = np.dtype('i4')",
            ("x = x.newbyteorder()", "x = np.dtype('i4', metadata={'a': 1})"),
            "(str(x), x.metadata)",
        ),
        Case(
            "random.Generator",
            "x = np.random.default_rng(3)",
            ("x.normal()", "x.integers(9, dtype='i1')"),
            "str(x.bit_generator.state)",
        ),
        Case(
            "random.RandomState",
            "x = np.random.RandomState(3)",
            ("x.rand()", "x.randn()"),
            "str(x.get_state(legacy=False))",
        ),
        Case("random.PCG64", "x = np.random.PCG64(3)", ("x.random_raw()",), "str(x.state)"),
        Case(
            "random.SeedSequence", "x = np.random.SeedSequence(3)", ("x.spawn(1)",), "str(x.state)"
        ),
        Case("poly1d", "x = np.poly1d([1, 2])", ("x[0] = 5",), "(x.coeffs.tolist(), x.variable)"),
        Case(
            "polynomial.Polynomial",
            "x = np.polynomial.Polynomial([1, 2])",
            ("x.coef[0] = 5", "x.domain[0] = 0"),
            "[*map(plain, (x.coef, x.domain, x.window))]",
        ),
        Case("ufunc", "x = np.sin", ("x = np.cos",), "x.__name__"),
        Case(
            "vectorize",
            "x = np.vectorize(lambda a: a + 1)",
            ("x.excluded.add(1)",),
            "(x([1]).tolist(), x.excluded)",
        ),
        unsaved("nditer", "x = np.nditer(np.arange(3))"),
        unsaved("flatiter", "x = np.arange(3).flat"),
    ),
)

SCIPY = Library(
    "scipy",
    "import numpy as np, scipy.sparse as sp, scipy.stats, scipy.interpolate, scipy.spatial, "
    "scipy.optimize, scipy.signal",
    (
        Case(
            "sparse.csr_matrix",
            "x = sp.random(90, 90, .2, 'csr', random_state=1)",
            ("x.data[3] = 9", "x.eliminate_zeros(); x[0, 0] = 5"),
            "(x.toarray().tolist(), x.format)",
        ),
        Case(
            "sparse.csc_array",
            "x = sp.csc_array(np.eye(9))",
            ("x.data[3] = 9",),
            "x.toarray().tolist()",
        ),
        Case(
            "sparse.coo_matrix",
            "x = sp.coo_matrix(np.eye(9))",
            ("x.data[3] = 9", "x.col[0] = 3"),
            "x.toarray().tolist()",
        ),
        Case(
            "sparse.lil_matrix",
            "x = sp.lil_matrix((9, 9))",
            ("x[3, 4] = 9",),
            "x.toarray().tolist()",
        ),
        Case(
            "sparse.dok_matrix",
            "x = sp.dok_matrix((9, 9))",
            ("x[3, 4] = 9",),
            "x.toarray().tolist()",
        ),
        Case(
            "stats frozen distribution",
            "x = scipy.stats.norm(loc=0, scale=1)",
            ("x.kwds['scale'] = 2",),
            "(x.kwds, x.mean())",
        ),
        Case(
            "interpolate.CubicSpline",
            "x = scipy.interpolate.CubicSpline([0, 1, 2], [0, 1, 0])",
            ("x.c[0, 0] = 5",),
            "x([.5, 1.5]).tolist()",
        ),
        Case(
            "interpolate.interp1d",
            "x = scipy.interpolate.interp1d([0, 1], [0, 1])",
            ("x.fill_value = 7",),
            "(x(.5).tolist(), str(x.fill_value))",
        ),
        Case(
            "spatial.transform.Rotation",
            "x = scipy.spatial.transform.Rotation.identity()",
            ("x *= scipy.spatial.transform.Rotation.from_euler('x', 1)",),
            "x.as_quat().tolist()",
        ),
        Case(
            "spatial.cKDTree",
            "x = scipy.spatial.cKDTree(np.eye(5))",
            ("x = scipy.spatial.cKDTree(np.eye(6))",),
            "x.query(np.ones((1, x.m)))[0].tolist()",
        ),
        Case(
            "optimize.OptimizeResult",
            "x = scipy.optimize.minimize(lambda a: (a ** 2).sum(), [1.0])",
            ("x.note = 1", "x.x[0] = 9"),
            "(x.x.tolist(), x.get('note'))",
        ),
        Case(
            "signal.TransferFunction",
            "x = scipy.signal.TransferFunction([1], [1, 2])",
            ("x.num = [2]",),
            "(x.num.tolist(), x.den.tolist())",
        ),
    ),
)

BITARRAY = Library(
    "bitarray",
    "from bitarray import bitarray, frozenbitarray",
    (
        Case(
            "bitarray",
            "x = bitarray('0101')",
            ("x[0] = 1", "x.append(0)", "x.reverse()"),
            "x.to01()",
        ),
        Case(
            "frozenbitarray", "x = frozenbitarray('01')", ("x = frozenbitarray('10')",), "x.to01()"
        ),
    ),
)

GMPY2 = Library(
    "gmpy2",
    "import gmpy2",
    (
        Case("mpz", "x = gmpy2.mpz(3)", ("x += 1",), "repr(x)"),
        Case("mpq", "x = gmpy2.mpq(1, 3)", ("x += 1",), "repr(x)"),
        Case("mpfr", "x = gmpy2.mpfr('1.5')", ("x += 1",), "repr(x)"),
    ),
)

MPMATH = Library(
    "mpmath",
    "import mpmath",
    (
        Case("mpf", "x = mpmath.mpf(1) / 3", ("x += 1",), "repr(x)"),
        unsaved("matrix", "x = mpmath.matrix([[1, 2], [3, 4]])"),
    ),
)

PILLOW = Library(
    "pillow",
    "from PIL import Image, ImageDraw, ImageFilter",
    (
        Case(
            "Image",
            "x = Image.new('RGB', (90, 90))",
            (
                "x.putpixel((3, 4), (1, 2, 3))",
                "ImageDraw.Draw(x).line((0, 0, 9, 9))",
                "x.info['k'] = 1",
            ),
            "(x.size, x.mode, x.tobytes().hex(), x.info)",
        ),
        Case(
            "Image with a palette",
            "x = Image.new('P', (9, 9))",
            ("x.putpixel((3, 4), 7)", "x.putpalette([9] * 768)"),
            "(x.getpalette(), x.tobytes().hex())",
        ),
        Case(
            "ImageFilter.Kernel",
            "x = ImageFilter.Kernel((3, 3), [1] * 9)",
            ("x.filterargs = ((3, 3), 8, 0, [2] * 9)",),
            "x.filterargs",
        ),
    ),
)

SKIMAGE = Library(
    "scikit-image",
    "import numpy as np, skimage.transform",
    (
        Case(
            "transform.AffineTransform",
            "x = skimage.transform.AffineTransform(rotation=1)",
            ("x.params[0, 0] = 3",),
            "x.params.tolist()",
        ),
        Case(
            "transform.PiecewiseAffineTransform",
            "x = skimage.transform.PiecewiseAffineTransform()",
            ("x.extra = 1",),
            "vars(x).get('extra')",
        ),
    ),
)

IMAGEIO = Library(
    "imageio",
    "import imageio.core, numpy as np",
    (
        Case(
            "core.Array",
            "x = imageio.core.Array(np.zeros((9, 9), 'u1'), {'k': 1})",
            ("x[3, 4] = 7",),
            "np.asarray(x).tolist()",
        ),
    ),
)

NUMBA = Library(
    "numba",
    "import numba, numpy as np",
    (
        Case(
            "njit function",
            "@numba.njit\ndef x(a): return a + 1",
            ("@numba.njit\ndef x(a): return a + 2",),
            "x.py_func(1)",
        ),
        Case("typed type", "x = numba.int64", ("x = numba.float64[:]",), "str(x)"),
    ),
)

H5PY = Library(
    "h5py",
    "import h5py",
    (unsaved("File", "x = h5py.File('a', 'w', driver='core', backing_store=False)"),),
)

ASTROPY = Library(
    "astropy",
    "import numpy as np, astropy.units as u, astropy.table as table, astropy.time as time\n"
    "import astropy.coordinates as coordinates, astropy.wcs as wcs\n"
    "import astropy.io.fits as fits, astropy.modeling.models as models",
    (
        Case(
            "units.Quantity", "x = [1.0, 2.0] * u.m", ("x[0] = 5 * u.m", "x = x.to('km')"), "str(x)"
        ),
        Case("units.Unit", "x = u.m / u.s", ("x = u.km / u.s",), "str(x)"),
        Case(
            "table.Table",
            "x = table.Table({'a': [1, 2]})",
            ("x['a'][0] = 5", "x['b'] = [1.0, 2.0]", "x.meta['k'] = 'v'", "x.add_row([3, 4.0])"),
            "(x.colnames, [list(x[c]) for c in x.colnames], dict(x.meta))",
        ),
        Case(
            "table.QTable",
            "x = table.QTable({'a': [1.0, 2.0] * u.m})",
            ("x['a'][0] = 5 * u.m",),
            "str(x['a'])",
        ),
        Case(
            "time.Time",
            "x = time.Time(['2020-01-01', '2021-01-01'])",
            ("x[0] = time.Time('2022-01-01')", "x.format = 'jd'"),
            "str(x)",
        ),
        Case(
            "coordinates.SkyCoord",
            "x = coordinates.SkyCoord([1, 2] * u.deg, [3, 4] * u.deg)",
            ("x[0] = coordinates.SkyCoord(5 * u.deg, 6 * u.deg)",),
            "(x.ra.deg.tolist(), x.dec.deg.tolist())",
        ),
        Case("wcs.WCS", "x = wcs.WCS(naxis=2)", ("x.wcs.crval = [1, 2]",), "list(x.wcs.crval)"),
        Case(
            "io.fits.Header", "x = fits.Header({'A': 1})", ("x['A'] = 2", "x['B'] = 'b'"), "repr(x)"
        ),
        Case(
            "io.fits.HDUList",
            "x = fits.HDUList([fits.PrimaryHDU(np.zeros((2, 2)))])",
            ("x[0].data[0, 0] = 5", "x[0].header['A'] = 1"),
            "(x[0].data.tolist(), x[0].header.get('A'))",
        ),
        Case(
            "modeling.Gaussian1D",
            "x = models.Gaussian1D(1, 2, 3)",
            ("x.mean = 5", "x.stddev.fixed = True"),
            "(x.parameters.tolist(), x.stddev.fixed)",
        ),
    ),
)

ARRAYS = (ASTROPY, NUMPY, SCIPY, BITARRAY, GMPY2, MPMATH, PILLOW, SKIMAGE, IMAGEIO, NUMBA, H5PY)
