import ArgumentParser
import PodModel
import PodStore

/// `podfs history`: lists the versions of a variable.
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "List the versions of a variable, the newest first.",
    discussion: """
      Each with the commit that introduced it. 'podfs cat alice@7:df' writes one, \
      'podfs cp alice@7:df alice:df' brings it back.
      """)

  @Argument(help: ArgumentHelp("The variable, such as 'alice:df'.", valueName: "session:variable"))
  var place: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open()
    let location = try Location(parsing: place)
    guard let name = location.variable, location.revision == nil else {
      throw CommandError.wrongUse("'\(place)' is no variable of a session; give one as 'alice:df'")
    }
    let session = try store.session(location.session)
    let versions = try store.history(of: name, in: session.id).reversed()
    try Output.write { output in
      if format.json {
        for (commit, version) in versions { try output.json(Self.json(commit, version)) }
      } else {
        var table = Table([.right, .left, .left, .left, .right, .left])
        table.add("COMMIT", "TIME", "TYPE", "SHAPE", "SIZE", "MESSAGE")
        for (commit, version) in versions {
          let title = try store.title(of: commit, in: session.id)
          table.add(
            commit.number.description, "\(commit.time)", version.summary.type,
            version.summary.shapeText, byteText(version.summary.size), title)
        }
        try output.table(table)
      }
    }
  }

  private static func json(_ commit: Commit, _ version: Version) -> JSON {
    .object([
      "commit": .number(commit.number.value), "time": .string("\(commit.time)"),
      "message": .string(commit.message), "value": version.summary.json,
      "version": .number(version.id.row),
    ])
  }
}
