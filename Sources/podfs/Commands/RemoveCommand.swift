import ArgumentParser
import PodModel
import PodStore

/// `podfs rm`: removes variables from workspaces, or whole sessions.
struct RemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm",
    abstract: "Remove variables from a workspace, or whole sessions.",
    discussion: """
      A variable is removed from the workspace; the commits that have it keep it. A session is \
      removed only with -r, with all of its commits and for ever; 'podfs gc' then gives the space \
      back. Copies in other sessions stay.

        podfs rm alice:df
        podfs rm -r alice
      """)

  @Argument(
    help: ArgumentHelp("Variables such as 'alice:df', or sessions.", valueName: "place"))
  var places: [String]

  @Flag(name: [.customShort("r"), .long], help: "Remove sessions, with all that they have.")
  var recursive = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var removal: RemovalOptions

  func run() throws {
    let store = try store.open(removesForeign: removal.foreign)
    // All are looked at before the first is removed.
    let targets = try places.map { try target($0, in: store) }
    for (session, name) in targets {
      if let name {
        try store.remove(name, in: session.id)
      } else {
        try store.removeSession(session.id)
      }
    }
  }

  private func target(
    _ text: String, in store: Store
  ) throws -> (session: Session, name: VariableName?) {
    let location = try Location(parsing: text)
    let session = try store.session(location.session)
    if location.revision != nil {
      throw CommandError.wrongUse(
        "'\(text)' is in a commit, and commits never change; 'podfs prune' removes whole ones")
    }
    guard let name = location.variable else {
      if recursive { return (session, nil) }
      let count = countText(try store.commits(of: session.id).count, "commit")
      throw CommandError.wrongUse(
        "'\(session.name)' is a session with \(count); 'podfs rm -r \(session.name)' removes it "
          + "and all of them for ever")
    }
    if try store.workspaceVersion(of: name, in: session.id) == nil {
      throw CommandError.nothingFound(
        "there is no variable '\(name)' in '\(session.name)'; 'podfs ls \(session.name)' lists "
          + "what is there")
    }
    return (session, name)
  }
}
