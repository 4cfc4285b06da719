import ArgumentParser
import PodModel
import PodStore

/// `podfs config`: shows and sets what a person tells a store.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show or set how a store behaves.",
    discussion: """
      Without NAME, all settings; with NAME, its value; with VALUE, sets it for all processes from \
      now on. 'default' takes a setting back.

        largest-variable  the most bytes that a variable may have, as a file: 500MiB
        largest-store     the most bytes that the store may have: 20GiB
        compaction        on or off: put small packs together in the background

      What is over a limit is left out of a commit and named there; nothing that is saved is lost \
      by a limit.
      """)

  @Argument(help: "The name of a setting.")
  var name: String?

  @Argument(help: "What it is set to.")
  var value: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if let name, StoreSetting(rawValue: name) == nil {
      let names = StoreSetting.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      throw ValidationError("'\(name)' is no setting; there are \(names)")
    }
    if let name, let value { _ = try StoreSetting(rawValue: name)?.parse(value) }
  }

  func run() throws {
    let store = try store.open()
    let chosen = name.flatMap { StoreSetting(rawValue: $0) }
    if let chosen, let value { return try store.set(chosen, to: chosen.parse(value)) }
    let rows = try (chosen.map { [$0] } ?? StoreSetting.allCases).map {
      ($0, try store.setting($0))
    }
    try Output.write { output in
      for (setting, value) in rows {
        if format.json {
          try output.json(
            .object(["name": .string(setting.rawValue), "value": .number(orNull: value)]))
        } else if chosen != nil {
          try output.line(setting.text(value))
        } else {
          try output.line("\(setting.rawValue)\t\(setting.text(value))")
        }
      }
    }
  }
}

extension StoreSetting {
  /// What a person typed as a value; nil for the default.
  fileprivate func parse(_ text: String) throws -> Int64? {
    if text == "default" { return nil }
    switch self {
    case .compaction:
      switch text {
      case "on": return 1
      case "off": return 0
      default: throw ValidationError("'\(text)' is not possible; give 'on' or 'off'")
      }
    case .largestVariable, .largestStore:
      guard let bytes = byteCount(in: text) else {
        throw ValidationError(
          "'\(text)' is no number of bytes; give one like 1000000, 500MiB or 20GiB")
      }
      return bytes
    }
  }

  /// A value as a person types it.
  fileprivate func text(_ value: Int64?) -> String {
    switch self {
    case .compaction: value == 0 ? "off" : "on"
    case .largestVariable, .largestStore: value.map { "\($0)" } ?? "unlimited"
    }
  }
}
