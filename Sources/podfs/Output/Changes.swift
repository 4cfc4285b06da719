import PodModel

/// Changes of variables, from one manifest to another.
struct Changes {
  /// What became of one variable.
  enum Kind: String {
    case added, removed, changed, moved

    /// The mark in front of a name.
    var mark: String {
      switch self {
      case .added: "+"
      case .removed: "-"
      case .changed: "~"
      case .moved: ">"
      }
    }

    /// How it is coloured.
    var style: Colors.Style {
      switch self {
      case .added: .added
      case .removed: .removed
      case .changed: .changed
      case .moved: .place
      }
    }
  }

  /// One variable, with its version before and after, of which one may be missing.
  struct Entry {
    let name: VariableName
    /// What it was called before, if that was another name.
    var formerName: VariableName?
    let before: Version?
    let after: Version?

    var kind: Kind {
      if before == nil { return .added }
      if after == nil { return .removed }
      return before?.value == after?.value ? .moved : .changed
    }

    /// The names before and after, where they differ, for a person.
    var title: String { (formerName.map { "\($0) -> " } ?? "") + name.text }

    /// What the value was and is, once if that sounds the same.
    var valuesText: String {
      let phrases = [before, after].compactMap { $0?.summary.phrase }
      return phrases.first == phrases.last
        ? phrases.first ?? "" : phrases.joined(separator: " -> ")
    }
  }

  /// The variables that differ, in the order of their names' bytes.
  private(set) var entries: [Entry]

  /// Compares two manifests, of any sessions, by the values that they bind.
  init(from before: Manifest, to after: Manifest) {
    let names = Set(before.versions.keys).union(after.versions.keys)
    self.init(names.sorted(), from: before, to: after)
  }

  /// Compares what two manifests bind to `names`.
  init(_ names: [VariableName], from before: Manifest, to after: Manifest) {
    entries = names.compactMap { name in
      let entry = Entry(name: name, before: before.versions[name], after: after.versions[name])
      return entry.before?.value == entry.after?.value ? nil : entry
    }
  }

  /// Compares the values of two variables, whatever they are called.
  init(
    comparing before: Version, as formerName: VariableName, with after: Version,
    as name: VariableName
  ) {
    let entry = Entry(
      name: name, formerName: formerName == name ? nil : formerName, before: before, after: after)
    entries = before.value == after.value ? [] : [entry]
  }

  /// Makes one entry of a variable that was removed and another that was added with its value.
  func withMoves() -> Changes {
    var removed = Dictionary(grouping: entries.filter { $0.kind == .removed }) { $0.before?.value }
    var formerNames: Set<VariableName> = []
    var changes = self
    changes.entries = entries.map { entry in
      guard entry.kind == .added, let former = removed[entry.after?.value]?.first else {
        return entry
      }
      removed[entry.after?.value]?.removeFirst()
      formerNames.insert(former.name)
      return Entry(
        name: entry.name, formerName: former.name, before: former.before, after: entry.after)
    }
    changes.entries.removeAll { $0.kind == .removed && formerNames.contains($0.name) }
    return changes
  }

  /// The names with their marks, cut to a number of columns: `+model ~df`, `+a +b … 7 more`.
  func phrase(columns: Int) -> String {
    var phrase = ""
    for (index, entry) in entries.enumerated() {
      let word = entry.kind.mark + entry.name.text.printable.cut(toColumns: 24)
      if index > 0, phrase.columnCount + word.columnCount > columns {
        return phrase + " … \(entries.count - index) more"
      }
      phrase += (phrase.isEmpty ? "" : " ") + word
    }
    return phrase
  }
}

extension Changes {
  /// One line for each: mark, name, and what the value was and is.
  var table: Table {
    var table = Table()
    for entry in entries {
      table.add(entry.kind.mark, entry.title, entry.valuesText)
    }
    return table
  }

  /// The entries for a program.
  var json: JSON {
    .array(
      entries.map {
        .object([
          "name": .string($0.name.text), "change": .string($0.kind.rawValue),
          "before": $0.before?.summary.json ?? .null, "after": $0.after?.summary.json ?? .null,
        ])
      })
  }
}
