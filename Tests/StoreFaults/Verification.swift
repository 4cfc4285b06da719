import PodModel
import PodPickle
import PodStore

/// Whether a store that was stopped is as it should be.
enum Verification {
  /// Opens the store in a directory, and returns what can be read from it.
  ///
  /// - Parameter allowed: what may be read; without a session, there need be no store yet;
  ///   without digests, those that are found do not matter.
  /// - Throws: if it cannot be opened, is damaged or differs, or cannot be saved to.
  static func verify(_ path: String, allowed: [Observation]) throws(Failure) -> Observation {
    do throws(StoreError) { return try check(path + "/" + Recording.storePath, allowed) } catch {
      if case .invalidCommit(let reason) = error { throw Failure(reason) }
      throw Failure("an error: \(error)")
    }
  }

  private static func check(
    _ path: String, _ allowed: [Observation]
  ) throws(StoreError) -> Observation {
    let mayBeMissing = allowed.contains { $0.sessions.isEmpty }
    let store = try mayBeMissing ? Store(creatingAt: path) : Store(openingAt: path)
    try expectNoDamage(in: store)
    let found = try Observation(of: store)
    guard allowed.contains(found) || allowed.contains(found.withoutDigests) else {
      throw .invalidCommit(reason: "it differs: " + found.difference(from: allowed[0]))
    }
    try save(to: store, found)
    return found
  }

  private static func expectNoDamage(in store: Store) throws(StoreError) {
    var findings: [String] = []
    try store.check(data: true) { findings.append($0.description) }
    guard findings.isEmpty else {
      throw .invalidCommit(reason: "damage: " + findings.prefix(3).joined(separator: "; "))
    }
  }

  /// Saves something new and collects garbage; all that was there must stay as it was.
  static func save(to store: Store, _ before: Observation) throws(StoreError) {
    let added = "after\(before.sessions.count)"
    let session = try store.createSession(Workload.session(added)).id
    let bytes = [UInt8]("what is saved after a stop".utf8)
    let name = try Workload.variable("saved")
    let version = try store.seal(ByteSource(bytes), as: name, in: session)
    try store.commitWorkspace(of: session, message: "after")
    _ = try store.capture(
      Namespace(seed: UInt64(before.sessions.count)).variables(at: 3), in: session)
    guard try store.open(version).read(at: 0, count: 100) == bytes else {
      throw .invalidCommit(reason: "what was saved afterwards is not what is read")
    }
    try store.collect()
    try expectNoDamage(in: store)
    var after = try Observation(of: store)
    guard after.sessions.removeValue(forKey: added)?.commits.count == 2, after == before else {
      throw .invalidCommit(reason: "a save changed it: " + after.difference(from: before))
    }
  }
}
