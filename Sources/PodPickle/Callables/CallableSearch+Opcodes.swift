extension CallableSearch {
  /// Runs the opcodes of one pickle; false if there is none, or it breaks off.
  mutating func pickle() throws(Failure) -> Bool {
    begin()
    while let opcode = try window.byte() {
      if opcode == Opcode.stop { return pop() != nil }
      guard try run(opcode) else { return false }
    }
    return false
  }

  /// Runs one opcode; false where unpickling fails.
  private mutating func run(_ opcode: UInt8) throws(Failure) -> Bool {
    switch opcode {
    case Opcode.none, Opcode.newTrue, Opcode.newFalse, Opcode.emptyDict, Opcode.emptyList,
      Opcode.emptySet, Opcode.nextBuffer:
      push(.other)
    case Opcode.binInt1: return try skip(1)
    case Opcode.binInt2: return try skip(2)
    case Opcode.binInt: return try skip(4)
    case Opcode.binFloat: return try skip(8)
    case Opcode.long1: return try skipSized(1)
    case Opcode.long4: return try skipSized(4)
    case Opcode.shortBinUnicode: return try pushText(1)
    case Opcode.binUnicode: return try pushText(4)
    case Opcode.binUnicode8: return try pushText(8)
    // Text in Python 3, unless it is told to take them for bytes.
    case Opcode.shortBinString: return try pushText(1)
    case Opcode.binString: return try pushText(4)
    case Opcode.shortBinBytes: return try skipSized(1)
    case Opcode.binBytes: return try skipSized(4)
    case Opcode.binBytes8, Opcode.byteArray8: return try skipSized(8)
    case Opcode.readOnlyBuffer: break
    case Opcode.mark: mark()
    case Opcode.pop: return drop()
    case Opcode.popMark: return popMark() != nil
    case Opcode.dup:
      guard let top else { return false }
      push(top)
    case Opcode.memoize: return memoize()
    case Opcode.binGet, Opcode.longBinGet, Opcode.get, Opcode.binPut, Opcode.longBinPut,
      Opcode.put:
      return try runMemo(opcode)
    default: return try runObjects(opcode)
    }
    return true
  }

  private mutating func runMemo(_ opcode: UInt8) throws(Failure) -> Bool {
    let index: UInt32?
    switch opcode {
    case Opcode.binGet, Opcode.binPut: index = try window.byte().map { UInt32($0) }
    case Opcode.longBinGet, Opcode.longBinPut:
      index = try window.integer(width: 4).map { UInt32(truncatingIfNeeded: $0) }
    default:
      index = try line().flatMap { UInt32(String(decoding: $0, as: UTF8.self).trimmedDigits) }
    }
    guard let index else { return false }
    switch opcode {
    case Opcode.binGet, Opcode.longBinGet, Opcode.get: return fetch(index)
    default: return remember(at: index)
    }
  }

  private mutating func runObjects(_ opcode: UInt8) throws(Failure) -> Bool {
    switch opcode {
    case Opcode.emptyTuple: push(.tuple([]))
    case Opcode.tuple1: return pushTuple(count: 1)
    case Opcode.tuple2: return pushTuple(count: 2)
    case Opcode.tuple3: return pushTuple(count: 3)
    case Opcode.tuple:
      guard let values = popMark() else { return false }
      pushTuple(values[...])
    case Opcode.list, Opcode.dict, Opcode.frozenSet:
      guard popMark() != nil else { return false }
      push(.other)
    case Opcode.append: return change(taking: 1)
    case Opcode.setItem: return change(taking: 2)
    case Opcode.build: return change(taking: 1)
    case Opcode.appends, Opcode.setItems, Opcode.addItems:
      guard popMark() != nil else { return false }
      change(top)
    default: return try runCalls(opcode)
    }
    return true
  }

  private mutating func change(taking count: Int) -> Bool {
    for _ in 0..<count where pop() == nil { return false }
    guard let top else { return false }
    change(top)
    return true
  }

  private mutating func runCalls(_ opcode: UInt8) throws(Failure) -> Bool {
    switch opcode {
    case Opcode.stackGlobal:
      guard let name = pop(), let module = pop() else { return false }
      pushGlobal(module: module, name: name)
    case Opcode.global:
      guard let module = try line(), let name = try line() else { return false }
      pushGlobal(module: Self.name(module), name: Self.name(name))
    case Opcode.reduce, Opcode.newObject:
      guard let arguments = pop(), let callee = pop() else { return false }
      push(call(callee, Self.elements(arguments)))
    case Opcode.newObjectEx:
      guard pop() != nil, let arguments = pop(), let callee = pop() else { return false }
      push(call(callee, Self.elements(arguments)))
    case Opcode.instance:
      guard let arguments = popMark(), let module = try line(), let name = try line() else {
        return false
      }
      pushGlobal(module: Self.name(module), name: Self.name(name))
      guard let callee = pop() else { return false }
      push(call(callee, arguments))
    case Opcode.object:
      guard let values = popMark(), let callee = values.first else { return false }
      push(call(callee, Array(values.dropFirst())))
    default: return try runRare(opcode)
    }
    return true
  }

  private mutating func runRare(_ opcode: UInt8) throws(Failure) -> Bool {
    switch opcode {
    case Opcode.proto:
      guard let version = try window.byte() else { return false }
      return version <= 5
    case Opcode.frame: return try window.integer(width: 8) != nil
    case Opcode.extension1: return try pushExtension(1)
    case Opcode.extension2: return try pushExtension(2)
    case Opcode.extension4: return try pushExtension(4)
    case Opcode.persistentID:
      guard try line() != nil else { return false }
      pushPersistent()
    case Opcode.binPersistentID:
      guard pop() != nil else { return false }
      pushPersistent()
    case Opcode.int, Opcode.long, Opcode.float:
      guard let line = try line(),
        line.contains(where: { (0x30...0x39).contains($0) }) || opcode == Opcode.float
      else { return false }
      push(.other)
    case Opcode.string:
      guard let line = try line(), line.count >= 2 else { return false }
      push(Self.name(PickleEscapes.string(Array(line.dropFirst().dropLast()))))
    case Opcode.unicode:
      guard let line = try line() else { return false }
      push(Self.name(PickleEscapes.unicode(line)))
    default: return false
    }
    return true
  }

  /// What an extension code means is known to the process that loads it alone.
  private mutating func pushExtension(_ width: Int) throws(Failure) -> Bool {
    guard let code = try window.integer(width: width) else { return false }
    push(.named(found.add("<extension code \(code) of copyreg>", .unknown)))
    return true
  }

  private mutating func pushPersistent() {
    push(.named(found.add("<persistent_load of what loads it>", .unknown)))
  }

  // MARK: Arguments

  private mutating func skip(_ count: UInt64) throws(Failure) -> Bool {
    guard try window.take(count, limit: 0) != nil else { return false }
    push(.other)
    return true
  }

  private mutating func skipSized(_ width: Int) throws(Failure) -> Bool {
    guard let count = try window.integer(width: width) else { return false }
    return try skip(count)
  }

  private mutating func pushText(_ width: Int) throws(Failure) -> Bool {
    guard let count = try window.integer(width: width),
      let text = try window.take(count, limit: Self.nameLimit + 1)
    else { return false }
    push(Self.name(text))
    return true
  }

  private mutating func line() throws(Failure) -> [UInt8]? {
    try window.line(limit: Self.nameLimit + 3)
  }

  /// A text that may be a name; long ones are none.
  private static func name(_ bytes: [UInt8]) -> SearchedValue {
    bytes.count <= nameLimit ? .text(String(decoding: bytes, as: UTF8.self)) : .other
  }

  private static func elements(_ arguments: SearchedValue) -> [SearchedValue]? {
    if case .tuple(let values) = arguments { return values }
    return nil
  }
}

extension String {
  /// The text without spaces around it, which Python's `int` skips.
  fileprivate var trimmedDigits: Substring {
    let digits = drop { $0.isWhitespace }
    return digits[
      ..<(digits.lastIndex { !$0.isWhitespace }.map { digits.index(after: $0) } ?? digits.startIndex)
    ]
  }
}
