import ArgumentParser

/// `podfs python`: what has to do with Python interpreters.
struct PythonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "python",
    abstract: "Make podfs known to a Python interpreter.",
    subcommands: [PythonInstallCommand.self])
}

/// `podfs python install`: puts the package where an interpreter imports from.
struct PythonInstallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Put the package podfs where an interpreter imports from.",
    discussion: """
      Installs the package and libpodfs.so into the interpreter's site-packages, or into yours if \
      that is not writable; installs cloudpickle with pip if it is missing; then imports podfs \
      and makes a store with it, to see that it works. May be run again, to upgrade; 'pip uninstall \
      podfs' removes it.
      """)

  @Option(help: ArgumentHelp("The interpreter.", valueName: "exe"))
  var python = "python3"

  // Nothing here needs a store, but --store may stand anywhere.
  @OptionGroup var store: StoreOptions

  func run() throws {
    let package = try PythonPackage.find()
    let child: Int32
    do {
      child = try ChildProcess.start(
        python, ["-c", PythonPackage.installer, package.folder, package.library])
    } catch .system(_, _, _) {
      throw CommandError.failed(
        "cannot run '\(python)'; give the path of a Python interpreter after --python")
    }
    let status = try ChildProcess.wait(for: child)
    if status != 0 { throw ExitCode(Ending.failed) }
  }
}
