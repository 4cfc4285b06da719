public import PodModel

extension Blob {
  /// Index pods have this many entries on average, and at most four times as many.
  private static let fanOut: UInt64 = 64

  /// Cuts `range` of `source` by content into data pods under index pods, and puts them.
  ///
  /// A border between index pods is where the name of a pod says so: an
  /// insertion changes the data pods it touches and one index pod a level.
  ///
  /// - Parameters:
  ///   - site: where the blob stands; see ``PodSite``.
  ///   - put: gets the canonical form of each index pod and its site; returns its name.
  ///   - putData: gets what each data pod holds; returns its name. The pod's canonical form is
  ///     ``PodFormat/dataKind`` and the bytes of the piece.
  public static func put<E>(
    _ source: ByteSource, _ range: Range<Int>, at site: PodSite,
    put: ([UInt8], PodSite) throws(E) -> PodID,
    putData: (Piece) throws(E) -> PodID
  ) throws(E) -> Blob {
    let cutter = ContentCutter(forCount: range.count)
    return try self.put(source, range, at: site) { start in
      cutter.end(of: source, from: start, to: range.upperBound)
    } put: { bytes, site throws(E) in
      try put(bytes, site)
    } putData: { piece throws(E) in
      try putData(piece)
    }
  }

  /// The same, for bytes that are cut elsewhere as a ``ContentCutter`` for so many would.
  ///
  /// - Parameters:
  ///   - known: gets where a stretch begins, and returns it if it was put before.
  ///   - cut: gets where any other begins, and returns where it ends.
  ///   - keep: gets all stretches, in order.
  public static func put<E>(
    _ source: ByteSource, _ range: Range<Int>, at site: PodSite,
    known: (Int) -> Stretch? = { _ in nil }, cut: (Int) -> Int, keep: (Stretch) -> Void = { _ in },
    put: ([UInt8], PodSite) throws(E) -> PodID,
    putData: (Piece) throws(E) -> PodID
  ) throws(E) -> Blob {
    var level: [Entry] = []
    var start = range.lowerBound
    var before = site
    repeat {
      let stretch: Stretch
      if let known = known(start) {
        stretch = known
      } else {
        let end = cut(start)
        let piece = Piece(
          source: source, range: start..<end,
          site: site.step(source.hash(max(start, end - 16)..<end)),
          siteAfterLast: before.step(0x0a))
        stretch = Stretch(from: start, to: end, of: source, pod: try putData(piece))
      }
      keep(stretch)
      before = site.step(stretch.ending)
      level.append(Entry(pod: stretch.pod, count: stretch.end - start, site: before))
      start = stretch.end
    } while start < range.upperBound
    while level.count > 1 { level = try putIndex(over: level, put: put) }
    return Blob(count: range.count, pod: level[0].pod)
  }

  /// The same, for data pods that are put like all others.
  public static func put<E>(
    _ source: ByteSource, _ range: Range<Int>, at site: PodSite = PodSite(),
    put: ([UInt8], PodSite) throws(E) -> PodID
  ) throws(E) -> Blob {
    try self.put(source, range, at: site, put: put) { piece throws(E) in
      var pod: [UInt8] = []
      pod.reserveCapacity(1 + piece.range.count)
      pod.append(PodFormat.dataKind)
      piece.source.append(piece.range, to: &pod)
      return try put(pod, piece.site)
    }
  }

  /// A stretch of a long run of bytes, for a data pod, where it stands in memory.
  public struct Piece {
    /// Where it is.
    public let source: ByteSource
    /// Which bytes it is of these.
    public let range: Range<Int>
    /// Its site, by what it ends with.
    public let site: PodSite
    /// Its site by what the piece before it ends with: where an edit begins, the end is new.
    public let siteAfterLast: PodSite
  }

  /// A data pod that was put, and where its bytes end.
  public struct Stretch: Sendable {
    /// Where they end, as the ranges of their source count.
    public let end: Int
    /// The pod.
    public let pod: PodID
    /// A hash of what they end with, for the site.
    fileprivate let ending: UInt64

    /// Notes that the bytes of `source` from `start` to `end` are in `pod`.
    public init(from start: Int, to end: Int, of source: ByteSource, pod: PodID) {
      self.end = end
      self.pod = pod
      ending = source.hash(max(start, end - 16)..<end)
    }

    /// Its sites in a blob that stands at `site`, behind the stretch `last`; see ``Piece``.
    public func sites(in site: PodSite, after last: Stretch?) -> [PodSite] {
      [site.step(ending), (last.map { site.step($0.ending) } ?? site).step(0x0a)]
    }
  }

  /// A pod of one level, and how many bytes hang from it.
  private struct Entry {
    let pod: PodID
    let count: Int
    let site: PodSite
  }

  private static func putIndex<E>(
    over level: [Entry], put: ([UInt8], PodSite) throws(E) -> PodID
  ) throws(E) -> [Entry] {
    var above: [Entry] = []
    var start = 0
    for index in level.indices {
      let length = index + 1 - start
      let isBorder = length >= 2 && level[index].pod.prefix % fanOut == 0
      guard isBorder || length == 4 * Int(fanOut) || index + 1 == level.count else { continue }
      let entries = level[start...index]
      start = index + 1
      // What is left alone behind the last border needs no index of its own.
      guard entries.count > 1 else {
        above += entries
        continue
      }
      var lengths: [UInt8] = []
      for entry in entries { lengths.append(varint: entry.count) }
      let pod = PodFormat.bytes(.index, children: entries.map(\.pod), rest: lengths)
      let site = level[index].site.step(0x1d)
      let count = entries.reduce(0) { $0 + $1.count }
      above.append(Entry(pod: try put(pod, site), count: count, site: site))
    }
    return above
  }

  /// What a pod of a blob holds: bytes, or the blobs below it.
  public enum Contents: Sendable {
    /// The bytes themselves.
    case data(ArraySlice<UInt8>)
    /// The stretches in order.
    case parts([Blob])
  }

  /// Reads the canonical bytes of the blob's own pod.
  ///
  /// - Throws: ``PickleError/badPod(_:reason:)`` if it is none, or holds another number of bytes.
  public func contents(of bytes: [UInt8]) throws(PickleError) -> Contents {
    let source = ByteSource(bytes)
    var opened = try PodFormat.open(source, named: pod)
    switch opened.kind {
    case .data:
      guard bytes.count - 1 == count else { throw .badPod(pod, reason: "a wrong length") }
      return .data(bytes.dropFirst())
    case .index:
      do throws(PickleError) {
        var parts: [Blob] = []
        var rest = count
        for child in opened.children {
          let length = try opened.reader.varint()
          guard length > 0, length <= rest else {
            throw PickleError.badPod(pod, reason: "a wrong length")
          }
          rest -= length
          parts.append(Blob(count: length, pod: child))
        }
        guard rest == 0, parts.count > 1, opened.reader.remaining == 0 else {
          throw PickleError.badPod(pod, reason: "a wrong length")
        }
        return .parts(parts)
      } catch { throw error.inPod(pod) }
    default: throw .badPod(pod, reason: "objects where bytes should be")
    }
  }
}
