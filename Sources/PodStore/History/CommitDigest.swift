import PodModel

/// The name of a commit: a digest over its parents, time, message and changes.
///
///     digest  = SHA-256("podfs commit 1\n", parents, time, message, changes)
///     parents = count 4, the digest of each 32
///     time    = microseconds since 1970, 8
///     message = count 4, UTF-8
///     changes = count 4, for each in the order of the names' bytes:
///               count 4, name in UTF-8, 0 (removed) or 1, form 1, root 4, pod 32
///
/// Integers are little endian. Rows have no part in it, so the same history has the same digests
/// in any store.
enum CommitDigest {
  static func compute(
    parents: [PodID], time: Timestamp, message: String, changes: [VariableName: Version?]
  ) -> PodID {
    var bytes = [UInt8]("podfs commit 1\n".utf8)
    bytes.append(littleEndian: UInt32(parents.count))
    for parent in parents { bytes += parent.bytes }
    bytes.append(littleEndian: time.microseconds)
    append(message, to: &bytes)
    bytes.append(littleEndian: UInt32(changes.count))
    for (name, version) in changes.sorted(by: { $0.key < $1.key }) {
      append(name.text, to: &bytes)
      guard let version else {
        bytes.append(0)
        continue
      }
      bytes += [1, UInt8(version.content.form.rawValue)]
      bytes.append(littleEndian: UInt32(version.root))
      bytes += version.content.pod.bytes
    }
    return bytes.withSpan { Digest()($0) }
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(littleEndian: UInt32(text.utf8.count))
    bytes += text.utf8
  }
}
