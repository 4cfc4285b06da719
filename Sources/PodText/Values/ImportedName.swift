/// The module and name of something that a pickle imports, as Python 3 calls it.
///
/// Pickles of protocols 0 to 2 have the names of Python 2, whoever wrote them.
struct ImportedName {
  let module: String
  let name: String

  init(_ module: String, _ name: String) {
    let renamed = Self.renamed["\(module).\(name)"]
    self.module = renamed?.module ?? Self.renamedModules[module] ?? module
    self.name = renamed?.name ?? name
  }

  /// Takes both with a dot between them; a name with dots of its own is none that has changed.
  init(dotted text: String) {
    let dot = text.lastIndex(of: ".")
    self.init(
      dot.map { String(text[..<$0]) } ?? "",
      dot.map { String(text[text.index(after: $0)...]) } ?? text)
  }

  /// Both with a dot between them; of what needs no import the name alone.
  var text: String { module == "builtins" || module.isEmpty ? name : qualified }

  /// Both with a dot between them.
  var qualified: String { module.isEmpty ? name : "\(module).\(name)" }

  private static let renamedModules = [
    "__builtin__": "builtins", "copy_reg": "copyreg", "exceptions": "builtins",
    "UserDict": "collections", "UserList": "collections", "UserString": "collections",
    "Queue": "queue", "cPickle": "pickle", "StringIO": "io", "whichdb": "dbm",
    "_operator": "operator", "_functools": "functools", "_io": "io", "pathlib._local": "pathlib",
  ]

  private static let renamed: [String: (module: String, name: String)] = [
    "__builtin__.xrange": ("builtins", "range"), "__builtin__.long": ("builtins", "int"),
    "__builtin__.unicode": ("builtins", "str"), "__builtin__.unichr": ("builtins", "chr"),
    "__builtin__.reduce": ("functools", "reduce"), "itertools.izip": ("builtins", "zip"),
    "itertools.imap": ("builtins", "map"), "itertools.ifilter": ("builtins", "filter"),
    "itertools.izip_longest": ("itertools", "zip_longest"),
    "itertools.ifilterfalse": ("itertools", "filterfalse"),
  ]
}
