import PodTesting

/// Pickles that are small and would grow, if they were written or shown without care.
enum Monsters {
  /// Returns one with about `size` steps.
  static func make(size: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    let builders = [
      deep, doubledTuples, entangled, builds, sharedText, persistentChain, sharedArguments,
      sharedNumber, scatteredMemo, alternating, wideSet, dimensions, sharedKeys, pops,
    ]
    let build = builders.randomElement(using: &generator) ?? deep
    let body = build(size, &generator)
    return [0x80, 5] + body + [0x2e]
  }

  private typealias Generator = SeededGenerator

  private static func fetch(_ index: Int) -> [UInt8] {
    [0x6a] + little(index, 4)
  }

  private static func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func repeated(_ count: Int, _ unit: (Int) -> [UInt8]) -> [UInt8] {
    (0..<count).flatMap(unit)
  }

  private static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  /// Lists, tuples, sets or calls in each other.
  private static func deep(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      return repeated(size) { _ in [0x5d] } + [0x4e] + repeated(size) { _ in [0x61] }
    case 1: return [0x29] + repeated(size) { _ in [0x85] }
    case 2:
      return global("zoo", "f") + [0x71, 0, 0x29] + repeated(size) { _ in [0x85, 0x68, 0, 0x29] }
        + repeated(size) { _ in [0x86, 0x86] }
    default:
      return repeated(size) { _ in [0x7d, 0x4e] } + [0x4e] + repeated(size) { _ in [0x73] }
    }
  }

  /// Tuples of the tuple before, twice: 2^n ways to the first.
  private static func doubledTuples(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    [0x5d] + repeated(size) { _ in [0x32, 0x86] }
  }

  /// A tuple of lists that all hold the tuple.
  private static func entangled(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    [0x28] + repeated(size) { _ in [0x5d, 0x94] } + [0x74, 0x94]
      + repeated(size) { fetch($0) + fetch(size) + [0x61, 0x30] }
  }

  /// One object that is given a state again and again.
  private static func builds(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    global("zoo", "f") + [0x29, 0x52] + repeated(size) { _ in [0x4e, 0x62] }
  }

  /// A set or list that meets one long text many times.
  private static func sharedText(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    let isSet = Bool.random(using: &generator)
    let text = [0x58] + little(size, 4) + [UInt8](repeating: 1, count: size) + [0x71, 0, 0x30]
    return text + (isSet ? [0x8f] : [0x5d]) + [0x28] + repeated(size) { _ in [0x68, 0] }
      + (isSet ? [0x90] : [0x65])
  }

  private static func persistentChain(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    [0x4e] + repeated(size) { _ in [0x51] } + [0x71, 0, 0x30, 0x28]
      + repeated(size) { _ in [0x68, 0] } + [0x74]
  }

  /// Calls that share one long tuple of arguments.
  private static func sharedArguments(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    let makers = [
      global("cloudpickle.cloudpickle", "_make_function"), global("numpy", "_frombuffer"),
      global("numpy", "_reconstruct"), global("zoo", "f"),
    ]
    return (makers.randomElement(using: &generator) ?? []) + [0x71, 0, 0x30, 0x28]
      + repeated(size) { _ in [0x4e] } + [0x74, 0x71, 1, 0x30, 0x28]
      + repeated(size) { _ in [0x68, 0, 0x68, 1, 0x52] } + [0x74]
  }

  /// One long integer, met many times.
  private static func sharedNumber(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    [0x8b] + little(size, 4) + [UInt8](repeating: 0x55, count: size) + [0x71, 0, 0x30, 0x28]
      + repeated(size) { _ in [0x68, 0] } + [0x74]
  }

  private static func scatteredMemo(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    [0x28]
      + repeated(size) { index in
        [0x5d, 0x72] + little(index &* 0x9E37_79B1, 4)
      } + [0x74]
  }

  /// Items for many lists by turns.
  private static func alternating(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    let lists = min(200, size)
    return [0x28] + repeated(lists) { [0x5d, 0x71, UInt8($0)] } + [0x74, 0x28, 0x32, 0x30]
      + repeated(size) { [0x68, UInt8($0 % lists), 0x4b, UInt8($0 % 256), 0x61, 0x30] }
      + [0x31]
  }

  /// A set of many tuples of eight tuples of eight long texts.
  private static func wideSet(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    let text = [0x58] + little(4096, 4) + [UInt8](repeating: 0x61, count: 4096) + [0x71, 0, 0x30]
    let eight = [0x28] + repeated(8) { _ in [0x68, 0] } + [0x74, 0x71, 1, 0x30]
    let both = [0x28] + repeated(8) { _ in [0x68, 1] } + [0x74, 0x71, 2, 0x30]
    return text + eight + both + [0x8f, 0x28] + repeated(size) { _ in [0x68, 2] } + [0x90]
  }

  /// An array of many dimensions of one, and some elements.
  private static func dimensions(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    let dtype =
      global("numpy", "dtype") + [0x8c, 2, 0x66, 0x38, 0x89, 0x88, 0x87, 0x52, 0x28, 0x4b, 3]
      + [0x8c, 1, 0x3c, 0x74, 0x62]
    let count = min(size, 200)
    return global("numpy", "_frombuffer") + [0x28, 0x96] + little(8 * count, 8)
      + [UInt8](repeating: 0x40, count: 8 * count) + dtype + [0x28]
      + repeated(size) { _ in [0x4b, 1] } + [0x4b, UInt8(count)] + [0x74, 0x8c, 1, 0x46]
      + [0x74, 0x52]
  }

  /// A dict with one key of a kilobyte over and over.
  private static func sharedKeys(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    let key: [UInt8] =
      Bool.random(using: &generator)
      ? [0x8b] + little(1000, 4) + [UInt8](repeating: 0x55, count: 1000)
      : [0x58] + little(1000, 4) + [UInt8](repeating: 1, count: 1000)
    return key + [0x71, 0, 0x30, 0x7d, 0x28] + repeated(size) { _ in [0x68, 0, 0x4e] } + [0x75]
  }

  /// A call with many arguments that is fetched and dropped.
  private static func pops(_ size: Int, _ generator: inout Generator) -> [UInt8] {
    global("zoo", "f") + [0x28] + repeated(size) { _ in [0x4e] } + [0x74, 0x52, 0x71, 0]
      + repeated(size) { _ in [0x68, 0, 0x30] }
  }
}
