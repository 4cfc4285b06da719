public import PodModel

extension PodWriter {
  /// Adds a pod and returns its name, reading the bytes in place.
  public mutating func put(_ bytes: UnsafeRawBufferPointer) throws(StoreError) -> PodID {
    try put(unsafe RawSpan(_unsafeBytes: bytes))
  }
}
