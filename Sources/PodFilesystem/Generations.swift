/// A cache with a limit, of what can be had again.
///
/// It keeps two generations. What is used moves into the young one; when that holds half of the
/// limit, the old one is dropped and the young one becomes old. So what was used lately stays,
/// and no list has to be kept in order.
struct Generations<Key: Hashable, Value> {
  private let limit: Int
  private var young: [Key: (value: Value, cost: Int)] = [:]
  private var old: [Key: (value: Value, cost: Int)] = [:]
  /// What the values in `young` cost together.
  private var cost = 0

  /// Makes a cache whose values cost at most `limit` together.
  init(limit: Int) { self.limit = limit }

  /// Returns the value of `key`, if it is still there.
  mutating func value(of key: Key) -> Value? {
    if let (value, _) = young[key] { return value }
    guard let (value, cost) = old[key] else { return nil }
    keep(value, of: key, cost: cost)
    return value
  }

  /// Keeps the value of `key`, in place of one that is there.
  mutating func keep(_ value: Value, of key: Key, cost added: Int = 1) {
    if let known = young.removeValue(forKey: key) { cost -= known.cost }
    if cost + added > limit / 2 {
      old = young
      young = [:]
      cost = 0
    }
    young[key] = (value, added)
    cost += added
  }
}
