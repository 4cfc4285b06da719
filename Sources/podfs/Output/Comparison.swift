import PodFilesystem
import PodModel
import PodPickle
import PodStore
import PodText

/// Two places, and what differs between them, for `podfs diff`.
///
/// What a variable was compared with is told by its versions; that one was stored again, as when
/// something changed that it shares objects with, makes it no different.
struct Comparison {
  private let store: Store
  private let before: Place
  private let after: Place
  private let changes: Changes
  /// How many differences are shown of each variable.
  private let limit: Int

  /// Finds two places, or two variables, and what may differ.
  init(_ before: String, _ after: String, _ variable: String?, limit: Int, in store: Store) throws {
    self.store = store
    self.limit = limit
    self.before = try store.place(before)
    self.after = try store.place(after)
    if let variable {
      changes = try Self.changes(
        of: VariableName(variable), self.before.withoutVariable(), self.after.withoutVariable())
    } else if let name = self.before.location.variable, self.after.location.variable == nil {
      changes = try Self.changes(of: name, self.before, self.after)
    } else if let name = self.after.location.variable, self.before.location.variable == nil {
      changes = try Self.changes(of: name, self.before, self.after)
    } else if self.before.location.variable != nil {
      let (old, new) = (try self.before.variable(), try self.after.variable())
      changes = Changes(comparing: old.version, as: old.name, with: new.version, as: new.name)
    } else {
      changes = Changes(from: self.before.manifest, to: self.after.manifest).withMoves()
    }
  }

  private static func changes(
    of name: VariableName, _ before: Place, _ after: Place
  ) throws -> Changes {
    if before.manifest.versions[name] == nil && after.manifest.versions[name] == nil {
      throw CommandError.nothingFound(
        "there is no variable '\(name)' in '\(before.title)' or '\(after.title)'; "
          + "'podfs ls' lists what is there")
    }
    return Changes([name], from: before.manifest, to: after.manifest)
  }

  /// Returns what differs of a variable, or nil if it was only added, removed or moved.
  private func differences(
    of entry: Changes.Entry, limit: Int, isBrief: Bool = false
  ) throws -> Differences? {
    guard entry.kind == .changed, let old = entry.before, let new = entry.after else { return nil }
    return try versionDifferences(
      from: old, to: new, named: entry.name, in: store, limit: limit, isBrief: isBrief)
  }

  /// Calls `body` with each variable that differs; returns whether there is any.
  private func forEach(
    limit: Int, isBrief: Bool = false,
    _ body: (_ number: Int, Changes.Entry, Differences?) throws -> Void
  ) throws -> Bool {
    var differs = false
    for (number, entry) in changes.entries.enumerated() {
      let differences = try differences(of: entry, limit: limit, isBrief: isBrief)
      guard differences?.count != 0 else { continue }
      differs = true
      try body(number, entry, differences)
    }
    return differs
  }

  // MARK: Forms

  /// Writes names; returns whether there are any.
  func writeNames(to output: inout Output) throws -> Bool {
    try forEach(limit: 0, isBrief: true) { _, entry, _ in
      try output.line(entry.name.text.printable)
    }
  }

  /// Writes how much of each variable differs.
  func writeCounts(to output: inout Output, _ colors: Colors) throws -> Bool {
    var table = Table()
    var kinds: [Changes.Kind] = []
    let differs = try forEach(limit: 0) { _, entry, differences in
      table.add(entry.kind.mark, entry.title, differences?.countsText ?? entry.valuesText)
      kinds.append(entry.kind)
    }
    for (kind, line) in zip(kinds, table.lines) { try output.line(colors.paint(line, kind.style)) }
    return differs
  }

  /// Writes the variables, each with what differs of it.
  func writeDifferences(to output: inout Output, _ colors: Colors) throws -> Bool {
    let lines = changes.table.lines
    return try forEach(limit: limit) { number, entry, differences in
      try output.line(colors.paint(lines[number], entry.kind.style))
      for difference in differences?.first ?? [] {
        let path = colors.paint(difference.path.printable, .place)
        let text = colors.paint(difference.text.printable, difference.kind.style)
        try output.line("    ", path, ": ", text)
        for line in difference.lines {
          try output.line("      ", colors.paint(unified: Array(line.utf8)))
        }
      }
      if let untold = differences?.untold, untold > 0 {
        try output.line("    … and \(untold.grouped) more; --all shows them")
      }
    }
  }

  /// Writes all for a program.
  func writeJSON(to output: inout Output) throws -> Bool {
    var list: [JSON] = []
    let differs = try forEach(limit: limit) { _, entry, differences in
      list.append(
        .object([
          "name": .string(entry.name.text),
          "formerName": .string(orNull: entry.formerName?.text),
          "change": .string(entry.kind.rawValue),
          "before": entry.before?.summary.json ?? .null,
          "after": entry.after?.summary.json ?? .null,
          "differences": differences.map { .array($0.first.map(\.json)) } ?? .null,
          "untold": .number(orNull: differences.map { Int64($0.untold) }),
        ]))
    }
    try output.json(.array(list))
    return differs
  }

  /// Writes the lines of texts that differ, as `diff -u` does.
  func writeTexts(to output: inout Output, _ colors: Colors) throws -> Bool {
    var differs = false
    for entry in changes.entries {
      if entry.kind == .added || entry.kind == .removed {
        let place = entry.kind == .added ? after : before
        try output.line("Only in \(place.title): \(entry.name.text.printable)")
        differs = true
      }
      guard let old = entry.before, let new = entry.after else { continue }
      // Paths in both texts begin with one name, so that another one makes no line different.
      let text = try UnifiedText(
        from: ByteSource(versionText(of: old, named: entry.name, in: store)),
        to: ByteSource(versionText(of: new, named: entry.name, in: store)))
      guard !text.changes.isEmpty || entry.formerName != nil else { continue }
      differs = true
      let oldPlace = "\(before.title):\(entry.formerName ?? entry.name)".printable
      let newPlace = "\(after.title):\(entry.name)".printable
      for title in ["--- \(oldPlace)\t\(old.time)", "+++ \(newPlace)\t\(new.time)"] {
        try output.line(colors.paint(title, .title))
      }
      try text.write { try output.line(colors.paint(unified: $0)) }
    }
    return differs
  }
}

extension Differences {
  /// How many parts differ, for a person: `3 changed, 1 added`.
  var countsText: String {
    let kinds: [Difference.Kind] = [.changed, .added, .removed]
    return kinds.compactMap { kind in counts[kind].map { "\($0.grouped) \(kind.rawValue)" } }
      .joined(separator: ", ")
  }
}

extension Difference.Kind {
  /// How it is coloured.
  fileprivate var style: Colors.Style {
    switch self {
    case .added: .added
    case .removed: .removed
    case .changed: .changed
    }
  }
}

extension Difference {
  /// The difference for a program.
  fileprivate var json: JSON {
    .object([
      "path": .string(path), "change": .string(kind.rawValue),
      "before": .string(orNull: before), "after": .string(orNull: after),
      "note": .string(orNull: note), "lines": .array(lines.map { .string($0) }),
    ])
  }
}
