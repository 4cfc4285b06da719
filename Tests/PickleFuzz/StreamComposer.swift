import PodTesting

/// Composes pickles of valid opcodes in random order.
///
/// It knows how many values are on the stack and in the memo, so that most of what it makes can be
/// scanned to the end: the objects share, contain and entangle each other as no program would.
struct StreamComposer {
  private enum Shape {
    case atom, text, tuple, list, dict, set, global, made, other
  }

  private var bytes: [UInt8] = [0x80, 5, 0x28]
  private var stack: [Shape] = []
  private var memo: [Shape] = []

  /// Returns a pickle of `steps` steps, all whose values end up in one tuple.
  static func compose(steps: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    var composer = StreamComposer()
    for _ in 0..<steps { composer.step(&generator) }
    return composer.bytes + [0x74, 0x2e]
  }

  private mutating func push(_ shape: Shape, _ opcodes: [UInt8]) {
    bytes += opcodes
    stack.append(shape)
    // All but atoms go into the memo, so that they can be met again.
    guard shape != .atom else { return }
    bytes.append(0x94)
    memo.append(shape)
  }

  private mutating func step(_ generator: inout SeededGenerator) {
    switch Int.random(in: 0..<20, using: &generator) {
    case 0, 1: pushAtom(&generator)
    case 2: pushText(&generator)
    case 3: push(.list, [0x5d])
    case 4: push(.dict, [0x7d])
    case 5: push(.set, [0x8f])
    case 6, 7, 8: fetch(&generator)
    case 9, 10: pushTuple(&generator)
    case 11, 12, 13: extend(&generator)
    case 14: pushMade(&generator)
    case 15, 16: build(&generator)
    case 17: pushCollected(&generator)
    case 18: drop(&generator)
    default: pushRare(&generator)
    }
  }

  private mutating func pushAtom(_ generator: inout SeededGenerator) {
    let byte = UInt8.random(in: 0...255, using: &generator)
    let choices: [[UInt8]] = [
      [0x4e], [0x88], [0x89], [0x4b, byte], [0x4d, byte, byte], [0x4a, byte, 0, byte, 0],
      [0x47, byte, 0, 0, 0, 0, 0, 0, byte], [0x8a, 3, byte, 1, byte], [0x49, 0x37, 0x0a],
    ]
    push(.atom, choices.randomElement(using: &generator) ?? [])
  }

  private mutating func pushText(_ generator: inout SeededGenerator) {
    let long = Int.random(in: 0..<40, using: &generator) == 0
    let count = long ? Int.random(in: 256...9000, using: &generator) : Int(generator.next() % 12)
    let letter = UInt8.random(in: 0x61...0x7a, using: &generator)
    let text = [UInt8](repeating: letter, count: count)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    switch Int.random(in: 0..<4, using: &generator) {
    case 0 where !long: push(.text, [0x8c, UInt8(count)] + text)
    case 1 where !long: push(.text, [0x43, UInt8(count)] + text)
    case 2: push(.other, [0x96] + length + text)
    default: push(.text, [0x58] + length[..<4] + text)
    }
  }

  private mutating func fetch(_ generator: inout SeededGenerator) {
    guard let index = memo.indices.randomElement(using: &generator) else { return }
    bytes += [0x6a] + (0..<4).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) }
    stack.append(memo[index])
  }

  private mutating func pushTuple(_ generator: inout SeededGenerator) {
    let count = Int.random(in: 0...3, using: &generator)
    guard stack.count >= count else { return }
    stack.removeLast(count)
    push(.tuple, [[0x29], [0x85], [0x86], [0x87]][count])
  }

  /// Gives the topmost values to a container below them.
  private mutating func extend(_ generator: inout SeededGenerator) {
    guard stack.count >= 2 else { return }
    switch (stack[stack.count - 2], stack.dropLast(2).last) {
    case (.list, _), (.made, _):
      stack.removeLast()
      bytes.append(0x61)
    case (_, .dict), (_, .made):
      stack.removeLast(2)
      bytes.append(0x73)
    case (.set, _):
      stack.removeLast()
      // A mark can't be put below what is there: add None instead.
      bytes += [0x30, 0x28, 0x4e, 0x90]
    default: fetch(&generator)
    }
  }

  private mutating func pushMade(_ generator: inout SeededGenerator) {
    guard let top = stack.last, top == .tuple, stack.count >= 2 else {
      let name = ["_frombuffer", "_reconstruct", "deque", "_make_function", "Point", "dtype"]
      let module = ["numpy", "builtins", "collections", "cloudpickle.cloudpickle", "zoo"]
      pushGlobal(
        module.randomElement(using: &generator) ?? "", name.randomElement(using: &generator) ?? "")
      return
    }
    stack.removeLast(2)
    push(.made, [Bool.random(using: &generator) ? 0x52 : 0x81])
  }

  private mutating func pushGlobal(_ module: String, _ name: String) {
    bytes += [0x8c, UInt8(module.utf8.count)] + module.utf8
    bytes += [0x8c, UInt8(name.utf8.count)] + name.utf8
    push(.global, [0x93])
  }

  private mutating func build(_ generator: inout SeededGenerator) {
    guard stack.count >= 2, stack[stack.count - 2] == .made else {
      fetch(&generator)
      return
    }
    stack.removeLast()
    bytes.append(0x62)
  }

  /// A container of what comes between a mark and its end.
  private mutating func pushCollected(_ generator: inout SeededGenerator) {
    let end: (Shape, UInt8) =
      [(.tuple, 0x74), (.list, 0x6c), (.dict, 0x64), (.other, 0x91)]
      .randomElement(using: &generator) ?? (.tuple, 0x74)
    let opening: [UInt8] = [0x28]
    bytes += opening
    let outer = stack
    stack = []
    for _ in 0..<(2 * Int.random(in: 0...40, using: &generator)) {
      if Bool.random(using: &generator) { pushAtom(&generator) } else { fetch(&generator) }
    }
    if end.1 == 0x64, stack.count % 2 == 1 { pushAtom(&generator) }
    stack = outer
    push(end.0, [end.1])
  }

  private mutating func drop(_ generator: inout SeededGenerator) {
    guard stack.popLast() != nil else { return }
    bytes.append(0x30)
  }

  private mutating func pushRare(_ generator: inout SeededGenerator) {
    switch Int.random(in: 0..<5, using: &generator) {
    case 0 where !stack.isEmpty && stack.last != .other:
      stack.removeLast()
      push(.other, [0x51])
    case 1:
      guard let top = stack.last else { return }
      bytes.append(0x32)
      stack.append(top)
    case 2: push(.atom, [0x82, UInt8.random(in: 1...255, using: &generator)])
    case 3: push(.text, [0x55, 2, 0x61, 0x62])
    default: push(.text, [0x56, 0x78, 0x0a])
    }
  }
}
