import PodModel
import PodStore

/// Answers with the commits of a session, the newest first, at most `limit` of them.
@c(podfs_log)
public func podfsLog(
  _ store: UnsafeMutableRawPointer, _ session: Int64, _ limit: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let session = SessionID(row: session)
    return try storing { () throws(StoreError) in
      let commits = try store.commits(of: session).reversed().prefix(Int(max(0, limit)))
      return .array(
        try commits.map { commit throws(StoreError) in
          .object([
            "number": JSON(commit.number), "time": .number(commit.time.microseconds),
            "message": .string(commit.message), "digest": .string(commit.digest.description),
            "parents": .array(commit.parents.map { .number($0.value) }),
            "cell": try store.cell(of: commit.number, in: session).map { JSON($0) } ?? .null,
          ])
        })
    }
  }
}

/// Answers with the variables of a commit, or of the workspace without a revision: for each its
/// name, type, shape, dtype, size, and the number of its version.
@c(podfs_variables)
public func podfsVariables(
  _ store: UnsafeMutableRawPointer, _ session: Int64,
  _ revision: UnsafePointer<CChar>?, _ revisionCount: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let session = SessionID(row: session)
    let revision = try parse(orWorkspace: unsafe text(revision, revisionCount))
    return try storing { () throws(StoreError) in
      let manifest =
        if let revision {
          try store.manifest(of: store.resolve(revision, in: session), in: session)
        } else { try store.workspace(of: session) }
      return .array(
        manifest.names.compactMap { name in
          manifest.versions[name].map { version in
            .object([
              "name": .string(name.text), "value": JSON(version.summary),
              "content": .string("\(version.content.pod) \(version.root)"),
            ])
          }
        })
    }
  }
}

/// Answers with the versions of a variable, the newest first: the commit that introduced each, its
/// time and message, and the value's type, shape, dtype and size.
@c(podfs_history)
public func podfsHistory(
  _ store: UnsafeMutableRawPointer, _ session: Int64,
  _ name: UnsafePointer<CChar>?, _ nameCount: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let session = SessionID(row: session)
    let nameText = unsafe text(name, nameCount) ?? ""
    let name = try naming { () throws(NameError) in try VariableName(nameText) }
    let versions = try storing { () throws(StoreError) in
      try store.history(of: name, in: session)
    }
    return .array(
      versions.reversed().map { commit, version in
        .object([
          "commit": JSON(commit.number), "time": .number(commit.time.microseconds),
          "message": .string(commit.message), "value": JSON(version.summary),
        ])
      })
  }
}

extension JSON {
  init(_ cell: Cell) {
    self = .object([
      "source": .string(cell.source), "count": .number(orNull: cell.executionCount),
      "duration": cell.duration.map { .fraction($0) } ?? .null,
      "output": .string(cell.standardOutput), "error": .string(orNull: cell.error),
    ])
  }

  init(_ summary: ValueSummary) {
    self = .object([
      "type": .string(summary.type), "shape": .numbers(orNull: summary.shape),
      "dtype": .string(orNull: summary.dtype), "size": .number(summary.size),
    ])
  }

  /// Variables that were not kept.
  init(_ unsaved: [Unsaved]) {
    self = .array(
      unsaved.map { .array([.string($0.name), .string($0.type), .string($0.reason)]) })
  }
}
