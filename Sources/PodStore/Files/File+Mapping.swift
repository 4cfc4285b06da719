import Glibc
import PodPickle

extension File {
  /// Calls `body` with the bytes of the whole file, mapped rather than read.
  ///
  /// The file must not be cut meanwhile: reading beyond the end of a mapped file ends the process.
  func withMappedBytes<Result>(
    _ body: (ByteSource) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let count = Int(try size())
    if count == 0 { return try body(ByteSource([])) }
    guard
      let start = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      unsafe start != MAP_FAILED
    else { throw StoreError(call: "mmap", path: path, errno: errno) }
    defer { unsafe munmap(start, count) }
    unsafe madvise(start, count, MADV_SEQUENTIAL)
    return try body(
      unsafe ByteSource(borrowing: UnsafeRawBufferPointer(start: start, count: count)))
  }
}
