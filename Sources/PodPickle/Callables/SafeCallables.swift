/// Names that unpickling may import and call without anything happening but a value being made.
///
/// A name is here if calling it with any arguments, and giving the result any state, items or pairs,
/// neither runs code that is not its own, nor reads or writes anything outside of the value, nor finds
/// something by a name that its arguments give. So there is no module of which all names are safe, and
/// no dotted name is unless it stands here as such. What takes a callable to call it later, as
/// `defaultdict` and `partial` do, is safe, since that callable is in the pickle and judged by itself;
/// those that call it at once are in ``appliers``.
/// What is large or slow to make is not told apart: unpickling what is hostile may still take all
/// memory.
enum SafeCallables {
  /// Tells whether `name` of `module` is known to do nothing but make a value.
  static func contains(module: String, name: String) -> Bool {
    if names[module]?.contains(name) ?? false { return true }
    if module == "numpy.dtypes" { return name.hasSuffix("DType") && !name.contains(".") }
    guard isEstimatorModule(module), !name.contains(".") else { return false }
    return estimators.contains(name)
  }

  /// Attributes that may be taken of, or called on, an object that is not known.
  static let attributes: Set<String> = [
    "append", "add", "update", "extend", "items", "keys", "values", "get", "copy", "lower", "upper",
    "strip", "split", "join", "mean", "sum", "min", "max", "predict", "transform", "fit", "shape",
    "toreadonly", "untyped_storage", "setflags",
  ]

  /// Callables that call their first argument at once.
  static let appliers: Set<String> = [
    "copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__", "functools.reduce",
    "_functools.reduce", "torch._tensor._rebuild_from_type_v2", "builtins.map", "builtins.filter",
  ]

  /// Modules whose import does nothing but define names, as those that functions of notebooks use.
  static let modules: Set<String> = [
    "numpy", "pandas", "scipy", "sklearn", "torch", "math", "cmath", "random", "re", "json", "csv",
    "datetime", "time", "calendar", "collections", "itertools", "functools", "statistics", "string",
    "decimal", "fractions", "heapq", "bisect", "copy", "enum", "dataclasses", "typing", "networkx",
    "matplotlib", "matplotlib.pyplot", "seaborn", "PIL", "PIL.Image", "polars", "pyarrow",
    "xgboost",
    "numpy.random", "numpy.linalg", "scipy.sparse", "scipy.stats", "scipy.optimize", "torch.nn",
    "torch.nn.functional", "torch.optim", "abc", "warnings", "uuid", "hashlib", "base64",
    "textwrap",
  ]

  private static let names: [String: Set<String>] = [
    // The language.
    "builtins": [
      "object", "int", "float", "complex", "bool", "str", "bytes", "bytearray", "list", "tuple",
      "dict", "set", "frozenset", "slice", "range", "memoryview", "type", "Ellipsis", "NoneType",
      "NotImplemented", "property", "staticmethod", "classmethod", "super", "enumerate", "reversed",
      "zip", "len", "abs", "round", "sum", "hash", "ord", "chr",
      "repr", "isinstance", "issubclass", "any", "all", "divmod", "pow", "bin", "hex",
      "oct", "callable", "id",
      "BaseException", "Exception", "ArithmeticError", "AssertionError", "AttributeError",
      "EOFError", "FileExistsError", "FileNotFoundError", "FloatingPointError", "ImportError",
      "IndexError", "IsADirectoryError", "KeyError", "KeyboardInterrupt", "LookupError",
      "MemoryError", "ModuleNotFoundError", "NameError", "NotADirectoryError",
      "NotImplementedError", "OSError", "OverflowError", "PermissionError", "RecursionError",
      "RuntimeError", "StopIteration", "SyntaxError", "SystemError", "TimeoutError", "TypeError",
      "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "ValueError", "Warning",
      "DeprecationWarning", "FutureWarning", "RuntimeWarning", "UserWarning", "ZeroDivisionError",
    ],
    "copyreg": ["_reconstructor", "__newobj__", "__newobj_ex__"],
    "types": [
      "CodeType", "SimpleNamespace", "MethodType", "MappingProxyType", "GenericAlias", "NoneType",
      "CellType",
      "EllipsisType", "NotImplementedType", "UnionType", "BuiltinFunctionType", "ModuleType",
      "GeneratorType", "CoroutineType",
    ],
    "typing": [
      "Any", "Union", "Optional", "List", "Dict", "Set", "Tuple", "Callable", "TypeVar",
      "NamedTuple", "Generic", "Protocol", "Literal", "ClassVar", "Final", "Iterable", "Iterator",
      "Sequence", "Mapping",
    ],
    // Values of the standard library.
    "collections": [
      "OrderedDict", "defaultdict", "deque", "Counter", "ChainMap", "UserDict", "UserList",
      "UserString",
    ],
    "array": ["array", "_array_reconstructor"],
    "datetime": ["datetime", "date", "time", "timedelta", "timezone", "tzinfo"],
    "zoneinfo": ["ZoneInfo", "ZoneInfo._unpickle"],
    "zoneinfo._zoneinfo": ["ZoneInfo"],
    "_zoneinfo": ["ZoneInfo", "ZoneInfo._unpickle"],
    "decimal": ["Decimal", "Context"],
    "_decimal": ["Decimal"],
    "_pydecimal": ["Decimal"],
    "fractions": ["Fraction"],
    "uuid": ["UUID", "SafeUUID"],
    "ipaddress": [
      "IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface",
      "IPv6Interface",
    ],
    "re": ["_compile", "compile", "Pattern", "RegexFlag"],
    "pathlib": [
      "Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath",
    ],
    "pathlib._local": [
      "Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath",
    ],
    "enum": ["Enum", "IntEnum", "Flag", "IntFlag", "StrEnum", "EnumMeta", "EnumType", "auto"],
    "functools": ["partial", "cmp_to_key", "wraps", "lru_cache", "update_wrapper"],
    "itertools": [
      "chain", "count", "cycle", "islice", "permutations", "combinations", "product", "repeat",
      "zip_longest", "accumulate", "combinations_with_replacement",
    ],
    "operator": [
      "itemgetter", "add", "sub", "mul", "truediv", "neg", "eq", "lt", "gt", "le", "ge",
    ],
    "_operator": ["add", "sub", "mul", "truediv", "neg", "eq", "lt", "gt", "le", "ge"],
    "random": ["Random"],
    "_codecs": ["encode"],
    "math": [
      "sin", "cos", "tan", "exp", "log", "log2", "log10", "sqrt", "floor", "ceil", "pow", "hypot",
      "fabs", "isnan", "isinf", "atan2", "gcd", "factorial",
    ],
    "logging": ["getLogger"],
    "io": ["BytesIO", "StringIO"],
    "_io": ["BytesIO", "StringIO"],
    "dataclasses": ["Field", "_MISSING_TYPE"],
    "json.decoder": ["JSONDecodeError"],
    "dateutil.tz.tz": ["tzutc", "tzoffset", "tzlocal"],
    "pytz": ["_UTC", "_p", "utc"],
    "pytz.tzinfo": ["DstTzInfo", "StaticTzInfo"],
    // How functions and classes of notebooks are stored: the code is told of by itself.
    "cloudpickle.cloudpickle": cloudpickle,
    "cloudpickle": cloudpickle,
    // numpy.
    "numpy": [
      "ndarray", "dtype", "matrix", "recarray", "record", "void", "bool_", "bool", "int8", "int16",
      "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
      "longdouble", "complex64", "complex128", "str_", "bytes_", "object_", "datetime64",
      "timedelta64", "generic", "number", "poly1d", "intc", "uintc", "longlong", "ulonglong",
    ],
    "numpy.core.multiarray": ["_reconstruct", "scalar", "ndarray", "dtype"],
    "numpy._core.multiarray": ["_reconstruct", "scalar", "ndarray", "dtype"],
    "numpy.core.numeric": ["_frombuffer"],
    "numpy._core.numeric": ["_frombuffer"],
    "numpy.core._internal": ["_convert_to_stringdtype_kwargs"],
    "numpy._core._internal": ["_convert_to_stringdtype_kwargs"],
    "numpy.ma.core": ["_mareconstruct", "MaskedArray", "MaskedConstant", "mvoid"],
    "numpy.ma": ["MaskedArray"],
    "numpy.matrixlib.defmatrix": ["matrix"],
    "numpy.core.records": ["recarray", "record"],
    "numpy.rec": ["recarray", "record"],
    "numpy.random._pickle": [
      "__generator_ctor", "__bit_generator_ctor", "__randomstate_ctor",
    ],
    "numpy.random.mtrand": ["RandomState"],
    "numpy.random._generator": ["Generator"],
    "numpy.random._mt19937": ["MT19937"],
    "numpy.random._pcg64": ["PCG64", "PCG64DXSM"],
    "numpy.random._philox": ["Philox"],
    "numpy.random._sfc64": ["SFC64"],
    "numpy.random.bit_generator": ["SeedSequence", "__pyx_unpickle_SeedSequence"],
    "numpy.lib.polynomial": ["poly1d"],
    "numpy.polynomial.polynomial": ["Polynomial"],
    // pandas.
    "pandas": [
      "DataFrame", "Series", "Index", "MultiIndex", "RangeIndex", "Timestamp", "Timedelta",
      "Categorical", "Interval", "Period", "NaT", "NA",
    ],
    "pandas.core.frame": ["DataFrame"],
    "pandas.core.series": ["Series"],
    "pandas.core.flags": ["Flags"],
    "pandas.core.indexes.base": ["Index", "_new_Index"],
    "pandas.core.indexes.multi": ["MultiIndex"],
    "pandas.core.indexes.range": ["RangeIndex"],
    "pandas.core.indexes.numeric": ["Int64Index", "UInt64Index", "Float64Index"],
    "pandas.core.indexes.category": ["CategoricalIndex"],
    "pandas.core.indexes.interval": ["IntervalIndex"],
    "pandas.core.indexes.datetimes": ["DatetimeIndex", "_new_DatetimeIndex"],
    "pandas.core.indexes.timedeltas": ["TimedeltaIndex"],
    "pandas.core.indexes.period": ["PeriodIndex", "_new_PeriodIndex"],
    "pandas.core.internals.managers": ["BlockManager", "SingleBlockManager"],
    "pandas.core.internals.blocks": [
      "Block", "NumpyBlock", "NumericBlock", "ObjectBlock", "ExtensionBlock", "DatetimeLikeBlock",
      "DatetimeTZBlock", "CategoricalBlock", "new_block",
    ],
    "pandas._libs.internals": [
      "_unpickle_block", "BlockManager", "BlockPlacement", "__pyx_unpickle_BlockManager",
    ],
    "pandas._libs.arrays": ["__pyx_unpickle_NDArrayBacked", "NDArrayBacked"],
    "pandas._libs.tslibs.timestamps": ["Timestamp", "_unpickle_timestamp"],
    "pandas._libs.tslibs.timedeltas": ["Timedelta", "_timedelta_unpickle"],
    "pandas._libs.tslibs.period": ["Period"],
    "pandas._libs.tslibs.nattype": ["NaTType", "_nat_unpickle", "__nat_unpickle"],
    "pandas._libs.tslibs.offsets": [
      "BDay", "BMonthBegin", "BMonthEnd", "BQuarterBegin", "BQuarterEnd", "BYearBegin", "BYearEnd",
      "BusinessDay", "BusinessHour", "BusinessMonthBegin", "BusinessMonthEnd", "CustomBusinessDay",
      "DateOffset", "Day", "Hour", "Micro", "Milli", "Minute", "MonthBegin", "MonthEnd", "Nano",
      "QuarterBegin", "QuarterEnd", "Second", "Tick", "Week", "WeekOfMonth", "YearBegin", "YearEnd",
      "__pyx_unpickle_Day", "_offset_unpickle",
    ],
    "pandas._libs.interval": ["Interval"],
    "pandas._libs.missing": ["NAType", "NA", "C_NA", "_get_na"],
    "pandas._libs.sparse": ["IntIndex", "BlockIndex"],
    "pandas.core.dtypes.dtypes": [
      "CategoricalDtype", "DatetimeTZDtype", "PeriodDtype", "IntervalDtype", "SparseDtype",
      "ArrowDtype", "NumpyEADtype",
    ],
    "pandas.core.arrays.categorical": ["Categorical"],
    "pandas.core.arrays.datetimes": ["DatetimeArray"],
    "pandas.core.arrays.timedeltas": ["TimedeltaArray"],
    "pandas.core.arrays.period": ["PeriodArray"],
    "pandas.core.arrays.interval": ["IntervalArray"],
    "pandas.core.arrays.sparse.array": ["SparseArray"],
    "pandas.core.arrays.sparse.dtype": ["SparseDtype"],
    "pandas.core.arrays.masked": ["BaseMaskedArray"],
    "pandas.core.arrays.integer": [
      "IntegerArray", "Int8Dtype", "Int16Dtype", "Int32Dtype", "Int64Dtype", "UInt8Dtype",
      "UInt16Dtype", "UInt32Dtype", "UInt64Dtype",
    ],
    "pandas.core.arrays.floating": ["FloatingArray", "Float32Dtype", "Float64Dtype"],
    "pandas.core.arrays.boolean": ["BooleanArray", "BooleanDtype"],
    "pandas.core.arrays.string_": [
      "StringArray", "StringArrayNumpySemantics", "StringDtype", "BaseStringArray",
    ],
    "pandas.core.arrays.string_arrow": ["ArrowStringArray", "ArrowStringArrayNumpySemantics"],
    "pandas.core.arrays.arrow.array": ["ArrowExtensionArray"],
    "pandas.core.arrays.numpy_": ["NumpyExtensionArray", "PandasArray"],
    "pyarrow.lib": [
      "type_for_alias", "_reconstruct_table", "chunked_array", "array", "_restore_array",
      "DataType", "StringScalar", "LargeStringScalar", "py_buffer", "schema", "field",
    ],
    // scipy.
    "scipy.sparse._csr": ["csr_matrix", "csr_array"],
    "scipy.sparse._csc": ["csc_matrix", "csc_array"],
    "scipy.sparse._coo": ["coo_matrix", "coo_array"],
    "scipy.sparse._bsr": ["bsr_matrix", "bsr_array"],
    "scipy.sparse._dia": ["dia_matrix", "dia_array"],
    "scipy.sparse._dok": ["dok_matrix", "dok_array"],
    "scipy.sparse._lil": ["lil_matrix", "lil_array"],
    // scikit-learn, beside the estimators.
    "sklearn.tree._tree": ["Tree"],
    "sklearn.utils._bunch": ["Bunch"],
    "sklearn.neighbors._kd_tree": ["KDTree", "KDTree64", "KDTree32", "newObj"],
    "sklearn.neighbors._ball_tree": ["BallTree", "BallTree64", "BallTree32", "newObj"],
    "sklearn.metrics._dist_metrics": ["EuclideanDistance", "EuclideanDistance64", "newObj"],
    "sklearn._loss.link": ["LogitLink", "IdentityLink", "LogLink", "MultinomialLogit", "Interval"],
    "sklearn._loss.loss": [
      "HalfSquaredError", "HalfBinomialLoss", "HalfMultinomialLoss", "AbsoluteError",
    ],
    "sklearn._loss._loss": [
      "CyHalfSquaredError", "CyHalfBinomialLoss", "CyHalfMultinomialLoss", "CyAbsoluteError",
    ],
    // torch: not `_load_from_bytes`, which unpickles its argument.
    "torch": [
      "device", "Size", "Tensor", "float16", "float32", "float64", "bfloat16", "int8", "int16",
      "int32", "int64", "uint8", "bool", "complex64", "complex128", "from_numpy", "FloatStorage",
      "DoubleStorage", "HalfStorage", "BFloat16Storage", "LongStorage", "IntStorage",
      "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage", "Generator", "strided",
      "contiguous_format", "preserve_format",
    ],
    "torch._utils": ["_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter"],
    "torch._tensor": ["Tensor", "_rebuild_from_type_v2"],
    "torch.storage": ["TypedStorage", "UntypedStorage"],
    "torch.nn.parameter": ["Parameter", "Buffer"],
    "torch.nn.modules.linear": ["Linear", "Identity", "Bilinear"],
    "torch.nn.modules.container": ["Sequential", "ModuleList", "ModuleDict", "ParameterList"],
    "torch.nn.modules.activation": [
      "ReLU", "Sigmoid", "Tanh", "Softmax", "LogSoftmax", "GELU", "ELU", "LeakyReLU", "SiLU",
      "MultiheadAttention",
    ],
    "torch.nn.modules.conv": ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d"],
    "torch.nn.modules.batchnorm": ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"],
    "torch.nn.modules.normalization": ["LayerNorm", "GroupNorm"],
    "torch.nn.modules.dropout": ["Dropout", "Dropout2d"],
    "torch.nn.modules.pooling": ["MaxPool1d", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d"],
    "torch.nn.modules.flatten": ["Flatten", "Unflatten"],
    "torch.nn.modules.sparse": ["Embedding", "EmbeddingBag"],
    "torch.nn.modules.rnn": ["RNN", "LSTM", "GRU"],
    "torch.nn.modules.loss": ["CrossEntropyLoss", "MSELoss", "NLLLoss", "BCELoss", "L1Loss"],
    // Others.
    "networkx.classes.graph": ["Graph"],
    "networkx.classes.digraph": ["DiGraph"],
    "networkx.classes.multigraph": ["MultiGraph"],
    "networkx.classes.multidigraph": ["MultiDiGraph"],
    "networkx.classes.reportviews": [
      "NodeView", "EdgeView", "OutEdgeView", "DegreeView", "OutMultiEdgeView", "MultiEdgeView",
    ],
    "networkx.utils.backends": ["_LazyDict"],
    "PIL.Image": ["Image"],
    "PIL.PngImagePlugin": ["PngImageFile"],
    "PIL.JpegImagePlugin": ["JpegImageFile"],
  ]

  private static let cloudpickle: Set<String> = [
    "_make_function", "_make_empty_cell", "_make_skeleton_class", "_make_skeleton_enum",
    "_make_cell", "_make_typevar", "_class_setstate", "_function_setstate", "_builtin_type",
    "subimport", "dynamic_subimport", "_empty_cell_value", "_get_dataclass_field_type_sentinel",
    "_make_dict_keys", "_make_dict_values", "_make_dict_items", "_set_state_from_slots",
  ]

  /// Whether a module is one of those in which scikit-learn keeps its estimators.
  private static func isEstimatorModule(_ module: String) -> Bool {
    let parts = module.split(separator: ".")
    return parts.first == "sklearn" && parts.count >= 2 && estimatorPackages.contains(parts[1])
  }

  private static let estimatorPackages: Set<Substring> = [
    "calibration", "cluster", "compose", "covariance", "cross_decomposition", "decomposition",
    "discriminant_analysis", "dummy", "ensemble", "feature_extraction", "feature_selection",
    "frozen", "gaussian_process", "impute", "isotonic", "kernel_approximation", "kernel_ridge",
    "linear_model", "manifold", "mixture", "model_selection", "multiclass", "multioutput",
    "naive_bayes", "neighbors", "neural_network", "pipeline", "preprocessing",
    "random_projection", "semi_supervised", "svm", "tree",
  ]

  /// Names of estimators, which are in private modules that change between versions.
  private static let estimators: Set<String> = [
    "ARDRegression", "AdaBoostClassifier", "AdaBoostRegressor", "AdditiveChi2Sampler",
    "AffinityPropagation", "AgglomerativeClustering", "BaggingClassifier", "BaggingRegressor",
    "BayesianGaussianMixture", "BayesianRidge", "BernoulliNB", "BernoulliRBM", "Binarizer",
    "Birch", "BisectingKMeans", "CCA", "CalibratedClassifierCV", "CategoricalNB",
    "ClassicalMDS", "ClassifierChain", "ColumnTransformer", "ComplementNB", "CountVectorizer",
    "DBSCAN", "DecisionTreeClassifier", "DecisionTreeRegressor", "DictVectorizer",
    "DictionaryLearning", "DummyClassifier", "DummyRegressor", "ElasticNet", "ElasticNetCV",
    "EllipticEnvelope", "EmpiricalCovariance", "ExtraTreeClassifier", "ExtraTreeRegressor",
    "ExtraTreesClassifier", "ExtraTreesRegressor", "FactorAnalysis", "FastICA",
    "FeatureAgglomeration", "FeatureHasher", "FeatureUnion", "FixedThresholdClassifier",
    "FrozenEstimator", "FunctionTransformer", "GammaRegressor", "GaussianMixture", "GaussianNB",
    "GaussianProcessClassifier", "GaussianProcessRegressor", "GaussianRandomProjection",
    "GenericUnivariateSelect", "GradientBoostingClassifier", "GradientBoostingRegressor",
    "GraphicalLasso", "GraphicalLassoCV", "GridSearchCV", "HDBSCAN", "HashingVectorizer",
    "HistGradientBoostingClassifier", "HistGradientBoostingRegressor", "HuberRegressor",
    "IncrementalPCA", "IsolationForest", "Isomap", "IsotonicRegression", "KBinsDiscretizer",
    "KMeans", "KNNImputer", "KNeighborsClassifier", "KNeighborsRegressor",
    "KNeighborsTransformer", "KernelCenterer", "KernelDensity", "KernelPCA", "KernelRidge",
    "LabelBinarizer", "LabelEncoder", "LabelPropagation", "LabelSpreading", "Lars", "LarsCV",
    "Lasso", "LassoCV", "LassoLars", "LassoLarsCV", "LassoLarsIC", "LatentDirichletAllocation",
    "LedoitWolf", "LinearDiscriminantAnalysis", "LinearRegression", "LinearSVC", "LinearSVR",
    "LocalOutlierFactor", "LocallyLinearEmbedding", "LogisticRegression",
    "LogisticRegressionCV", "MDS", "MLPClassifier", "MLPRegressor", "MaxAbsScaler", "MeanShift",
    "MinCovDet", "MinMaxScaler", "MiniBatchDictionaryLearning", "MiniBatchKMeans",
    "MiniBatchNMF", "MiniBatchSparsePCA", "MissingIndicator", "MultiLabelBinarizer",
    "MultiOutputClassifier", "MultiOutputRegressor", "MultiTaskElasticNet",
    "MultiTaskElasticNetCV", "MultiTaskLasso", "MultiTaskLassoCV", "MultinomialNB", "NMF",
    "NearestCentroid", "NearestNeighbors", "NeighborhoodComponentsAnalysis", "Normalizer",
    "NuSVC", "NuSVR", "Nystroem", "OAS", "OPTICS", "OneClassSVM", "OneHotEncoder",
    "OneVsOneClassifier", "OneVsRestClassifier", "OrdinalEncoder", "OrthogonalMatchingPursuit",
    "OrthogonalMatchingPursuitCV", "OutputCodeClassifier", "PCA", "PLSCanonical",
    "PLSRegression", "PLSSVD", "PassiveAggressiveClassifier", "PassiveAggressiveRegressor",
    "PatchExtractor", "Perceptron", "Pipeline", "PoissonRegressor", "PolynomialCountSketch",
    "PolynomialFeatures", "PowerTransformer", "QuadraticDiscriminantAnalysis",
    "QuantileRegressor", "QuantileTransformer", "RANSACRegressor", "RBFSampler", "RFE", "RFECV",
    "RadiusNeighborsClassifier", "RadiusNeighborsRegressor", "RadiusNeighborsTransformer",
    "RandomForestClassifier", "RandomForestRegressor", "RandomTreesEmbedding",
    "RandomizedSearchCV", "RegressorChain", "Ridge", "RidgeCV", "RidgeClassifier",
    "RidgeClassifierCV", "RobustScaler", "SGDClassifier", "SGDOneClassSVM", "SGDRegressor",
    "SVC", "SVR", "SelectFdr", "SelectFpr", "SelectFromModel", "SelectFwe", "SelectKBest",
    "SelectPercentile", "SelfTrainingClassifier", "SequentialFeatureSelector",
    "ShrunkCovariance", "SimpleImputer", "SkewedChi2Sampler", "SparseCoder", "SparsePCA",
    "SparseRandomProjection", "SpectralBiclustering", "SpectralClustering",
    "SpectralCoclustering", "SpectralEmbedding", "SplineTransformer", "StackingClassifier",
    "StackingRegressor", "StandardScaler", "TSNE", "TargetEncoder", "TfidfTransformer",
    "TfidfVectorizer", "TheilSenRegressor", "TransformedTargetRegressor", "TruncatedSVD",
    "TunedThresholdClassifierCV", "TweedieRegressor", "VarianceThreshold", "VotingClassifier",
    "VotingRegressor",
  ]
}
