import PodPickle

/// Which parts of two objects stand for each other.
extension ValueDiffer {
  /// The parts of an object by what tells them apart.
  private struct Parts {
    var items: [Int32] = []
    var itemHashes: [UInt64] = []
    var keyed: [Int32] = []
    var keys: [UInt64] = []
    var elements: [Int32] = []
    var elementHashes: [UInt64] = []
  }

  /// Returns what there is to be said of the parts of two objects; nothing of those that are the same.
  mutating func pairings(_ one: Composite, _ other: Composite) -> [Pairing] {
    let (parts, otherParts) = (
      Self.parts(of: one, hashes.before), Self.parts(of: other, hashes.after)
    )
    var pairings: [Pairing] = []
    addKeyed(parts, otherParts, one, other, to: &pairings)
    addItems(parts, otherParts, one, other, to: &pairings)
    addElements(parts, otherParts, to: &pairings)
    return pairings
  }

  private static func parts(of form: Composite, _ hashes: GraphHashes) -> Parts {
    var parts = Parts()
    for index in 0..<min(form.count, Int(Int32.max)) {
      let part = form[index]
      let hash: UInt64 = if case .node(let node) = part.content { hashes[node] } else { 0 }
      switch part.step {
      case .index:
        parts.items.append(Int32(index))
        parts.itemHashes.append(hash)
      case .key(let key), .valueOfKey(let key):
        parts.keyed.append(Int32(index))
        parts.keys.append(hashes[key])
      case .attribute(let name):
        parts.keyed.append(Int32(index))
        parts.keys.append(UInt64(bitPattern: Int64(name.hashValue)))
      case .made(let name):
        parts.keyed.append(Int32(index))
        parts.keys.append(UInt64(bitPattern: Int64(name.hashValue)) ^ 0x5555)
      case .element:
        parts.elements.append(Int32(index))
        parts.elementHashes.append(hash)
      }
    }
    return parts
  }

  private mutating func areSame(_ one: Part, _ other: Part) -> Bool {
    guard case .node(let node) = one.content, case .node(let otherNode) = other.content else {
      return false
    }
    return pairs.areSame(node, otherNode)
  }

  // MARK: Keys and names

  /// A key, and which of several equal ones it is; an honest dict has no two.
  private struct Key: Hashable {
    let hash: UInt64
    var number = 0
  }

  private mutating func addKeyed(
    _ parts: Parts, _ otherParts: Parts, _ one: Composite, _ other: Composite,
    to pairings: inout [Pairing]
  ) {
    let partners = Self.partners(parts.keys, otherParts.keys)
    var isTaken = [Bool](repeating: false, count: otherParts.keyed.count)
    var last = -1
    var isSorted = true
    for (number, place) in parts.keyed.enumerated() {
      guard let partner = partners[number] else {
        pairings.append(Pairing(before: place))
        continue
      }
      isTaken[partner] = true
      isSorted = isSorted && partner > last
      last = partner
      let otherPlace = otherParts.keyed[partner]
      if !areSame(one[Int(place)], other[Int(otherPlace)]) {
        pairings.append(Pairing(before: place, after: otherPlace))
      }
    }
    for (number, place) in otherParts.keyed.enumerated() where !isTaken[number] {
      pairings.append(Pairing(after: place))
    }
    if !isSorted { add(.changed) { $0.note("has its keys in another order") } }
  }

  /// The number of the equal key in `others` of each in `keys`.
  private static func partners(_ keys: [UInt64], _ others: [UInt64]) -> [Int?] {
    if keys == others { return Array(keys.indices) }
    var places: [Key: Int] = [:]
    places.reserveCapacity(others.count)
    var seen: [UInt64: Int] = [:]
    for (place, hash) in others.enumerated() {
      let number = places[Key(hash: hash)] == nil ? 0 : seen[hash, default: 0] + 1
      if number > 0 { seen[hash] = number }
      places[Key(hash: hash, number: number)] = place
    }
    var met: [UInt64: Int] = [:]
    return keys.map { hash in
      let number = met[hash, default: 0]
      met[hash] = number + 1
      return places[Key(hash: hash, number: number)]
    }
  }

  // MARK: Items

  private mutating func addItems(
    _ parts: Parts, _ otherParts: Parts, _ one: Composite, _ other: Composite,
    to pairings: inout [Pairing]
  ) {
    let changes = SequenceDifference(from: parts.itemHashes, to: otherParts.itemHashes).changes
    var place = (0, 0)
    func addEqual(upTo end: Int, _ pairings: inout [Pairing]) {
      while place.0 < end {
        let (index, otherIndex) = (parts.items[place.0], otherParts.items[place.1])
        if !areSame(one[Int(index)], other[Int(otherIndex)]) {
          pairings.append(Pairing(before: index, after: otherIndex))
        }
        place = (place.0 + 1, place.1 + 1)
      }
    }
    for change in changes {
      addEqual(upTo: change.before.lowerBound, &pairings)
      addReplaced(change, parts, otherParts, one, other, to: &pairings)
      place = (change.before.upperBound, change.after.upperBound)
    }
    addEqual(upTo: parts.items.count, &pairings)
  }

  /// Items in the place of others: as many as before stand for each other one by one; else those
  /// that begin alike do.
  private func addReplaced(
    _ change: SequenceDifference.Change, _ parts: Parts, _ otherParts: Parts,
    _ one: Composite, _ other: Composite, to pairings: inout [Pairing]
  ) {
    var changes = [change]
    if change.before.count != change.after.count, !change.before.isEmpty, !change.after.isEmpty {
      let looks = change.before.map { look(one[Int(parts.items[$0])], before, hashes.before) }
      let otherLooks = change.after.map {
        look(other[Int(otherParts.items[$0])], after, hashes.after)
      }
      changes = SequenceDifference(from: looks, to: otherLooks).changes.map {
        $0.moved(by: change.before.lowerBound, change.after.lowerBound)
      }
    }
    var place = change.before.lowerBound
    var otherPlace = change.after.lowerBound
    func addPairs(upTo end: Int, _ pairings: inout [Pairing]) {
      while place < end {
        pairings.append(Pairing(before: parts.items[place], after: otherParts.items[otherPlace]))
        (place, otherPlace) = (place + 1, otherPlace + 1)
      }
    }
    for change in changes {
      addPairs(upTo: change.before.lowerBound, &pairings)
      if change.before.count == change.after.count {
        addPairs(upTo: change.before.upperBound, &pairings)
      } else {
        pairings += change.before.map { Pairing(before: parts.items[$0]) }
        pairings += change.after.map { Pairing(after: otherParts.items[$0]) }
      }
      (place, otherPlace) = (change.before.upperBound, change.after.upperBound)
    }
    addPairs(upTo: change.before.upperBound, &pairings)
  }

  /// What an item begins with: its class, or the first key and value, or the first item.
  private func look(_ part: Part, _ reader: ValueReader, _ hashes: GraphHashes) -> UInt64 {
    guard case .node(let node) = part.content else { return 0 }
    let kind = reader.graph.kind(of: node)
    guard kind.isContainer || kind.isMade else { return hashes[node] }
    let beginning = reader.graph.children(of: node).prefix(2)
    return beginning.reduce(UInt64(kind.rawValue)) { $0 &* 31 &+ hashes[$1] }
  }

  // MARK: Elements

  private func addElements(_ parts: Parts, _ otherParts: Parts, to pairings: inout [Pairing]) {
    if parts.elementHashes == otherParts.elementHashes { return }
    var counts: [UInt64: Int] = [:]
    for hash in otherParts.elementHashes { counts[hash, default: 0] += 1 }
    for (number, hash) in parts.elementHashes.enumerated() {
      if let count = counts[hash], count > 0 {
        counts[hash] = count - 1
      } else {
        pairings.append(Pairing(before: parts.elements[number]))
      }
    }
    // What is left of the counts was not there before.
    for (number, hash) in otherParts.elementHashes.enumerated() {
      if let count = counts[hash], count > 0 {
        counts[hash] = count - 1
        pairings.append(Pairing(after: otherParts.elements[number]))
      }
    }
  }
}

extension SequenceDifference.Change {
  /// The same, so many items later.
  func moved(by offset: Int, _ otherOffset: Int) -> Self {
    Self(
      before: (before.lowerBound + offset)..<(before.upperBound + offset),
      after: (after.lowerBound + otherOffset)..<(after.upperBound + otherOffset))
  }
}
