/// What a range of a file can be, as lseek(2) tells it.
public enum RangeKind: Sendable {
  /// Bytes that were written.
  case data
  /// Bytes that nobody wrote: they are zeros and take no room.
  case hole
}
