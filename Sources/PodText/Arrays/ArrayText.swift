import PodPickle

/// The elements of a numpy array as text.
///
/// Arrays have an element a line, those with a short last dimension a line for
/// each run of it, so that `diff` shows what changed and no more.
struct ArrayText {
  /// The most elements on a line.
  private static let rowLimit = 16

  private let bytes: [UInt8]
  private let array: ArrayDescription
  private let width: Int

  /// Says whether `array` is of a kind that is rendered here, and has so many bytes.
  static func accepts(_ array: ArrayDescription, byteCount: Int) -> Bool {
    let sizes: [Character: Set<Int>] = [
      "f": [2, 4, 8], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "b": [1], "c": [8, 16],
    ]
    guard let kind = array.code.first, let width = Int(array.code.dropFirst()),
      sizes[kind]?.contains(width) ?? false, array.shape.allSatisfy({ $0 >= 0 })
    else { return false }
    var count = width
    for length in array.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(length))
      guard !overflow else { return false }
      count = product
    }
    return count == byteCount
  }

  /// Takes the elements of `array`, or fails if it is not accepted.
  init?(_ array: ArrayDescription, bytes: [UInt8]) {
    guard Self.accepts(array, byteCount: bytes.count), let width = Int(array.code.dropFirst())
    else { return nil }
    self.array = array
    self.bytes = bytes
    self.width = width
  }

  /// Appends the elements as lines, each with so many spaces before it.
  func append(to output: inout TextOutput, indentation: Int) {
    let shape = array.shape.map { Int($0) }
    let last = shape.last ?? 1
    let rowLength = shape.count > 1 && last <= Self.rowLimit ? last : 1
    let total = bytes.count / max(width, 1)
    guard total > 0, rowLength > 0 else { return }
    for row in 0..<(total / rowLength) {
      output.bytes += repeatElement(UInt8(ascii: " "), count: indentation)
      for column in 0..<rowLength {
        if column > 0 { output.bytes += ", ".utf8 }
        output.bytes += element(at: memoryIndex(row * rowLength + column, shape))
      }
      output.endLine()
    }
  }

  /// Where the element with the index `index` in row order stands in memory.
  private func memoryIndex(_ index: Int, _ shape: [Int]) -> Int {
    guard array.isFortranOrder else { return index }
    var rest = index
    var place = 0
    var coordinates = [Int](repeating: 0, count: shape.count)
    for axis in shape.indices.reversed() {
      coordinates[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    for axis in shape.indices.reversed() { place = place * shape[axis] + coordinates[axis] }
    return place
  }

  private func element(at index: Int) -> [UInt8] {
    let start = index * width
    switch array.code.first {
    case "b": return Array((bytes[start] != 0 ? "True" : "False").utf8)
    case "i": return Array(String(signed(word(start, width), width)).utf8)
    case "u": return Array(String(word(start, width)).utf8)
    case "c":
      let real = float(start, width / 2).description
      let imaginary = float(start + width / 2, width / 2)
      let sign = imaginary.sign == .minus ? "" : "+"
      return Array("\(real)\(sign)\(imaginary.description)j".utf8)
    default: return Array(floatText(start).utf8)
    }
  }

  private func word(_ start: Int, _ width: Int) -> UInt64 {
    let slice = bytes[start..<(start + width)]
    return array.isBigEndian
      ? slice.reduce(0) { $0 << 8 | UInt64($1) }
      : slice.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func signed(_ word: UInt64, _ width: Int) -> Int64 {
    let shift = UInt64(64 - 8 * width)
    return Int64(bitPattern: word << shift) >> Int64(shift)
  }

  private func float(_ start: Int, _ width: Int) -> Double {
    switch width {
    case 8: Double(bitPattern: word(start, 8))
    case 4: Double(Float(bitPattern: UInt32(word(start, 4))))
    default: Double(half(UInt16(word(start, 2))))
    }
  }

  /// A shorter type has a shorter text: 0.1 of 32 bits is not 0.10000000149011612.
  private func floatText(_ start: Int) -> String {
    switch width {
    case 4: Float(bitPattern: UInt32(word(start, 4))).description
    default: float(start, width).description
    }
  }

  private func half(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 31)
    let fraction = Float(bits & 1023) / 1024
    switch exponent {
    case 0: return sign * fraction * 0x1p-14
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * (1 + fraction) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}
