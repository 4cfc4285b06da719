/// The Python package `podfs` and its library, as they lie beside this executable.
struct PythonPackage {
  /// The folder with `__init__.py`.
  let folder: String
  /// libpodfs.so.
  let library: String

  /// Finds the package: installed under a prefix, or in the source checkout that the executable
  /// was built in.
  ///
  ///     PREFIX/bin/podfs             CHECKOUT/.build/…/podfs
  ///     PREFIX/lib/libpodfs.so       CHECKOUT/.build-bridge/libpodfs.so
  ///     PREFIX/share/podfs/python/   CHECKOUT/Sources/python/
  static func find() throws -> PythonPackage {
    let executable = try Path.executable()
    var folder = Path.folder(of: executable)
    while folder != "/" {
      for package in ["share/podfs/python/podfs", "Sources/python/podfs"] {
        let package = folder + "/" + package
        guard try Path.kind(of: package + "/__init__.py") == .file else { continue }
        let places = ["lib/libpodfs.so", ".build-bridge/libpodfs.so"].map { folder + "/" + $0 }
        if let library = try places.first(where: { try Path.kind(of: $0) == .file }) {
          return PythonPackage(folder: package, library: library)
        }
        throw CommandError.failed(
          "libpodfs.so is neither '\(places.joined(separator: "' nor '"))'; "
            + "run mount-scripts/build to make it")
      }
      folder = Path.folder(of: folder)
    }
    throw CommandError.failed(
      "the Python package is not beside '\(executable)'; run podfs where it was built or installed")
  }

  /// The program that the interpreter runs: arguments are ``folder`` and ``library``.
  ///
  /// It unpacks the wheel beside the target and exchanges the two in one step, so that an interrupted
  /// installation leaves the old one or the new. It writes its own errors, on one line.
  static let installer = #"""
    import ctypes, os, pathlib, site, subprocess, sys, sysconfig, tempfile, zipfile

    def fail(text):
        sys.exit("podfs: " + " ".join(text.split()))

    def run(*arguments):
        return subprocess.run(
            [sys.executable, *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def last_line(done):
        lines = done.stdout.strip().splitlines()
        return lines[-1] if lines else f"exit code {done.returncode}"

    version = "%d.%d.%d" % sys.version_info[:3]
    if sys.version_info < (3, 9):
        fail(f"{sys.executable} is Python {version}; podfs needs 3.9 or later, name another "
             "with --python")

    target = sysconfig.get_path("purelib")
    if not os.access(target if os.path.isdir(target) else os.path.dirname(target), os.W_OK):
        if not site.ENABLE_USER_SITE:
            fail(f"'{target}' is not writable; run as its owner, or in a virtual environment")
        target = site.getusersitepackages()

    package, library = map(pathlib.Path, sys.argv[1:3])
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(package.parent))
    os.environ["PODFS_LIBRARY"] = str(library)
    import backend

    def put(new, place, old):
        exchange = getattr(ctypes.CDLL(None), "renameat2", None)
        if place.exists():
            names = os.fsencode(new), os.fsencode(place)
            if exchange is not None and exchange(-100, names[0], -100, names[1], 2) == 0:
                return
            place.rename(old)
        new.rename(place)

    def unpack(folder):
        new = folder / "new"
        with zipfile.ZipFile(folder / backend.build_wheel(folder)) as wheel:
            wheel.extractall(new)
        (facts,) = new.glob("podfs-*.dist-info")
        (facts / "INSTALLER").write_text("podfs\n")
        with (facts / "RECORD").open("a") as record:
            record.write(f"{facts.name}/INSTALLER,,\n")
        return new / "podfs", facts

    try:
        os.makedirs(target, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".podfs-", dir=target) as folder:
            installed, folder = pathlib.Path(target, "podfs"), pathlib.Path(folder)
            new, facts = unpack(folder)
            put(new, installed, folder / "old")
            others = [path for path in installed.parent.glob("podfs-*.dist-info")
                      if path.name != facts.name]
            put(facts, installed.parent / facts.name, folder / "facts")
            for path in others:
                path.rename(folder / path.name)
    except OSError as error:
        fail(f"cannot install into '{target}': {error.strerror}; check its owner and the disk")
    except backend.BuildError as error:
        fail(str(error))
    print(f"installed podfs into {installed} (Python {version})", flush=True)

    known = ("import cloudpickle; "
             "assert [int(part) for part in cloudpickle.__version__.split('.')[:2]] >= [3, 1]")
    if run("-c", known).returncode != 0:
        print("installing cloudpickle, which podfs needs, with pip", flush=True)
        done = run("-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                   "cloudpickle>=3.1")
        if done.returncode != 0:
            fail(f"pip could not install cloudpickle for {sys.executable}: {last_line(done)}; "
                 "install it yourself, then run this again")

    with tempfile.TemporaryDirectory() as folder:
        done = run("-c", "import sys, podfs; podfs.Store(sys.argv[1])", folder + "/store")
    if done.returncode != 0:
        fail(f"{sys.executable} cannot use podfs: {last_line(done)}")
    """#
}
