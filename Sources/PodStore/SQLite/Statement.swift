import CSQLite
import PodModel

/// A value that a parameter of a statement can be bound to.
protocol Bindable {
  /// Binds the parameter at `index`, counted from 1.
  func bind(to statement: inout Statement, at index: Int32) throws(StoreError)
}

/// A compiled SQL statement, given back to its connection when it goes out of scope.
///
/// The columns of the current row are counted from 0.
@safe struct Statement: ~Copyable {
  private let handle: OpaquePointer
  private let sql: String
  private let home: StatementCache

  init(handle: OpaquePointer, sql: String, home: StatementCache) {
    unsafe self.handle = handle
    self.sql = sql
    self.home = home
  }

  // The error of a reset repeats that of the step before.
  deinit {
    unsafe sqlite3_reset(handle)
    unsafe sqlite3_clear_bindings(handle)
    unsafe home.giveBack(handle, sql: sql)
  }

  /// Steps to the next row; returns false behind the last one.
  mutating func step() throws(StoreError) -> Bool {
    let code = unsafe sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure(code)
    }
  }

  /// Runs the statement again with other values.
  mutating func run<each Value: Bindable>(_ values: repeat each Value) throws(StoreError) {
    unsafe sqlite3_reset(handle)
    try bind(repeat each values)
    while try step() {}
  }

  /// Binds the parameters, in order.
  mutating func bind<each Value: Bindable>(_ values: repeat each Value) throws(StoreError) {
    var index: Int32 = 0
    for value in repeat each values {
      index += 1
      try value.bind(to: &self, at: index)
    }
  }

  mutating func bindNull(at index: Int32) throws(StoreError) {
    try check(unsafe sqlite3_bind_null(handle, index))
  }

  mutating func bind(_ value: Int64, at index: Int32) throws(StoreError) {
    try check(unsafe sqlite3_bind_int64(handle, index, value))
  }

  mutating func bind(_ value: Double, at index: Int32) throws(StoreError) {
    try check(unsafe sqlite3_bind_double(handle, index, value))
  }

  mutating func bind(_ value: String, at index: Int32) throws(StoreError) {
    var value = value
    let code = value.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe podfs_bind_text(handle, index, $0.baseAddress, UInt64($0.count))
      }
    }
    try check(code)
  }

  mutating func bind(_ value: [UInt8], at index: Int32) throws(StoreError) {
    try check(unsafe podfs_bind_blob(handle, index, value, UInt64(value.count)))
  }

  /// Binds other values, in order, before the statement is run again.
  mutating func restart(values: [SQLValue]) throws(StoreError) {
    unsafe sqlite3_reset(handle)
    for (index, value) in values.enumerated() {
      let index = Int32(index + 1)
      switch value {
      case .null: try bindNull(at: index)
      case .integer(let value): try bind(value, at: index)
      case .real(let value): try bind(value, at: index)
      case .blob(let bytes): try bind(bytes, at: index)
      case .text(let bytes):
        try check(
          unsafe bytes.withUnsafeBytes { bytes in
            unsafe podfs_bind_text(
              handle, index, bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
              UInt64(bytes.count))
          })
      }
    }
  }

  /// The value in the column, whatever it is; a text as the bytes that it has.
  func value(_ column: Int32) -> SQLValue {
    switch unsafe sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: .integer(integer(column))
    case SQLITE_FLOAT: .real(number(column))
    case SQLITE_TEXT: .text(bytes(column))
    case SQLITE_BLOB: .blob(bytes(column))
    default: .null
    }
  }

  /// Tells whether the column is NULL.
  func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  /// The integer in the column; 0 for NULL.
  func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

  /// The number in the column; 0 for NULL.
  func number(_ column: Int32) -> Double { unsafe sqlite3_column_double(handle, column) }

  /// The text in the column; empty for NULL.
  func text(_ column: Int32) -> String {
    guard let start = unsafe sqlite3_column_text(handle, column) else { return "" }
    let count = unsafe Int(sqlite3_column_bytes(handle, column))
    return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// The bytes in the column; none for NULL.
  func bytes(_ column: Int32) -> [UInt8] {
    let start = unsafe sqlite3_column_blob(handle, column)
    let count = unsafe Int(sqlite3_column_bytes(handle, column))
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  /// The first 8 bytes in the column as a big-endian number; 0 if there are fewer.
  func word(_ column: Int32) -> UInt64 {
    let start = unsafe sqlite3_column_blob(handle, column)
    guard let start = unsafe start, unsafe sqlite3_column_bytes(handle, column) >= 8 else {
      return 0
    }
    return unsafe UInt64(bigEndian: start.loadUnaligned(as: UInt64.self))
  }

  /// The error for a row that podfs cannot have written.
  var damaged: StoreError { .databaseDamaged(path: home.path) }

  private func check(_ code: Int32) throws(StoreError) {
    if code != SQLITE_OK { throw failure(code) }
  }

  private func failure(_ code: Int32) -> StoreError {
    unsafe home.failure(code, of: sqlite3_db_handle(handle))
  }
}

extension Int64: Bindable {
  func bind(to statement: inout Statement, at index: Int32) throws(StoreError) {
    try statement.bind(self, at: index)
  }
}

extension Double: Bindable {
  func bind(to statement: inout Statement, at index: Int32) throws(StoreError) {
    try statement.bind(self, at: index)
  }
}

extension String: Bindable {
  func bind(to statement: inout Statement, at index: Int32) throws(StoreError) {
    try statement.bind(self, at: index)
  }
}

extension PodID: Bindable {
  func bind(to statement: inout Statement, at index: Int32) throws(StoreError) {
    try statement.bind(bytes, at: index)
  }
}

extension Optional: Bindable where Wrapped: Bindable {
  func bind(to statement: inout Statement, at index: Int32) throws(StoreError) {
    switch self {
    case .none: try statement.bindNull(at: index)
    case .some(let value): try value.bind(to: &statement, at: index)
    }
  }
}
