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
/// Pods back counts from the pod that was begun last, 0, to the pod with the
/// object.
struct Wiring {
  /// An object in a pod.
  struct Place: Equatable {
    let pod: Int
    let object: Int
  }

  private(set) var bytes: [UInt8] = []

  /// Adds the hole that comes next; `lastPod` is the number of the pod that was begun last.
  mutating func fillHole(with place: Place, lastPod: Int) {
    bytes.append(varint: lastPod - place.pod)
    bytes.append(varint: place.object)
  }

  /// Reads the entries by turns.
  struct Reader {
    private var reader: ByteReader

    init(_ source: ByteSource) { reader = source.reader() }

    var isAtEnd: Bool { reader.remaining == 0 }

    /// The place that the next hole leads to; `lastPod` is the number of the pod that was begun last.
    mutating func next(lastPod: Int) throws(PickleError) -> Place {
      let back = try reader.varint()
      guard back <= lastPod else {
        throw .malformed(offset: reader.offset, reason: "a wire to nowhere")
      }
      return Place(pod: lastPod - back, object: try reader.varint())
    }
  }
}
