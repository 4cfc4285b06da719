public import PodModel

/// A commit that a prune looked at.
public struct PruneDecision: Hashable, Sendable {
  /// The commit as it was.
  public let commit: Commit
  /// Why it is kept; nothing for one that goes.
  public let reasons: [KeepReason]

  /// Whether the commit stays.
  public var isKept: Bool { !reasons.isEmpty }
}

extension Store {
  /// Removes the commits of a session that no rule asks for, and returns what became of each.
  ///
  /// What is checked out, the ends of branches, what tags name, and the commit with the highest
  /// number stay in any case. The commits that stay keep their numbers, digests and variables; one
  /// whose parent went follows the nearest forerunner that is left. Versions that no commit binds
  /// any more stay until garbage is collected.
  @discardableResult
  public func prune(
    _ session: SessionID, keeping rules: KeepRules
  ) throws(StoreError) -> [PruneDecision] {
    let engine = engine
    try engine.requireRemovable()
    let decisions = try engine.change { connection throws(StoreError) in
      let decisions = try connection.decisions(by: rules, for: session)
      let gone = decisions.filter { !$0.isKept }.map(\.commit.number)
      if !gone.isEmpty {
        try connection.requireIntactRows()
        try CommitRemoval.run(Set(gone), of: session, connection)
        try connection.countRemoval()
      }
      return decisions
    }
    engine.forgetManifests()
    return decisions
  }

  /// Returns what would become of each commit in ``prune(_:keeping:)``, and changes nothing.
  public func pruneDecisions(
    for session: SessionID, keeping rules: KeepRules
  ) throws(StoreError) -> [PruneDecision] {
    try engine.read { connection throws(StoreError) in
      try connection.decisions(by: rules, for: session)
    }
  }
}

extension Connection {
  fileprivate func decisions(
    by rules: KeepRules, for session: SessionID
  ) throws(StoreError) -> [PruneDecision] {
    let head = try state(of: session).head
    let commits = try commits(of: session, after: 0, limit: .max)
    var reasons: [CommitNumber: [KeepReason]] = [:]
    if let head = head.commit { reasons[head] = [.head] }
    for (name, number) in try references(.branch, of: session).sorted(by: { $0.key < $1.key }) {
      reasons[number, default: []].append(.branch(name))
    }
    for (name, number) in try references(.tag, of: session).sorted(by: { $0.key < $1.key }) {
      reasons[number, default: []].append(.tag(name))
    }
    reasons.merge(rules.reasons(for: commits), uniquingKeysWith: +)
    if let last = commits.last { reasons[last.number, default: []].append(.highest) }
    return commits.map { PruneDecision(commit: $0, reasons: reasons[$0.number] ?? []) }
  }
}
