import PodModel

/// What becomes of needed pods that are kept as differences from pods that are not needed.
///
/// Such a pod is kept as the difference from the nearest needed one that it goes back to. Where
/// there is none, the first of those that go back to the same whole pod becomes whole, and the
/// others are kept as differences from that. No pod is further from a whole one than before.
struct DeltaRebase {
  /// Pods that go back to the same one, in the order in which they change.
  struct Group {
    /// The needed pod that they are kept as differences from; nil for the first of them.
    let base: Int?
    /// The pods, as indices of the table.
    var pods: [Int]
  }

  private(set) var groups: [Group] = []

  init(_ marking: PodMarking) {
    let table = marking.table
    var places: [Int: Int] = [:]
    for pod in table.deltaIndices where marking.isNeeded(pod) {
      guard var base = table.base(of: pod), !marking.isNeeded(base) else { continue }
      // Bases do not go in circles, but rows may say so.
      var steps = 0
      while !marking.isNeeded(base), steps <= 2 * DeltaBases.depthLimit,
        let next = table.base(of: base)
      {
        base = next
        steps += 1
      }
      let place = places[base] ?? groups.count
      if place == groups.count {
        groups.append(Group(base: marking.isNeeded(base) ? base : nil, pods: []))
        places[base] = place
      }
      groups[place].pods.append(pod)
    }
  }
}
