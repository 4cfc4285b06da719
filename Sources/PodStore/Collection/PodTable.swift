import PodModel

/// The pods of the index at one moment, in about 20 bytes each, for what looks at all of them.
///
/// A pod is told by the first 64 bits of its name. Where two have the same, both are what one is:
/// by chance that does not happen, and whoever brings it about keeps some garbage.
struct PodTable {
  /// The beginnings of the names, ascending.
  private(set) var prefixes: [UInt64] = []
  /// The number of stored bytes of each pod.
  private(set) var stored: [UInt32] = []
  /// The pods that need no others.
  private var leaves: [UInt32] = []
  /// The pods that are kept as differences, ascending, and what from.
  private var deltas: [(pod: UInt32, base: UInt64)] = []

  var count: Int { prefixes.count }

  /// Adds a pod behind those that are there.
  mutating func append(prefix: UInt64, stored: Int64, base: UInt64?, isLeaf: Bool) {
    let index = UInt32(count)
    prefixes.append(prefix)
    self.stored.append(UInt32(clamping: stored))
    if isLeaf { leaves.append(index) }
    if let base { deltas.append((index, base)) }
  }

  /// Tells whether the pod at `index` is known to need no others.
  func isLeaf(_ index: Int) -> Bool {
    let place = leaves.partition { $0 < index }
    return place < leaves.count && leaves[place] == index
  }

  /// The index of the pod that the one at `index` is kept as the difference from, if it is.
  func base(of index: Int) -> Int? {
    let place = deltas.partition { $0.pod < index }
    guard place < deltas.count, deltas[place].pod == index else { return nil }
    return self.index(of: deltas[place].base)
  }

  /// The indices of the pods that are kept as differences.
  var deltaIndices: [Int] { deltas.map { Int($0.pod) } }

  /// The index of the pod whose name begins like this; of the first of several.
  ///
  /// Digests are spread evenly, so the search begins where it should be, and widens from there.
  func index(of prefix: UInt64) -> Int? {
    guard count > 0 else { return nil }
    let guess = Int(prefix.multipliedFullWidth(by: UInt64(count)).high)
    var (low, high, step) = (guess, guess + 1, 16)
    while low > 0, prefixes[low - 1] >= prefix {
      low = max(0, low - step)
      step *= 2
    }
    step = 16
    while high < count, prefixes[high - 1] < prefix {
      high = min(count, high + step)
      step *= 2
    }
    let place = low + prefixes[low..<high].partition { $0 < prefix }
    return place < count && prefixes[place] == prefix ? place : nil
  }
}

extension RandomAccessCollection {
  /// The number of elements in front for which `belongs` is true; it must be for none behind.
  fileprivate func partition(_ belongs: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[index(startIndex, offsetBy: middle)]) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}

extension Connection {
  /// Returns the table of all pods.
  func podTable() throws(StoreError) -> PodTable {
    var select = try prepare("SELECT id, stored, base, leaf FROM pod ORDER BY id")
    var table = PodTable()
    while try select.step() {
      table.append(
        prefix: select.word(0), stored: select.integer(1),
        base: select.isNull(2) ? nil : UInt64(bitPattern: select.integer(2)),
        isLeaf: select.integer(3) == 1)
    }
    return table
  }
}
