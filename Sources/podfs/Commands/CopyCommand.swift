import ArgumentParser
import PodModel
import PodStore

/// `podfs cp`: copies a variable into a workspace, or from and to a file.
struct CopyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cp",
    abstract: "Copy a variable into a workspace, or from and to a file.",
    discussion: """
      Between variables no data is copied, whatever the size; nothing needs to be mounted. What \
      has a '/' in it is the path of a file, what has a ':' is a variable.

        podfs cp alice@7:model bob:model     into another session
        podfs cp alice@7:df alice            back into one's own workspace
        podfs cp alice:df ./df.pkl           into a file
        podfs cp ./df.pkl alice:df           from a file
      """)

  @Argument(help: ArgumentHelp("A variable such as 'alice@7:df', or a file.", valueName: "source"))
  var source: String

  @Argument(
    help: ArgumentHelp("A variable such as 'bob:df', a session, or a file.", valueName: "target"))
  var target: String

  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try store.open()
    switch (try CopyEnd(source, in: store), try CopyEnd(target, in: store)) {
    case (.place(let source), .place(let target)):
      let place = try store.place("\(source)")
      let (name, version) = try place.variable()
      let (session, newName) = try target.workspace(in: store, defaultName: name)
      try store.copy(version, as: newName, in: session.id)
    case (.file(let path), .place(let target)):
      let name = target.variable == nil ? try VariableName(Path.lastComponent(of: path)) : nil
      let (session, newName) = try target.workspace(in: store, defaultName: name)
      try store.copy(fileAt: path, as: newName, in: session.id)
    case (.place(let source), .file(let path)):
      let (name, version) = try store.place("\(source)").variable()
      let isFolder = try Path.kind(ofOutside: path) == .directory
      let file = isFolder ? (path == "/" ? "" : path) + "/" + name.text : path
      try FileReplacement.write(to: file) { write in
        try store.copyBytes(of: version, to: write)
      }
    case (.file(let source), .file(let target)):
      throw CommandError.wrongUse(
        "'\(source)' and '\(target)' are both files; use cp, or write a variable as SESSION:NAME")
    }
  }
}

/// One end of a copy: where it comes from, or where it goes.
private enum CopyEnd {
  /// A variable or a session.
  case place(Location)
  /// A file outside of the store.
  case file(String)

  /// Decides what a person meant: "/" makes it a file, else ":" or "@" or the name of a session
  /// makes it a place, else it must be a file that is there.
  init(_ text: String, in store: Store) throws {
    if text.contains("/") {
      self = .file(text)
      return
    }
    let isFile = try Path.kind(ofOutside: text) != nil
    let isPlace: Bool
    if text.contains(":") || text.contains("@") {
      isPlace = true
    } else if let name = try? SessionName(text) {
      isPlace = try store.sessions().contains { $0.name == name }
    } else {
      isPlace = false
    }
    switch (isPlace, isFile) {
    case (true, true):
      throw CommandError.wrongUse(
        "'\(text)' can be the file or the place in the store; write './\(text)' for the file, "
          + "or go to another directory")
    case (true, false): self = .place(try Location(parsing: text))
    case (false, true): self = .file(text)
    case (false, false):
      throw CommandError.nothingFound(
        "'\(text)' is no session and no file; 'podfs sessions' lists the sessions, "
          + "'./\(text)' would be a new file")
    }
  }
}

extension Location {
  /// The workspace and the name that a copy to this place gets.
  fileprivate func workspace(
    in store: Store, defaultName: VariableName?
  ) throws -> (session: Session, name: VariableName) {
    if revision != nil {
      throw CommandError.wrongUse(
        "'\(self)' is in a commit, and commits never change; copy to the workspace "
          + "'\(Location(session: session, variable: variable))', then commit it")
    }
    guard let name = variable ?? defaultName else {
      throw CommandError.wrongUse("'\(self)' names no variable; give one, as in '\(session):df'")
    }
    return (try store.session(session), name)
  }
}
