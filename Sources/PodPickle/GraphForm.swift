extension ObjectGraph {
  /// Writes what groups of roots consist of, for fingerprints.
  ///
  /// Two groups for which the same is written are split into the same pods and are emitted as the
  /// same bytes: of what is written, the graph of a group could be made again, with the order of
  /// everything and the identity of all that has one. It tells of each object where a walk from the
  /// roots meets it first, its kind, its number of children or bytes, and these; and where it is met
  /// again, its number among the objects of the group. Nothing in it depends on what other groups
  /// hold, nor on where the pickler's memo stood.
  ///
  /// - Parameters:
  ///   - put: gets bytes; where they are parted follows from what they are.
  ///   - putPayload: gets a long payload: the number of its source, the source and the range.
  ///   - end: is called behind each group.
  public func writeForms(
    of groups: [[Int]], put: (RawSpan) -> Void,
    putPayload: (Int, ByteSource, Range<Int>) -> Void, end: () -> Void
  ) {
    withView { view in
      var writer = FormWriter(self, view)
      for group in groups {
        writer.write(group, put, putPayload)
        end()
      }
    }
  }
}

/// Writes the forms of groups of roots, one after another.
private struct FormWriter: ~Copyable {
  typealias Node = ObjectGraph.Node

  /// Longer payloads are not copied.
  private static let copyLimit = 1024
  /// The bytes are handed on when there are so many.
  private static let flushCount = 1 << 16
  /// Stands for an object that was met before; no kind has this number.
  private static let reference: UInt8 = 0xff

  private let graph: ObjectGraph
  private let view: GraphView
  /// The number that each node got last, counted through all groups.
  private var numbers: GrowingArray<UInt32>
  private var last: UInt32 = 0
  /// The last number before this group.
  private var first: UInt32 = 0
  private var bytes = GrowingBytes()
  private var frames = GrowingArray<FormFrame>()

  init(_ graph: ObjectGraph, _ view: GraphView) {
    self.graph = graph
    self.view = view
    numbers = GrowingArray(zeros: view.count)
  }

  mutating func write(
    _ roots: [Int], _ put: (RawSpan) -> Void, _ putPayload: (Int, ByteSource, Range<Int>) -> Void
  ) {
    if Int(last) + view.count >= UInt32.max {
      numbers = GrowingArray(zeros: view.count)
      last = 0
    }
    first = last
    bytes.append(graph.protocolVersion)
    bytes.append(varint: roots.count)
    for root in roots {
      begin(graph.roots[root], put, putPayload)
      while let frame = frames.last {
        if frame.next == frame.children.count {
          frames.removeLast()
        } else {
          frames[frames.count - 1].next += 1
          begin(frame.children[frame.next], put, putPayload)
        }
      }
    }
    flush(put)
  }

  /// Writes a node but for its children, which are the next to be written.
  @inline(__always)
  private mutating func begin(
    _ node: Node, _ put: (RawSpan) -> Void, _ putPayload: (Int, ByteSource, Range<Int>) -> Void
  ) {
    let kind = view.kind(of: node)
    if kind != .atom {
      let number = numbers[Int(node)]
      if number > first {
        bytes.append(Self.reference)
        bytes.append(varint: Int(number - first))
        return
      }
      last += 1
      numbers[Int(node)] = last
    }
    bytes.append(kind.rawValue)
    if kind.hasChildren {
      let children = view.children(of: node)
      bytes.append(varint: children.count)
      if children.count > 0 { frames.append(FormFrame(children: children)) }
    } else {
      let count = view.count(of: node)
      if count <= Self.copyLimit {
        bytes.append(varint: count)
        bytes.append(view.payload(of: node))
      } else {
        writeLong(node, put, putPayload)
      }
    }
    if bytes.count >= Self.flushCount { flush(put) }
  }

  @inline(never)
  private mutating func writeLong(
    _ node: Node, _ put: (RawSpan) -> Void, _ putPayload: (Int, ByteSource, Range<Int>) -> Void
  ) {
    guard case .memory(let source, let range) = graph.payload(of: node) else {
      preconditionFailure("the payloads of a scanned graph are in memory")
    }
    bytes.append(varint: range.count)
    flush(put)
    putPayload(graph.sourceNumber(of: node), source, range)
  }

  private mutating func flush(_ put: (RawSpan) -> Void) {
    bytes.withSpan(put)
    bytes.removeAll()
  }
}

/// An object whose children are being written.
///
/// It is not private only because the compiler fails at arrays of private types here.
struct FormFrame: BitwiseCopyable {
  let children: NodeList
  var next = 0
}
