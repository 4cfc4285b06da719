/// The directory of a store.
///
///     format      "podfs store 1" and a newline; the last file to be made
///     podfs.db    the database, with its log beside it; see ``Schema``
///     packs/      the pods; see ``PackFormat``
///     staging/    bytes of workspace files that are not sealed yet
///     cache/      what can be deleted at any time
enum StoreFormat {
  /// What the format file says.
  static let current = "podfs store 1"

  private static let directories = ["packs", "staging", "cache"]

  /// Returns what the format file of the store at `path` says, or nil if there is none.
  static func read(in store: StoreDirectory) throws(StoreError) -> String? {
    guard let file = try File.ifThere(store / "format") else { return nil }
    let bytes = try file.read(100, at: 0)
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// Runs `body` while no other process makes or changes the tables of the store.
  static func whileLocked(
    _ store: StoreDirectory, _ body: () throws(StoreError) -> Void
  ) throws(StoreError) {
    let directory = try File(store)
    try directory.lock()
    try body()
    // The lock ends with the file, which must not end before.
    _ = consume directory
  }

  /// Makes the directories of a store, or uses what an earlier attempt left.
  static func makeDirectories(in store: StoreDirectory) throws(StoreError) {
    for name in try Directory.names(in: store)
    where !directories.contains(name) && !name.hasPrefix("podfs.db")
      && !name.hasPrefix("format")
    {
      throw .notEmpty(path: store.path)
    }
    for name in directories { try Directory.make(store / name) }
  }

  /// Makes the directory a store: writes the format file, at once or not at all.
  static func write(in store: StoreDirectory) throws(StoreError) {
    let draft = store / "format.draft"
    try Directory.remove(draft)
    let file = try File(draft, .creating)
    try [UInt8]((current + "\n").utf8).withSpan { bytes throws(StoreError) in
      try file.write(bytes, at: 0)
    }
    try file.flush()
    try Directory.rename(draft, to: store / "format")
    try Directory.flush(store)
    try Directory.flushParent(of: store)
  }
}
