import PodModel

/// How much a person wants to be kept; see ``StoreSetting``.
struct StoreLimits {
  /// The most bytes that a variable may have, as a file; nil for any number.
  let largestVariable: Int64?
  /// The most bytes that the store may have; nil for any number.
  let largestStore: Int64?
  /// How many bytes of pods may still be written; nil for any number.
  let room: Int64?
}

extension StoreLimits {
  /// Why a variable is left out of a commit, for a person.
  static func reason(for error: StoreError) -> String {
    switch error {
    case .variableTooLarge(let size, let limit):
      "it has \(size) bytes, more than a variable may have: \(limit); "
        + "'podfs config largest-variable' sets that"
    case .storeFull(let limit):
      "the store would have more bytes than it may: \(limit); 'podfs config largest-store' sets "
        + "that, 'podfs prune' and 'podfs gc' make room"
    default: "\(error)"
    }
  }
}

extension Connection {
  /// Returns what the store was told of its limits, and how far it is from them.
  func limits() throws(StoreError) -> StoreLimits {
    let largestStore = try setting(StoreSetting.largestStore.rawValue)
    var room: Int64?
    if let largestStore {
      let packs = try integer("SELECT sum(bytes) FROM pack") ?? 0
      let pages = try integer("PRAGMA page_count") ?? 0
      let pageBytes = try integer("PRAGMA page_size") ?? 0
      room = max(0, largestStore - packs - pages * pageBytes)
    }
    return StoreLimits(
      largestVariable: try setting(StoreSetting.largestVariable.rawValue),
      largestStore: largestStore, room: room)
  }
}
