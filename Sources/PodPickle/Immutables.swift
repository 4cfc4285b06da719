/// What a pickle says of whether an object can change after it was made.
///
/// A pickle names what makes an object, and that is all that is known of it
/// here. What is not listed counts as mutable: a link too many costs space, a
/// link too few would lose sharing.
enum Mutability {
  /// Can't change, whatever it holds: never links two variables, and is not looked into.
  case value
  /// Can't change itself, but what it holds may.
  case holder
  /// Can change.
  case mutable

  /// What `name` of `module` makes.
  init(makerModule module: String, name: String) {
    if Self.valueMakers[module]?.contains(name) ?? false {
      self = .value
    } else if Self.valueModules.contains(module)
      || Self.valuePackages.contains(where: { module.hasPrefix($0) })
      || module.hasPrefix("pandas") && Self.valueSuffixes.contains(where: { name.hasSuffix($0) })
    {
      self = .value
    } else if Self.holderMakers[module]?.contains(name) ?? false {
      self = .holder
    } else {
      self = .mutable
    }
  }

  /// Modules all of whose objects are values.
  private static let valueModules: Set<String> = [
    "datetime", "decimal", "_pydecimal", "_decimal", "fractions", "uuid", "ipaddress", "zoneinfo",
    "pathlib", "pathlib._local", "pytz", "re", "_codecs", "numpy.dtypes", "pyarrow.lib",
    "dateutil.tz.tz", "dateutil.tz",
    "pandas.core.dtypes.dtypes", "pandas.core.arrays.string_",
  ]

  /// Endings of the names of pandas classes whose objects are values.
  private static let valueSuffixes = [
    "Dtype", "Index", "Timestamp", "Timedelta", "Period", "Interval",
  ]

  /// Prefixes of such modules.
  private static let valuePackages = [
    "pandas._libs.tslibs.", "pandas.core.indexes.", "pytz.", "sympy.",
  ]

  /// Callables whose results are values.
  private static let valueMakers: [String: Set<String>] = [
    "builtins": [
      "complex", "range", "slice", "int", "float", "bool", "str", "bytes", "type", "Ellipsis",
      "NotImplemented",
    ],
    "__builtin__": ["complex", "slice", "int", "float", "str"],
    "numpy": ["dtype"],
    "numpy.core.multiarray": ["scalar"],
    "numpy._core.multiarray": ["scalar"],
    "logging": ["getLogger"],
    "torch": ["device", "Size"],
    "operator": ["attrgetter", "itemgetter", "methodcaller"],
    "types": ["CodeType"],
    "cloudpickle.cloudpickle": [
      "_make_skeleton_class", "_make_skeleton_enum", "_builtin_type", "subimport",
      "dynamic_subimport", "_make_typevar",
    ],
  ]

  /// Callables whose results hold other objects but don't change.
  private static let holderMakers: [String: Set<String>] = [
    "builtins": ["getattr", "frozenset", "tuple"],
    "types": ["MethodType", "MappingProxyType", "GenericAlias"],
    "cloudpickle.cloudpickle": ["_make_function"],
  ]
}
