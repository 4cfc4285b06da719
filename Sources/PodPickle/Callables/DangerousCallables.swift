/// Names that unpickling should not meet: what they do reaches beyond the value.
///
/// The list is for warning, not for safety: what is in no list is unknown, and not taken for
/// harmless. It names what runs commands or code, reads and writes files, talks to others, changes
/// the interpreter, or finds something by a name that is not in the pickle's opcodes.
enum DangerousCallables {
  /// Tells whether `name` of `module` is to be warned of.
  static func contains(module: String, name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    // A dotted name leads through whatever the module has imported: `logging` has `os.system`.
    if parts.contains(where: { isSuspicious(String($0), in: module) }) { return true }
    if names[module]?.contains(String(parts[0])) ?? false { return true }
    var prefix = ""
    for part in module.split(separator: ".") {
      prefix += prefix.isEmpty ? String(part) : "." + part
      if modules.contains(prefix) { return true }
    }
    return false
  }

  /// Tells whether an attribute of an object that is not known is to be warned of.
  static func containsAttribute(_ name: String) -> Bool {
    name.split(separator: ".", omittingEmptySubsequences: false).contains {
      isSuspicious(String($0), in: "") || attributes.contains(String($0))
    }
  }

  /// Whether a part of a name leads into the interpreter or to a module that is dangerous.
  private static func isSuspicious(_ part: String, in module: String) -> Bool {
    if part.hasPrefix("__"), part.hasSuffix("__"), part.utf8.count > 4 {
      return !(harmlessSpecials.contains(part) || module == "copyreg")
    }
    return reached.contains(part) && part != module
  }

  /// Special names that only make or compare.
  private static let harmlessSpecials: Set<String> = [
    "__new__", "__init__", "__add__", "__sub__", "__mul__", "__truediv__", "__eq__", "__lt__",
    "__getitem__", "__len__", "__call__", "__doc__", "__name__", "__qualname__", "__iter__",
  ]

  /// Modules that others have imported, so that they are found in these by name.
  private static let reached: Set<String> = [
    "os", "posix", "nt", "sys", "subprocess", "builtins", "importlib", "imp", "ctypes", "socket",
    "shutil", "pickle", "marshal", "runpy", "pty", "multiprocessing", "tempfile", "code",
  ]

  /// Attributes that run or reach something, whatever has them.
  private static let attributes: Set<String> = [
    "system", "popen", "Popen", "call", "check_call", "check_output", "run", "getoutput", "spawn",
    "exec", "eval", "execfile", "compile", "open", "load", "loads", "remove", "unlink", "rmtree",
    "write", "write_text", "write_bytes", "read_text", "read_bytes", "connect", "send", "urlopen",
    "import_module", "load_module", "exec_module", "runcode", "runsource", "func_globals",
    "f_globals", "gi_frame", "cr_frame", "tb_frame", "to_pickle", "tofile", "query",
  ]

  /// Modules all of whose names, and those of the modules in them, are dangerous.
  private static let modules: Set<String> = [
    // Processes and the system.
    "os", "posix", "nt", "ntpath", "posixpath", "subprocess", "_posixsubprocess", "_winapi", "pty",
    "commands", "popen2", "signal", "_signal", "resource", "fcntl", "mmap", "msvcrt",
    "winreg", "_winreg", "ctypes", "_ctypes", "cffi", "multiprocessing", "_multiprocessing",
    "concurrent", "threading", "_thread", "webbrowser", "antigravity",
    // Code.
    "sys", "importlib", "_frozen_importlib", "_frozen_importlib_external", "imp", "_imp", "runpy",
    "pkgutil", "zipimport", "code", "codeop", "timeit", "trace", "bdb", "pdb", "cProfile",
    "profile", "_lsprof", "doctest", "idlelib", "lib2to3", "inspect", "gc",
    "pydoc", "ensurepip", "venv", "pip", "setuptools", "pkg_resources",
    "distutils", "py_compile", "compileall", "faulthandler", "atexit", "tracemalloc",
    // Pickles in pickles.
    "pickle", "_pickle", "cPickle", "pickletools", "marshal", "shelve", "dill", "joblib", "dbm",
    // Files.
    "shutil", "tempfile", "glob", "fileinput", "zipfile", "tarfile", "gzip", "bz2", "lzma",
    "linecache", "sqlite3", "_sqlite3", "mailbox", "netrc",
    // Networks.
    "socket", "_socket", "ssl", "_ssl", "select", "selectors", "socketserver", "asyncio", "http",
    "httplib", "urllib", "urllib2", "ftplib", "smtplib", "poplib", "imaplib", "nntplib",
    "telnetlib",
    "xmlrpc", "wsgiref", "requests", "urllib3", "httpx", "aiohttp", "paramiko", "fabric", "boto3",
    // Interfaces.
    "tkinter", "_tkinter", "turtle", "curses", "readline", "getpass",
    // Libraries' own ways to run code and commands.
    "numpy.distutils", "numpy.f2py", "numpy.testing", "numpy.ctypeslib", "numpy.lib.npyio",
    "numpy.lib._npyio_impl", "scipy._lib._testutils", "pandas.io", "pandas.core.computation",
    "torch.hub", "torch.utils.cpp_extension", "torch.serialization", "torch.jit", "torch.package",
    "torch.distributed", "torch.multiprocessing", "torch._dynamo", "torch._inductor",
  ]

  /// Names of modules that have harmless ones, too.
  private static let names: [String: Set<String>] = [
    "builtins": [
      "eval", "exec", "execfile", "compile", "open", "file", "input", "raw_input", "__import__",
      "getattr", "setattr", "delattr", "globals", "locals", "vars", "dir", "breakpoint", "apply",
      "reload", "help", "exit", "quit", "__build_class__",
    ],
    "io": ["open", "open_code", "FileIO", "OpenWrapper"],
    "_io": ["open", "open_code", "FileIO"],
    "codecs": ["open", "EncodedFile"],
    "operator": ["attrgetter", "methodcaller"],
    "_operator": ["attrgetter", "methodcaller"],
    "functools": ["reduce"],
    "types": ["FunctionType", "new_class", "prepare_class"],
    "logging": ["FileHandler", "basicConfig"],
    "logging.config": ["dictConfig", "fileConfig", "listen"],
    "logging.handlers": ["SocketHandler", "HTTPHandler", "SMTPHandler", "RotatingFileHandler"],
    "numpy": ["load", "save", "savez", "fromfile", "loadtxt", "genfromtxt", "memmap", "fromregex"],
    "pandas": [
      "eval", "read_pickle", "read_csv", "read_table", "read_json", "read_html", "read_sql",
      "read_parquet", "read_feather", "read_hdf", "read_excel", "read_fwf", "HDFStore",
    ],
    "torch": ["load", "save", "compile"],
    "torch.storage": ["_load_from_bytes"],
    "cloudpickle": ["load", "loads", "dump"],
    "cloudpickle.cloudpickle": ["load", "loads", "dump"],
  ]
}
