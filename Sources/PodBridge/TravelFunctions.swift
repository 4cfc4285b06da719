import PodModel
import PodStore

/// Answers with what a namespace at the checked-out commit must change to be at another.
///
/// `kind` is 0 to check out the commit that `revision` means, 1 to undo, 2 to redo.
@c(podfs_plan)
public func podfsPlan(
  _ store: UnsafeMutableRawPointer, _ session: Int64, _ kind: Int32,
  _ revision: UnsafePointer<CChar>?, _ revisionCount: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let travel = try travel(kind, to: unsafe text(revision, revisionCount))
    let plan = try storing { () throws(StoreError) in
      try store.plan(travel, in: SessionID(row: session))
    }
    return .object([
      "start": JSON(plan.start), "target": JSON(plan.target), "loaded": JSON(plan.loaded),
      "removed": JSON(plan.removed), "unsaved": JSON(plan.unsaved),
    ])
  }
}

/// Checks out another commit; `kind` and `revision` are those of ``podfsPlan(_:_:_:_:_:_:)``.
///
/// Uncommitted changes of the workspace are lost with `force`, committed with `message`, and an error
/// without either. Another commit than `start` is an error too, unless `start` is negative. Answers
/// with the commit's number.
@c(podfs_travel)
public func podfsTravel(
  _ store: UnsafeMutableRawPointer, _ session: Int64, _ kind: Int32,
  _ revision: UnsafePointer<CChar>?, _ revisionCount: Int64, _ start: Int64, _ force: Int32,
  _ message: UnsafePointer<CChar>?, _ messageCount: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let travel = try travel(kind, to: unsafe text(revision, revisionCount))
    let message = unsafe text(message, messageCount)
    let number = try storing { () throws(StoreError) in
      try store.travel(
        travel, in: SessionID(row: session), from: CommitNumber(start), force: force != 0,
        committingAs: message)
    }
    return JSON(number)
  }
}

private func travel(_ kind: Int32, to revision: String?) throws(BridgeError) -> Travel {
  switch kind {
  case 1: .undo
  case 2: .redo
  default: .checkout(try parse(revision))
  }
}

/// Answers with the number of the commit that a revision means.
@c(podfs_resolve)
public func podfsResolve(
  _ store: UnsafeMutableRawPointer, _ session: Int64,
  _ revision: UnsafePointer<CChar>?, _ revisionCount: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let revision = try parse(unsafe text(revision, revisionCount))
    return JSON(
      try storing { () throws(StoreError) in
        try store.resolve(revision, in: SessionID(row: session))
      })
  }
}

/// Answers with the branch that is checked out, and with all branches and tags by their names.
@c(podfs_references)
public func podfsReferences(
  _ store: UnsafeMutableRawPointer, _ session: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let session = SessionID(row: session)
    return try storing { () throws(StoreError) in
      .object([
        "head": .string(orNull: try store.head(of: session).branch?.text),
        "branches": references(try store.branches(of: session)),
        "tags": references(try store.tags(of: session)),
      ])
    }
  }
}

private func references(_ references: [ReferenceName: CommitNumber]) -> JSON {
  .array(
    references.sorted { $0.key < $1.key }.map {
      .array([.string($0.key.text), .number($0.value.value)])
    })
}

/// Makes or moves a branch, or a tag if `isTag`; one that is there is an error unless `replacing`.
///
/// Without a revision, the branch or tag is removed. Answers with the commit's number or null.
@c(podfs_set_reference)
public func podfsSetReference(
  _ store: UnsafeMutableRawPointer, _ session: Int64, _ isTag: Int32,
  _ name: UnsafePointer<CChar>?, _ nameCount: Int64,
  _ revision: UnsafePointer<CChar>?, _ revisionCount: Int64, _ replacing: Int32,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let session = SessionID(row: session)
    let nameText = unsafe text(name, nameCount) ?? ""
    let name = try naming { () throws(NameError) in try ReferenceName(nameText) }
    guard let revisionText = unsafe text(revision, revisionCount) else {
      try storing { () throws(StoreError) in
        try isTag != 0
          ? store.removeTag(name, in: session) : store.removeBranch(name, in: session)
      }
      return .null
    }
    let revision = try parse(revisionText)
    return try storing { () throws(StoreError) in
      let number = try store.resolve(revision, in: session)
      if isTag != 0 {
        try store.setTag(name, to: number, replacing: replacing != 0, in: session)
      } else {
        try store.setBranch(name, to: number, replacing: replacing != 0, in: session)
      }
      return JSON(number)
    }
  }
}

/// Makes the commit that a revision means say something else; answers with its number.
@c(podfs_set_message)
public func podfsSetMessage(
  _ store: UnsafeMutableRawPointer, _ session: Int64,
  _ revision: UnsafePointer<CChar>?, _ revisionCount: Int64,
  _ message: UnsafePointer<CChar>?, _ messageCount: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let session = SessionID(row: session)
    let message = unsafe text(message, messageCount) ?? ""
    let revision = try parse(unsafe text(revision, revisionCount))
    return try storing { () throws(StoreError) in
      let number = try store.resolve(revision, in: session)
      try store.setMessage(message, of: number, in: session)
      return JSON(number)
    }
  }
}
