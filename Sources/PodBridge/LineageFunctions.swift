import PodModel
import PodPlan
import PodStore

/// Answers with the cells that lead to the values of variables in a commit, or in the workspace
/// without a revision: the commit's number, and the steps, the oldest first.
///
/// `names` has a NUL behind each name. If `follow` is 0, it is not asked how stored values came about
/// that the cells read. A step tells its commit and that one's parent, the names it gives, the names
/// it takes with the commits that introduced them (null for what could not be stored), the code, the
/// error that ended it, and why it is not known what it took, if so.
@c(podfs_lineage)
public func podfsLineage(
  _ store: UnsafeMutableRawPointer, _ session: Int64,
  _ revision: UnsafePointer<CChar>?, _ revisionCount: Int64,
  _ names: UnsafePointer<CChar>?, _ namesCount: Int64, _ follow: Int32,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let session = SessionID(row: session)
    let revision = try parse(orWorkspace: unsafe text(revision, revisionCount))
    let names = try variableNames(in: unsafe text(names, namesCount) ?? "")
    return try storing { () throws(StoreError) in
      let origins = try store.origins(of: Set(names), at: revision, in: session)
      guard let number = origins.number else {
        return .object(["commit": .null, "steps": .array([])])
      }
      let lineage = try Lineage(
        of: origins.introduced, unsaved: origins.unsaved, in: number, followingStored: follow != 0
      ) { number, names throws(StoreError) in
        try store.run(of: number, giving: names, in: session)
      }
      return .object([
        "commit": JSON(number), "steps": .array(lineage.steps.map { JSON($0) }),
      ])
    }
  }
}

extension JSON {
  fileprivate init(_ step: Lineage.Step) {
    let run = step.run
    let taken = run.taken.sorted { $0.key < $1.key }.map { name, origin in
      JSON.array([.string(name.text), JSON(origin)])
    }
    let unsaved = run.takenUnsaved.sorted().map { JSON.array([.string($0.text), .null]) }
    self = .object([
      "commit": JSON(run.number), "parent": JSON(run.parent), "gives": JSON(step.gives),
      "takes": .array(taken + unsaved), "changed": JSON(run.changed),
      "source": .string(orNull: run.source), "error": .string(orNull: run.error),
      "elsewhere": JSON(run.reads?.elsewhere ?? []), "late": .bool(run.reads?.isLate ?? false),
      "end": .string(orNull: step.end?.rawValue),
    ])
  }
}
