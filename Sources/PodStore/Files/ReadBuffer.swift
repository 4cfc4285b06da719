/// Memory that bytes are read into, from its beginning on.
@safe public struct ReadBuffer: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer
  /// The number of bytes that were read.
  public private(set) var count = 0

  private init(over memory: UnsafeMutableRawBufferPointer) { unsafe self.memory = memory }

  /// Returns what `body` reads, which is up to `capacity` bytes.
  public static func bytes<E>(
    capacity: Int, _ body: (inout ReadBuffer) throws(E) -> Void
  ) throws(E) -> [UInt8] {
    var failure: E?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
      var buffer = unsafe ReadBuffer(over: UnsafeMutableRawBufferPointer(memory))
      do throws(E) { try body(&buffer) } catch { failure = error }
      count = buffer.count
    }
    if let failure { throw failure }
    return bytes
  }

  /// Has `body` read into `memory`, which can be used again: it needs no new pages then.
  public static func fill<E>(
    _ memory: inout [UInt8], _ body: (inout ReadBuffer) throws(E) -> Void
  ) throws(E) {
    var failure: E?
    unsafe memory.withUnsafeMutableBytes { memory in
      var buffer = unsafe ReadBuffer(over: memory)
      do throws(E) { try body(&buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Forgets the bytes behind the first `count`.
  public mutating func cut(to count: Int) { self.count = min(self.count, count) }

  /// Runs `body` on the bytes.
  public func withBytes(_ body: (Span<UInt8>) -> Void) {
    unsafe body(Span(_unsafeBytes: UnsafeRawBufferPointer(rebasing: memory[..<count])))
  }

  /// Appends bytes, for which there must be room.
  public mutating func append(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...])
        .copyMemory(from: UnsafeRawBufferPointer(bytes))
    }
    count += bytes.count
  }

  /// Appends what `fill` writes into room for `limit` bytes; it returns how many there are.
  public mutating func append<E>(
    upTo limit: Int, _ fill: (inout MutableRawSpan) throws(E) -> Int
  ) throws(E) {
    let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count..<(count + limit)])
    var span = unsafe MutableRawSpan(_unsafeBytes: rest)
    count += min(limit, try fill(&span))
  }

  /// Appends all but the first of the `total` bytes that `fill` writes, if it returns true.
  ///
  /// They are written where they are to stand, over the byte before, which is put back.
  mutating func appendRest<E>(
    of total: Int, _ fill: (inout MutableRawSpan) throws(E) -> Bool
  ) throws(E) -> Bool {
    guard count > 0 else {
      let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: total, alignment: 16)
      defer { unsafe whole.deallocate() }
      var span = unsafe MutableRawSpan(_unsafeBytes: whole)
      guard try fill(&span) else { return false }
      unsafe append(Span(_unsafeBytes: UnsafeRawBufferPointer(rebasing: whole[1...])))
      return true
    }
    let start = count - 1
    let before = unsafe memory[start]
    defer { unsafe memory[start] = before }
    var span = unsafe MutableRawSpan(
      _unsafeBytes: UnsafeMutableRawBufferPointer(rebasing: memory[start..<(start + total)]))
    guard try fill(&span) else { return false }
    count = start + total
    return true
  }
}
