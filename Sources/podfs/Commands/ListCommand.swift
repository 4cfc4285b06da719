import ArgumentParser
import PodModel
import PodStore

/// `podfs ls`: lists the variables of a commit or a workspace.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls",
    abstract: "List the variables of a commit or a workspace.",
    discussion: "Nothing is read but rows, however large the variables are.")

  @Argument(help: ArgumentHelp("What to list, such as 'alice@7' or 'alice'.", valueName: "place"))
  var place: String

  @Flag(name: [.customShort("1"), .customLong("names")], help: "Write the names alone.")
  var namesOnly = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let place = try store.open().place(place)
    let names = place.location.variable == nil ? place.manifest.names : [try place.variable().name]
    try Output.write { output in
      if namesOnly && !format.json {
        for name in names { try output.line(Output.isTerminal ? name.text.printable : name.text) }
      } else if format.json {
        for name in names {
          guard let version = place.manifest.versions[name] else { continue }
          try output.json(Self.json(name, version))
        }
      } else {
        try output.table(Self.table(names, of: place.manifest))
      }
    }
  }

  private static func table(_ names: [VariableName], of manifest: Manifest) -> Table {
    var table = Table([.left, .left, .left, .right, .right])
    if names.isEmpty { return table }
    table.add("NAME", "TYPE", "SHAPE", "SIZE", "COMMIT", "TIME")
    for name in names {
      guard let version = manifest.versions[name] else { continue }
      table.add(
        name.text, version.summary.type, version.summary.shapeText,
        byteText(version.summary.size), version.commit?.description ?? "-", "\(version.time)")
    }
    return table
  }

  private static func json(_ name: VariableName, _ version: Version) -> JSON {
    .object([
      "name": .string(name.text),
      "value": version.summary.json,
      "commit": .number(orNull: version.commit?.value),
      "time": .string("\(version.time)"),
      "version": .number(version.id.row),
    ])
  }
}
