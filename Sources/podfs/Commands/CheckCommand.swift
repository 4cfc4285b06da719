import ArgumentParser
import PodModel
import PodStore

/// `podfs check`: looks for damage.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look for damage in the store.",
    discussion: """
      Checks that every row of the database says what was written, that every commit binds what it \
      did and has its digest, and that all pods it needs are there. Writes a line for each finding, \
      and ends with 3 if there is one.

      With --repair, everything is read, and what can be proved is mended: rows, by their seals and \
      the digests of commits; pods that the index lost, or that another pack has unharmed; names of \
      commits that are not there. A damaged pod without a copy is forgotten, so that saving the same \
      value again mends all of its versions. A value that is not known is lost: it is reported, and \
      raises when it is read. Nothing that can be read is changed.
      """)

  @Flag(help: "Also read every pod and compare it with its name.")
  var data = false

  @Flag(help: "Mend what can be mended.")
  var repair = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var removal: RemovalOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open(removesForeign: removal.foreign)
    var findings: [(finding: Finding, isMended: Bool?)] = []
    if repair {
      try store.repair { findings.append(($0, $1)) }
    } else {
      try store.check(data: data) { findings.append(($0, nil)) }
    }
    let statistics = try store.statistics()
    try Output.write { output in
      for (finding, isMended) in findings {
        if format.json {
          try output.json(
            .object([
              "finding": .string("\(finding)"), "mended": isMended.map(JSON.bool) ?? .null,
            ]))
        } else {
          let outcome = isMended.map { $0 ? ": mended" : ": cannot be mended" } ?? ""
          try output.line("\(finding)\(outcome)".printable)
        }
      }
      if !format.json, let warning = try store.privacyWarning() { try output.line(warning) }
      if findings.isEmpty && !format.json {
        let counts = [
          countText(statistics.commits, "commit"), countText(statistics.versions, "version"),
          countText(statistics.pods, "pod"),
        ]
        try output.line(
          "no damage in \(counts.joined(separator: ", "))"
            + (data || repair ? ", every byte read" : "; --data also reads every byte"))
      }
    }
    if !findings.isEmpty { throw ExitCode(Ending.nothingFound) }
  }
}
