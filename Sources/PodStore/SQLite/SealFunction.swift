import CSQLite
import CXXHash

/// The SQL function `podfs_seal(…)`: a fingerprint of its arguments, an integer.
///
/// It tells the types of its arguments apart, and where each one ends.
enum SealFunction {
  /// Makes the function known to a connection.
  static func register(on connection: OpaquePointer) -> Int32 {
    let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY
    return unsafe sqlite3_create_function_v2(
      connection, "podfs_seal", -1, flags, nil, sealArguments, nil, nil, nil)
  }
}

private func sealArguments(
  _ context: OpaquePointer?, _ count: Int32,
  _ values: UnsafeMutablePointer<OpaquePointer?>?
) {
  var hash: UInt64 = 0
  for index in 0..<Int(count) {
    let value = unsafe values?[index]
    let type = unsafe sqlite3_value_type(value)
    // The type and the length make the seed, so that no two lists of values look alike.
    let seed = hash ^ UInt64(UInt32(bitPattern: type))
    switch type {
    case SQLITE_INTEGER, SQLITE_FLOAT:
      var bits =
        type == SQLITE_INTEGER
        ? UInt64(bitPattern: unsafe sqlite3_value_int64(value))
        : unsafe sqlite3_value_double(value).bitPattern
      hash = unsafe podfs_xxh3_64(&bits, 8, seed)
    case SQLITE_NULL:
      var nothing: UInt8 = 0
      hash = unsafe podfs_xxh3_64(&nothing, 1, seed)
    default:
      let bytes = unsafe sqlite3_value_blob(value)
      let size = unsafe Int(sqlite3_value_bytes(value))
      hash = unsafe podfs_xxh3_64(bytes, size, seed ^ UInt64(size) << 8)
    }
  }
  unsafe sqlite3_result_int64(context, Int64(bitPattern: hash))
}
