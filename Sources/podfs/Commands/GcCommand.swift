import ArgumentParser
import PodModel
import PodStore

/// `podfs gc`: gives the room of what nothing needs back to the disk.
struct GcCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Remove what nothing needs any more, and put small packs together.",
    discussion: """
      What sessions and commits had that were removed, and what was written and never committed, \
      takes room until then. Others may go on using the store meanwhile; files that a mount has \
      open stay readable. Packs that another process writes to are left for the next time.
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var removal: RemovalOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open(removesForeign: removal.foreign)
    let line = ProgressLine()
    let collected = try store.collect { line.show($0.text) }
    line.clear()
    try Output.write { output in
      if format.json {
        try output.json(
          .object([
            "pods": .number(Int64(collected.pods)), "packs": .number(Int64(collected.packs)),
            "bytes": .number(collected.bytes),
          ]))
      } else if collected == Collected() {
        try output.line("there was nothing to remove")
      } else {
        try output.line(
          "removed \(countText(collected.pods, "pod")), wrote \(countText(collected.packs, "pack")) "
            + "again; \(byteText(collected.bytes)) are free")
      }
    }
  }
}

extension CollectionProgress {
  /// One line for a person who waits.
  fileprivate var text: String {
    switch self {
    case .looking(let done, let total): "looking what is needed: \(percent(done, of: total))"
    case .removing(let done, let total): "removing the rest: \(percent(done, of: total))"
    case .copying(let done, let total):
      "writing packs again: \(byteText(done)) of \(byteText(total))"
    }
  }

  private func percent(_ done: Int, of total: Int) -> String {
    "\(total == 0 ? 100 : 100 * done / total) %"
  }
}
