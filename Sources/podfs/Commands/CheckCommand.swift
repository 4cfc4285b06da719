import ArgumentParser
import PodModel
import PodStore

/// `podfs check`: looks for damage.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look for damage in the store.",
    discussion: """
      Checks that every commit can be listed and that all pods it needs are there. Writes a line \
      for each finding, and ends with 3 if there is one.
      """)

  @Flag(help: "Also read every pod and compare it with its name.")
  var data = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open()
    var findings: [Finding] = []
    try store.check(data: data) { findings.append($0) }
    let statistics = try store.statistics()
    try Output.write { output in
      for finding in findings {
        if format.json {
          try output.json(.object(["finding": .string("\(finding)")]))
        } else {
          try output.line("\(finding)".printable)
        }
      }
      if findings.isEmpty && !format.json {
        let counts = [
          countText(statistics.commits, "commit"), countText(statistics.versions, "version"),
          countText(statistics.pods, "pod"),
        ]
        try output.line(
          "no damage in \(counts.joined(separator: ", "))"
            + (data ? ", every byte read" : "; --data also reads every byte"))
      }
    }
    if !findings.isEmpty { throw ExitCode(Ending.nothingFound) }
  }
}
