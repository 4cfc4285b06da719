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
    let store = try Store(creatingAt: path)
    try Output.write {
      try $0.line(isNew ? "made a store in \(store.path)" : "there is a store in \(store.path)")
    }
  }
}
