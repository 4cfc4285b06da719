/// Where the references that leave a pod lead.
///
/// In a pod, a reference to an object of another pod is a hole. The wiring of
/// a value fills the holes in the order in which the pods and their holes are
/// read, each by the number of the pod that holds the object, counted in the
/// order of reading from the value pod, 0, and the number of the object in it.
/// It is kept apart from the pods, so that an object that moves changes no pod.
///
///     wiring = count:varint entry…     entry = pods back:varint object:varint
///
/// Pods back is the reading number of the pod with the hole less that of the
/// pod with the object, which is never read later.
struct Wiring {
  /// An object in a pod.
  struct Place: Equatable {
    let pod: Int
    let object: Int
  }

  private(set) var bytes: [UInt8] = []
  private(set) var count = 0

  /// Adds the hole that comes next, in the pod with the number `pod`.
  mutating func fill(holeIn pod: Int, with place: Place) {
    bytes.append(varint: pod - place.pod)
    bytes.append(varint: place.object)
    count += 1
  }

  /// Reads the entries by turns.
  struct Reader {
    private var reader: ByteReader

    init(_ source: ByteSource) { reader = source.reader() }

    var isAtEnd: Bool { reader.remaining == 0 }

    /// The place that the next hole, in the pod with the number `pod`, leads to.
    mutating func next(forHoleIn pod: Int) throws(PickleError) -> Place {
      let back = try reader.varint()
      guard back <= pod else {
        throw .malformed(offset: reader.offset, reason: "a wire to nowhere")
      }
      return Place(pod: pod - back, object: try reader.varint())
    }
  }
}
