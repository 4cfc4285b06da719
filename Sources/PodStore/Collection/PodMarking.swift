import PodModel
import PodPickle

/// The pods that are needed, found by walking down from the roots of contents.
///
/// Leaves are not read. A pod that cannot be read ends the walk with an error: what it needs is not
/// known, and might be taken for garbage.
struct PodMarking {
  let table: PodTable
  private let engine: Engine
  private var marks: Bits
  /// Needed pods that came into the index after the table was made.
  private var young: Set<UInt64> = []

  init(table: PodTable, engine: Engine) {
    self.table = table
    self.engine = engine
    marks = Bits(count: table.count)
  }

  /// Whether the pod at an index of the table is needed.
  func isNeeded(_ index: Int) -> Bool { marks[index] }

  /// Whether a pod that begins like this is needed and not in the table.
  func isYoung(_ prefix: UInt64) -> Bool { young.contains(prefix) }

  /// Marks the pod `root` and all that it needs.
  ///
  /// - Parameter basesToo: whether what they are kept as differences from is needed as well.
  mutating func visit(_ root: PodID, basesToo: Bool) throws(StoreError) {
    var open = [root]
    while let id = open.popLast() {
      guard try mark(id, basesToo: basesToo, open: &open) else { continue }
      do throws(StoreError) {
        let bytes = try engine.bytes(of: id)
        do { open += try PodFormat.children(of: bytes, named: id) } catch {
          throw .podDamaged(id)
        }
      } catch {
        guard case .podNotFound(id) = error else { throw error }
      }
    }
  }

  /// Marks one pod; returns whether it was not marked before and may need others.
  private mutating func mark(
    _ id: PodID, basesToo: Bool, open: inout [PodID]
  ) throws(StoreError) -> Bool {
    guard let index = table.index(of: id.prefix) else {
      guard young.insert(id.prefix).inserted else { return false }
      open += try engine.bases(of: id)
      return true
    }
    guard marks.insert(index) else { return false }
    if basesToo, table.base(of: index) != nil { open += try engine.bases(of: id) }
    return !table.isLeaf(index)
  }
}

extension Engine {
  /// The pods that a pod may be kept as the difference from.
  fileprivate func bases(of id: PodID) throws(StoreError) -> [PodID] {
    try withReader { connection throws(StoreError) in
      let base = try connection.integer("SELECT base FROM pod WHERE id = ?", id)
      return try base.map { base throws(StoreError) in
        try connection.pods(beginning: UInt64(bitPattern: base))
      } ?? []
    }
  }
}
