import ArgumentParser
import PodStore

/// `podfs init`: makes a store.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a store.",
    discussion: """
      Where a store is already, nothing changes. An empty directory that becomes a store gets mode \
      0700, so that only its owner reads what is kept there.
      """)

  @OptionGroup var store: StoreOptions

  func run() throws {
    let path = try store.path()
    try FileIdentity.become(ownerOf: path)
    let isNew = try Path.kind(of: path + "/format") == nil
    let isThere = try Path.kind(of: path) == .directory
    let formerMode = try isThere ? Path.mode(of: path) : 0o700
    let store = try Store(creatingAt: path)
    let absolute = try Path.resolved(path)
    let mode = try Path.mode(of: path)
    let warning = try store.privacyWarning()
    try Output.write { output in
      try output.line((isNew ? "made a store in " : "there is a store in ") + absolute)
      if mode != formerMode {
        try output.line("its mode was 0\(String(formerMode, radix: 8)), and is 0700 now")
      }
      if let warning { try output.line(warning) }
    }
  }
}
