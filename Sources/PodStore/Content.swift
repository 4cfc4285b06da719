public import PodModel
public import PodPickle
import Synchronization

/// The bytes of one version's file, read as far as they are asked for.
///
/// What is long stays in its pods until a range of it is read; what is short,
/// and what ties it together, is in memory. All methods may be called from
/// any thread.
public final class Content: Sendable {
  /// The number of bytes.
  public let size: Int64

  private let store: Store
  private let literal: [UInt8]
  private let stretches: [Stretch]
  private let cache = Mutex(Cache())

  /// A run of bytes that stand together, in `literal` or in the pods of a blob.
  private struct Stretch: Sendable {
    let start: Int
    let count: Int
    let literalStart: Int
    let blob: Blob?
  }

  /// The parts of index pods that were read, up to a number of entries.
  private struct Cache {
    static let entryLimit = 1 << 16
    var parts: [PodID: [Blob]] = [:]
    var entries = 0
  }

  /// The bytes of a blob.
  init(_ blob: Blob, in store: Store) {
    self.store = store
    literal = []
    stretches = [Stretch(start: 0, count: blob.count, literalStart: 0, blob: blob)]
    size = Int64(blob.count)
  }

  /// The bytes of a pickle.
  init(_ emission: Emission, in store: Store) {
    self.store = store
    (literal, stretches) = Self.layOut(emission)
    size = Int64(emission.count)
  }

  private static func layOut(_ emission: Emission) -> ([UInt8], [Stretch]) {
    var literal = emission.literal
    var stretches: [Stretch] = []
    var start = 0
    for piece in emission.pieces {
      let stretch: Stretch
      switch piece {
      case .literal(let range):
        stretch = Stretch(
          start: start, count: range.count, literalStart: range.lowerBound, blob: nil)
      case .memory(let source, let range):
        stretch = Stretch(
          start: start, count: range.count, literalStart: literal.count, blob: nil)
        literal += source.bytes(in: range)
      case .blob(let blob):
        stretch = Stretch(start: start, count: blob.count, literalStart: 0, blob: blob)
      }
      stretches.append(stretch)
      start += stretch.count
    }
    return (literal, stretches)
  }

  /// The number of bytes of memory that the content takes, about.
  public var memoryFootprint: Int {
    literal.count + stretches.count * MemoryLayout<Stretch>.stride
      + cache.withLock { $0.entries } * MemoryLayout<Blob>.stride
  }

  /// Returns `count` bytes from `offset` on, or as many as there are.
  public func read(at offset: Int64, count: Int) throws(StoreError) -> [UInt8] {
    guard offset >= 0, offset < size, count > 0 else { return [] }
    let range = Int(offset)..<Int(min(size, offset + Int64(min(count, 1 << 40))))
    var output: [UInt8] = []
    output.reserveCapacity(range.count)
    var index = firstStretch(at: range.lowerBound)
    while index < stretches.count, stretches[index].start < range.upperBound {
      let stretch = stretches[index]
      let lower = max(range.lowerBound, stretch.start) - stretch.start
      let upper = min(range.upperBound, stretch.start + stretch.count) - stretch.start
      if let blob = stretch.blob {
        try append(blob, lower..<upper, to: &output)
      } else {
        output += literal[(stretch.literalStart + lower)..<(stretch.literalStart + upper)]
      }
      index += 1
    }
    return output
  }

  /// The stretch that the byte at `offset` is in, by bisection.
  private func firstStretch(at offset: Int) -> Int {
    var range = 0..<stretches.count
    while range.count > 1 {
      let middle = range.lowerBound + range.count / 2
      range =
        stretches[middle].start <= offset
        ? middle..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }

  /// Appends `range` of a blob, reading only the pods that hold some of it.
  private func append(
    _ blob: Blob, _ range: Range<Int>, to output: inout [UInt8]
  ) throws(StoreError) {
    var work = [(blob: blob, range: range)]
    while let (blob, range) = work.popLast() {
      switch try contents(of: blob) {
      case .data(let bytes): output += bytes[range]
      case .parts(let parts):
        var start = 0
        var needed: [(blob: Blob, range: Range<Int>)] = []
        for part in parts {
          let inPart = range.clamped(to: start..<(start + part.count))
          if !inPart.isEmpty {
            needed.append((part, (inPart.lowerBound - start)..<(inPart.upperBound - start)))
          }
          start += part.count
          if start >= range.upperBound { break }
        }
        work += needed.reversed()
      }
    }
  }

  private func contents(of blob: Blob) throws(StoreError) -> Blob.Contents {
    if let parts = cache.withLock({ $0.parts[blob.pod] }) { return .parts(parts) }
    let bytes = try store.bytes(of: blob.pod)
    let contents: Blob.Contents
    do { contents = try blob.contents(of: bytes) } catch { throw .badPickle(error) }
    if case .parts(let parts) = contents {
      cache.withLock { cache in
        if cache.entries > Cache.entryLimit { cache = Cache() }
        cache.parts[blob.pod] = parts
        cache.entries += parts.count
      }
    }
    return contents
  }
}

extension Store {
  /// Opens the file of a version for reading.
  public func open(_ version: Version) throws(StoreError) -> Content {
    let size = Int(version.summary.size)
    switch version.content.form {
    case .raw: return Content(Blob(count: size, pod: version.content.pod), in: self)
    case .pickle:
      let emission = try graph(of: version).emit(root: version.root)
      guard emission.count == size else {
        let reason = "it makes \(emission.count) bytes instead of \(size)"
        throw .badPickle(.badPod(version.content.pod, reason: reason))
      }
      return Content(emission, in: self)
    }
  }

  /// Opens one pickle of a tuple of the values of `versions`, which share what they share.
  ///
  /// The versions must be of one content, kept as a pickle.
  public func openTuple(of versions: [Version]) throws(StoreError) -> Content {
    precondition(Set(versions.map(\.content)).count == 1, "values of several contents")
    return Content(try graph(of: versions[0]).emit(tupleOf: versions.map(\.root)), in: self)
  }

  /// Returns the objects of the content of a version that is kept as a pickle.
  ///
  /// All roots of the content are there; ``Version/root`` says which one is the version's. Long
  /// strings and buffers are blobs, and stay unread.
  public func graph(of version: Version) throws(StoreError) -> ObjectGraph {
    let roots = try summaries(of: version.content)
    let limit = roots.reduce(1024) { $0 + Int(clamping: $1.size) }
    var decoder = PodDecoder(root: version.content.pod, limit: limit)
    while let id = decoder.wanted {
      let bytes = try bytes(of: id)
      do { try decoder.supply(bytes) } catch { throw .badPickle(error) }
    }
    guard version.root < decoder.graph.roots.count else {
      throw .badPickle(.badPod(version.content.pod, reason: "it has no root \(version.root)"))
    }
    return decoder.graph
  }

  /// Returns the bytes of a blob that a graph left unread.
  public func bytes(of blob: Blob) throws(StoreError) -> [UInt8] {
    try Content(blob, in: self).read(at: 0, count: blob.count)
  }
}
