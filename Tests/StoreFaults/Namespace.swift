import PodModel
import PodPickle
import PodStore
import PodTesting

/// Writes the variables of a namespace as one pickler does, with one memo for all.
struct NamespacePickler {
  private var memo: [String: Int] = [:]
  private var memoized = 0

  /// A value.
  indirect enum Value {
    case integer(Int)
    case text(String)
    case bytes([UInt8])
    /// A buffer that stays outside of the stream.
    case buffer([UInt8])
    case list([Value])
    /// A list that is one object wherever this name of it stands.
    case shared(String, [Value])
  }

  /// Pickles one variable.
  mutating func variable(_ name: VariableName, _ value: Value) -> CapturedVariable {
    var stream: [UInt8] = [0x80, 5]
    var buffers: [ByteSource] = []
    append(value, to: &stream, &buffers)
    stream.append(UInt8(ascii: "."))
    return CapturedVariable(
      name: name, part: ObjectGraph.Part(stream: ByteSource(stream), buffers: buffers))
  }

  private mutating func append(
    _ value: Value, to stream: inout [UInt8], _ buffers: inout [ByteSource]
  ) {
    switch value {
    case .integer(let number): stream += [UInt8(ascii: "J")] + Self.word(number)
    case .text(let text):
      stream += [UInt8(ascii: "X")] + Self.word(text.utf8.count) + text.utf8
      memoize(&stream)
    case .bytes(let bytes):
      stream += [UInt8(ascii: "B")] + Self.word(bytes.count) + bytes
      memoize(&stream)
    case .buffer(let bytes):
      stream.append(0x97)
      buffers.append(ByteSource(bytes))
    case .list(let items): append(items, to: &stream, &buffers)
    case .shared(let name, let items):
      if let number = memo[name] {
        stream += [UInt8(ascii: "j")] + Self.word(number)
      } else {
        memo[name] = memoized
        append(items, to: &stream, &buffers)
      }
    }
  }

  private mutating func append(
    _ items: [Value], to stream: inout [UInt8], _ buffers: inout [ByteSource]
  ) {
    stream.append(UInt8(ascii: "]"))
    memoize(&stream)
    stream.append(UInt8(ascii: "("))
    for item in items { append(item, to: &stream, &buffers) }
    stream.append(UInt8(ascii: "e"))
  }

  private mutating func memoize(_ stream: inout [UInt8]) {
    stream.append(0x94)
    memoized += 1
  }

  private static func word(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

/// The values that the workload saves: a variable changes now and then, and comes back to what it
/// was.
struct Namespace {
  let seed: UInt64

  /// Pickles the whole namespace as it is at a step of the workload.
  func variables(at step: Int) throws(StoreError) -> [CapturedVariable] {
    var pickler = NamespacePickler()
    var variables: [CapturedVariable] = []
    for name in ["array", "numbers", "texts", "noise", "tiny", "shared", "alias"] {
      // Without it the next one that shares its objects defines them.
      if roll(name, step / 4) % 6 == 0 { continue }
      variables.append(pickler.variable(try Workload.variable(name), value(name, at: step)))
    }
    return variables
  }

  private func random(_ name: String, _ number: Int) -> SeededGenerator {
    let text = name.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) }
    var mixer = SeededGenerator(seed: text ^ UInt64(number) &* 0xD134_2543_DE82_EF95)
    return SeededGenerator(seed: mixer.next())
  }

  private func roll(_ name: String, _ number: Int) -> UInt64 {
    var random = random(name, number)
    return random.next()
  }

  /// The last step, up to this one, in which the variable changed, of which there are not many.
  private func variant(_ name: String, at step: Int) -> Int {
    var step = step
    while step > 0, roll(name, step) % 3 != 0 { step -= 1 }
    return step % 7
  }

  private func value(_ name: String, at step: Int) -> NamespacePickler.Value {
    var random = random(name, 1000 + variant(name, at: step))
    switch name {
    case "array":
      var bytes = Self.noise(70_000, SeededGenerator(seed: seed))
      let start = Int.random(in: 0..<60_000, using: &random)
      bytes.replaceSubrange(start..<(start + 3000), with: Self.noise(3000, random))
      return .buffer(bytes)
    case "numbers":
      var numbers = Array(0..<1500)
      for _ in 0..<3 {
        numbers[Int.random(in: 0..<1500, using: &random)] = Int(random.next() >> 40)
      }
      return .list(numbers.map { .integer($0) })
    case "texts":
      let changed = Int.random(in: 0..<200, using: &random)
      return .list((0..<200).map { .text("row \($0) \($0 == changed ? random.next() : 7)") })
    case "noise": return .bytes(Self.noise(Int.random(in: 1...12_000, using: &random), random))
    case "tiny": return .integer(Int(random.next() >> 40))
    case "shared": return .shared("s", sharedItems(at: step))
    default:
      return .list([.shared("s", sharedItems(at: step)), .integer(Int(random.next() >> 40))])
    }
  }

  private func sharedItems(at step: Int) -> [NamespacePickler.Value] {
    let number = variant("shared", at: step)
    return (0..<100).map { .text("item \($0) of \(number)") }
  }

  /// Bytes that nothing compresses.
  static func noise(_ count: Int, _ random: SeededGenerator) -> [UInt8] {
    var random = random
    let words = (0..<(count + 7) / 8).map { _ in random.next() }
    return unsafe words.withUnsafeBytes { unsafe Array($0.prefix(count)) }
  }
}
