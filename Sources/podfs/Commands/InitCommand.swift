import ArgumentParser
import PodStore

/// `podfs init`: makes a store.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a store.",
    discussion: "Where a store is already, nothing changes.")

  @OptionGroup var store: StoreOptions

  func run() throws {
    let path = try store.path()
    let isNew = try Path.kind(of: path + "/format") == nil
    _ = try Store(creatingAt: path)
    let absolute = try Path.resolved(path)
    try Output.write {
      try $0.line(isNew ? "made a store in \(absolute)" : "there is a store in \(absolute)")
    }
  }
}
