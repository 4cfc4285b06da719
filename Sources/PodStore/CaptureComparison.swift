import PodModel
import PodPickle

/// A captured namespace beside the one that its session was captured as before.
///
/// ``LastCaptures`` says why what it takes over is right.
struct CaptureComparison {
  let names: [VariableName]
  let prints: LastCaptures.Prints
  /// The co-variables, in the order of their first variables.
  private(set) var groups: [LastCaptures.Group]
  /// What is otherwise than at the last commit; nil if that bound something else.
  private(set) var changes: NamespaceChanges?
  private let last: LastCaptures.Capture?
  /// Whether all variables are in one of the groups.
  private(set) var isWhole = true

  init(
    with last: LastCaptures.Capture?, names: [VariableName], prints: LastCaptures.Prints
  ) {
    self.last = last
    self.names = names
    self.prints = prints
    let isSame = last.map { $0.prints == prints && $0.names == names } ?? false
    groups = isSame ? last?.groups ?? [] : []
    changes = isSame ? last?.commit.map { NamespaceChanges(since: $0) } : nil
    self.isSame = isSame
  }

  /// Whether nothing was written otherwise.
  let isSame: Bool

  /// Takes over the co-variables that are as they were, and returns the numbers of the others, which
  /// must be set.
  mutating func changed(_ found: [[Int]], forms: [Fingerprint]) -> [Int] {
    let before = last?.groups ?? []
    var owners = Array(repeating: -1, count: last?.names.count ?? 0)
    for (number, group) in before.enumerated() { owners[group.positions[0]] = number }
    let positions = positionsBefore()
    var isKept = Array(repeating: false, count: before.count)
    var changed: [Int] = []
    groups.reserveCapacity(found.count)
    for (number, group) in found.enumerated() {
      let first = positions?[group[0]] ?? group[0]
      let owner = first >= 0 && first < owners.count ? owners[first] : -1
      if owner >= 0, before[owner].form == forms[number],
        before[owner].positions == group.map({ positions?[$0] ?? $0 })
      {
        isKept[owner] = true
        groups.append(
          LastCaptures.Group(
            positions: group, form: forms[number], coVariable: before[owner].coVariable))
      } else {
        changed.append(number)
        groups.append(
          LastCaptures.Group(positions: group, form: forms[number], coVariable: .notPut))
      }
    }
    noteRemoved(isKept, changed: changed)
    return changed
  }

  /// The position that each name had before, -1 for a new one; nil if all names are as before.
  private func positionsBefore() -> [Int]? {
    guard let last, last.names != names else { return nil }
    let before = Dictionary(uniqueKeysWithValues: last.names.enumerated().map { ($1, $0) })
    return names.map { before[$0] ?? -1 }
  }

  private mutating func noteRemoved(_ isKept: [Bool], changed: [Int]) {
    guard let last, let commit = last.commit else { return }
    var removed: Set<VariableName> = []
    for (number, group) in last.groups.enumerated() where !isKept[number] {
      for position in group.positions { removed.insert(last.names[position]) }
    }
    for number in changed {
      for position in groups[number].positions { removed.remove(names[position]) }
    }
    changes = NamespaceChanges(since: commit, removed: removed.sorted())
  }

  /// Says what a co-variable that is not as it was has become.
  mutating func set(_ number: Int, _ coVariable: NewCoVariable) {
    groups[number] = LastCaptures.Group(
      positions: groups[number].positions, form: groups[number].form, coVariable: coVariable)
    changes?.coVariables.append(coVariable)
  }

  /// Forgets the co-variables that nobody set, so that the next capture puts them again.
  mutating func removeUnset() {
    let count = groups.count
    groups.removeAll { $0.coVariable == .notPut }
    guard groups.count < count else { return }
    isWhole = false
    changes = nil
  }

  /// What the next capture is compared with; the commit may have more, if it is not the `whole`.
  func capture(savedAs saved: SavedCommit, whole: Bool) -> LastCaptures.Capture {
    LastCaptures.Capture(
      names: names, prints: prints, groups: groups,
      commit: whole && saved.adopted.isEmpty ? saved.commit : nil)
  }
}

extension NewCoVariable {
  /// Stands where the pods of a co-variable are still to be put.
  fileprivate static let notPut = NewCoVariable(
    content: NewContent(id: ContentID(pod: PodID(words: .zero), form: .pickle), roots: []),
    names: [:])
}

extension ObjectGraph {
  /// The fingerprints of the forms of groups of roots.
  ///
  /// - Parameter prints: those of the sources, which are not computed again.
  func forms(of groups: [[Int]], prints: LastCaptures.Prints) -> [Fingerprint] {
    var forms: [Fingerprint] = []
    forms.reserveCapacity(groups.count)
    var pieces: [Fingerprint] = []
    writeForms(of: groups) { bytes in
      pieces.append(Fingerprint(of: bytes))
    } putPayload: { number, source, range in
      pieces.append(
        range == 0..<source.count ? prints.sources[number] : Fingerprint(of: source, range))
    } end: {
      forms.append(pieces.count == 1 ? pieces[0] : Fingerprint(of: pieces))
      pieces.removeAll(keepingCapacity: true)
    }
    return forms
  }
}
