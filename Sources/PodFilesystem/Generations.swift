/// A cache with a limit in bytes, of what can be had again.
///
/// It keeps two generations. What is used moves into the young one; when that holds half of the
/// limit, the old one is dropped and the young one becomes old. So what was used lately stays,
/// and no list has to be kept in order.
struct Generations<Key: Hashable, Value> {
  private let limit: Int
  private var young: [Key: Entry] = [:]
  private var old: [Key: Entry] = [:]
  /// What the entries in `young` take together.
  private var byteCount = 0

  private struct Entry {
    let value: Value
    let byteCount: Int
  }

  /// What an entry takes beside what its value points to: a dictionary is about half full.
  static var overhead: Int { 2 * (MemoryLayout<Key>.stride + MemoryLayout<Entry>.stride) }

  /// The number of entries, and the bytes that they take together.
  var size: (count: Int, byteCount: Int) {
    let all = young.merging(old) { young, _ in young }.values
    return (all.count, all.reduce(0) { $0 + $1.byteCount })
  }

  /// Makes a cache that takes at most `limit` bytes, or what the last value alone takes.
  init(limit: Int) { self.limit = limit }

  /// Returns the value of `key`, if it is still there.
  mutating func value(of key: Key) -> Value? {
    if let entry = young[key] { return entry.value }
    guard let entry = old[key] else { return nil }
    insert(entry, of: key)
    return entry.value
  }

  /// Keeps the value of `key`, in place of one that is there.
  ///
  /// - Parameter pointee: how many bytes the value points to.
  mutating func keep(_ value: Value, of key: Key, pointee: Int = 0) {
    insert(Entry(value: value, byteCount: pointee + Self.overhead), of: key)
  }

  private mutating func insert(_ entry: Entry, of key: Key) {
    if let known = young.removeValue(forKey: key) { byteCount -= known.byteCount }
    if byteCount + entry.byteCount > limit / 2 {
      // One that takes more than that stands alone.
      old = entry.byteCount > limit / 2 ? [:] : young
      young = [:]
      byteCount = 0
    }
    young[key] = entry
    byteCount += entry.byteCount
  }
}
