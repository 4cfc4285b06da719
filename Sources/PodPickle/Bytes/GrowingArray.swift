/// Values that are appended by the million, in memory that grows in place.
///
/// Unlike an `Array` it does not look at each change whether a copy shares its
/// memory, which costs more than most opcodes of a pickle. So it has one
/// builder, and is copied only when it is complete: a copy may show what is
/// changed later. Every access is checked against ``count``.
///
/// It is two words, because a graph of more than fifteen is copied in memory
/// wherever one of its methods is called.
@safe struct GrowingArray<Element: BitwiseCopyable> {
  private var memory: ReservedMemory

  /// The number of values.
  private(set) var count = 0

  private var base: UnsafeMutablePointer<Element> {
    @inline(__always) get { unsafe memory.base.assumingMemoryBound(to: Element.self) }
  }

  private var capacity: Int {
    @inline(__always) get { unsafe memory.capacity }
  }

  /// Creates an array with memory for about `expected` values, which costs nothing until it is used.
  init(expecting expected: Int = 0) {
    memory = ReservedMemory(byteCount: expected * MemoryLayout<Element>.stride, least: 0)
    memory.use(0, MemoryLayout<Element>.stride)
  }

  /// Creates an array of `count` times `value`.
  init(repeating value: Element, count: Int) {
    self.init(expecting: count)
    append(repeating: value, count: count)
  }

  /// Creates an array of `count` zeros, which cost nothing until they are used.
  init(zeros count: Int) where Element: FixedWidthInteger {
    self.init(expecting: count)
    let byteCount = count * MemoryLayout<Element>.stride
    if byteCount > memory.byteCount { grow(by: count) }
    memory.prepareZeros(byteCount)
    memory.use(byteCount, MemoryLayout<Element>.stride)
    self.count = count
  }

  var isEmpty: Bool { count == 0 }

  /// The number of bytes of memory in use: where more is reserved, a page more at most.
  var footprint: Int {
    min(capacity * MemoryLayout<Element>.stride, count * MemoryLayout<Element>.stride + 4096)
  }

  var indices: Range<Int> { 0..<count }

  var last: Element? { count > 0 ? unsafe base[count - 1] : nil }

  subscript(index: Int) -> Element {
    @inline(__always) get {
      precondition(index >= 0 && index < count, "beyond the end of an array")
      return unsafe base[index]
    }
    @inline(__always) _modify {
      precondition(index >= 0 && index < count, "beyond the end of an array")
      yield unsafe &base[index]
    }
  }

  @inline(__always)
  mutating func append(_ value: Element) {
    if count == capacity { grow(by: 1) }
    unsafe base[count] = value
    count += 1
  }

  mutating func append(repeating value: Element, count added: Int) {
    if added > capacity - count { grow(by: added) }
    unsafe (base + count).update(repeating: value, count: added)
    count += added
  }

  mutating func append(contentsOf values: some Collection<Element>) {
    if values.count > capacity - count { grow(by: values.count) }
    for value in values { append(value) }
  }

  /// Moves the values of `other` from `start` on to the end of this array.
  ///
  /// One by one: mostly they are few.
  @inline(__always)
  mutating func append(takingFrom other: inout GrowingArray, from start: Int) {
    precondition(start >= 0 && start <= other.count, "beyond the end of an array")
    let added = other.count - start
    if added > capacity - count { grow(by: added) }
    for index in 0..<added { unsafe base[count + index] = other.base[start + index] }
    count += added
    other.count = start
  }

  /// Appends `added` values that `write` puts in their place.
  @unsafe @inline(__always)
  mutating func append(count added: Int, _ write: (UnsafeMutablePointer<Element>) -> Void) {
    if added > capacity - count { grow(by: added) }
    unsafe write(base + count)
    count += added
  }

  /// Where the values are, until the array grows or is released.
  @unsafe var pointer: UnsafePointer<Element> { unsafe UnsafePointer(base) }

  @inline(__always)
  mutating func popLast() -> Element? {
    guard count > 0 else { return nil }
    count -= 1
    return unsafe base[count]
  }

  mutating func removeLast(_ removed: Int = 1) {
    precondition(removed >= 0 && removed <= count, "beyond the end of an array")
    count -= removed
  }

  mutating func removeAll() { count = 0 }

  @inline(never)
  private mutating func grow(by added: Int) {
    let stride = MemoryLayout<Element>.stride
    let needed = (count + added) * stride
    if needed > memory.byteCount {
      let larger = ReservedMemory(byteCount: max(needed, 2 * memory.byteCount), least: needed)
      unsafe larger.base.copyMemory(from: memory.base, byteCount: count * stride)
      memory = larger
    }
    memory.use(needed, stride)
  }
}
