import PodModel

/// Changes of variables, from one manifest to another.
struct Changes {
  /// What became of one variable.
  enum Kind: String {
    case added, removed, changed

    /// The mark in front of a name.
    var mark: String {
      switch self {
      case .added: "+"
      case .removed: "-"
      case .changed: "~"
      }
    }
  }

  /// One variable, with its version before and after, of which one may be missing.
  struct Entry {
    let name: VariableName
    let before: Version?
    let after: Version?

    var kind: Kind { before == nil ? .added : after == nil ? .removed : .changed }
  }

  /// The variables whose values differ, in the order of their names' bytes.
  let entries: [Entry]

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
      let values = [entry.before, entry.after].compactMap { $0?.summary.phrase }
      table.add(entry.kind.mark, entry.name.text, values.joined(separator: " -> "))
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
