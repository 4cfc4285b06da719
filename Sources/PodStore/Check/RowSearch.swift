/// A value of a column.
enum SQLValue: Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text([UInt8])
  case blob([UInt8])

  /// What the value may have been: the same with one bit flipped, or, of a number, nothing or a
  /// small one.
  ///
  /// The bits of a longer text or blob than ``byteLimit`` are not tried.
  var alternatives: some Sequence<SQLValue> {
    (-1..<(bitCount + numberCount)).lazy.map { index in
      if index < 0 { return .null }
      return index < bitCount ? flipped(bit: index) : .integer(Int64(index - bitCount))
    }
  }

  /// The numbers below this are tried: keys and numbers of commits are small.
  private static let smallNumbers = 4096

  private var numberCount: Int {
    switch self {
    case .null, .integer: Self.smallNumbers
    case .real, .text, .blob: 0
    }
  }

  private static let byteLimit = 1 << 16

  private var bitCount: Int {
    switch self {
    case .null: 0
    case .integer, .real: 64
    case .text(let bytes), .blob(let bytes):
      bytes.count > Self.byteLimit ? 0 : bytes.count * 8
    }
  }

  private func flipped(bit: Int) -> SQLValue {
    func flipped(_ bytes: [UInt8]) -> [UInt8] {
      var bytes = bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      return bytes
    }
    return switch self {
    case .null: .null
    case .integer(let value): .integer(value ^ 1 << Int64(bit))
    case .real(let value): .real(Double(bitPattern: value.bitPattern ^ 1 << UInt64(bit)))
    case .text(let bytes): .text(flipped(bytes))
    case .blob(let bytes): .blob(flipped(bytes))
    }
  }
}

/// Finding out what a row was from its seal, where one column is not what was written.
enum RowSearch {
  /// Tells whether the values of a row are right, and a bit of its seal is not.
  static func isInSeal(
    _ seal: SQLValue, of values: [SQLValue], on connection: borrowing Connection
  ) throws(StoreError) -> Bool {
    guard case .integer(let seal) = seal else { return false }
    var select = try statement(for: values, on: connection)
    try select.restart(values: values)
    return try select.step() && (select.integer(0) ^ seal).nonzeroBitCount == 1
  }

  private static func statement(
    for values: [SQLValue], on connection: borrowing Connection
  ) throws(StoreError) -> Statement {
    let places = values.map { _ in "?" }.joined(separator: ", ")
    return try connection.prepare("SELECT podfs_seal(\(places))")
  }

  /// Returns the value that makes the seal of a row right, and its place; nil if none does.
  static func search(
    _ values: [SQLValue], seal: SQLValue, on connection: borrowing Connection
  ) throws(StoreError) -> (index: Int, value: SQLValue)? {
    guard case .integer(let seal) = seal else { return nil }
    var select = try statement(for: values, on: connection)
    for (index, value) in values.enumerated() {
      for candidate in value.alternatives {
        var trial = values
        trial[index] = candidate
        try select.restart(values: trial)
        if try select.step(), select.integer(0) == seal { return (index, candidate) }
      }
    }
    return nil
  }
}
