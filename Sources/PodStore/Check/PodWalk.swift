import PodModel
import PodPickle

/// A walk over all pods that contents are made of, each once.
struct PodWalk {
  private let engine: Engine
  private var seen: Set<PodID> = []
  /// The pods that are not in the index.
  var missing: Set<PodID> = []
  /// The pods whose bytes are wrong.
  private(set) var damaged: Set<PodID> = []
  /// The pods that need a pod directly, if they were asked for.
  private(set) var users: [PodID: [PodID]] = [:]
  private let recordsUsers: Bool

  /// Creates a walk that has been nowhere; it can remember which pods need which.
  init(engine: Engine, recordsUsers: Bool = false) {
    self.engine = engine
    self.recordsUsers = recordsUsers
  }

  /// Walks to `root` and to all pods that it needs.
  mutating func visit(_ root: PodID) throws(StoreError) {
    var open = [root]
    while let id = open.popLast() {
      guard seen.insert(id).inserted else { continue }
      for child in try children(of: id) {
        if recordsUsers { users[child, default: []].append(id) }
        open.append(child)
      }
    }
  }

  private mutating func children(of id: PodID) throws(StoreError) -> [PodID] {
    do throws(StoreError) {
      return try Self.children(in: try engine.bytes(of: id), of: id)
    } catch .podNotFound {
      missing.insert(id)
    } catch .podDamaged {
      damaged.insert(id)
    }
    return []
  }

  private static func children(in bytes: [UInt8], of id: PodID) throws(StoreError) -> [PodID] {
    do { return try PodFormat.children(of: bytes, named: id) } catch { throw .podDamaged(id) }
  }

  /// Reads pods that need not be part of anything.
  mutating func verify(_ ids: [PodID]) throws(StoreError) {
    for id in ids where !seen.contains(id) { _ = try children(of: id) }
  }
}
