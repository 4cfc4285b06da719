import PodModel
import PodStore
import Synchronization

/// What is being written into a session's `commit` file.
///
/// The workspace is committed when the file is closed. A close before the first byte, as a shell
/// does it, means nothing.
final class CommitMessage: Sendable {
  /// The largest number of bytes in a message.
  static let byteLimit = 64 << 10

  private let workspace: Workspace
  private let text = Mutex<[UInt8]>([])

  init(for workspace: Workspace) { self.workspace = workspace }

  /// Adds to the message; where the caller wants it does not matter.
  func write(_ bytes: Span<UInt8>) throws(FilesystemError) -> Int {
    try text.withLock { text throws(FilesystemError) in
      guard text.count + bytes.count <= Self.byteLimit else { throw .tooLarge }
      for index in bytes.indices { text.append(bytes[index]) }
      return bytes.count
    }
  }

  /// Commits the workspace with what was written, if anything was.
  func flush(isKilled: () -> Bool) throws(FilesystemError) {
    let written = text.withLock { text in
      defer { text = [] }
      return text
    }
    guard !written.isEmpty, !isKilled() else { return }
    guard let message = String(validating: written, as: UTF8.self) else { throw .nameNotUnicode }
    let end = message.lastIndex { !$0.isWhitespace }.map { message.index(after: $0) }
    let trimmed = String(message[..<(end ?? message.startIndex)])
    workspace.settle()
    try workspace.backing.run { store throws(StoreError) in
      try store.commitWorkspace(of: workspace.session, message: trimmed)
    }
  }
}
