import PodModel

/// What is remembered of workspace files besides their values, within a transaction.
extension Connection {
  private static let fileColumns = """
    mode, version, accessed, accessed_nanoseconds, modified, modified_nanoseconds,
    changed, changed_nanoseconds
    """

  private static let fileOfName =
    "SELECT \(fileColumns) FROM file WHERE session = ? AND name = ?"

  /// Returns the status of a file that is bound to `version`.
  func fileStatus(
    of name: VariableName, in session: SessionID, bound version: VersionID
  ) throws(StoreError) -> FileStatus {
    var select = try prepare(Self.fileOfName, session.row, name.text)
    guard try select.step() else { return FileStatus() }
    return select.fileStatus(bound: version)
  }

  private static let filesOfSession = "SELECT \(fileColumns), name FROM file WHERE session = ?"

  /// Returns the status of each file of a workspace of which anything is remembered.
  func fileStatuses(
    of session: SessionID, bound version: (VariableName) -> Version?
  ) throws(StoreError) -> [VariableName: FileStatus] {
    var select = try prepare(Self.filesOfSession, session.row)
    var statuses: [VariableName: FileStatus] = [:]
    while try select.step() {
      let name = try select.variableName(8)
      if let version = version(name) { statuses[name] = select.fileStatus(bound: version.id) }
    }
    return statuses
  }

  /// Remembers the permissions of a file, and its times if they are given.
  func setFileStatus(
    _ status: FileStatus, of name: VariableName, in session: SessionID, bound version: VersionID
  ) throws(StoreError) {
    let mode = status.permissions.map(Int64.init)
    guard let times = status.times else {
      return try run(
        """
        INSERT INTO file (session, name, mode) VALUES (?, ?, ?)
        ON CONFLICT (session, name) DO UPDATE SET mode = excluded.mode
        """, session.row, name.text, mode)
    }
    try run(
      "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      session.row, name.text, mode, version.row,
      times.accessed.seconds, times.accessed.nanoseconds,
      times.modified.seconds, times.modified.nanoseconds,
      times.changed.seconds, times.changed.nanoseconds)
  }

  /// Returns the extended attributes that were set of a file.
  func fileAttributes(
    of name: VariableName, in session: SessionID
  ) throws(StoreError) -> [String: [UInt8]] {
    var select = try prepare(
      "SELECT attribute, value FROM file_attribute WHERE session = ? AND name = ?",
      session.row, name.text)
    var attributes: [String: [UInt8]] = [:]
    while try select.step() { attributes[select.text(0)] = select.bytes(1) }
    return attributes
  }

  /// Sets an extended attribute of a file.
  func setFileAttribute(
    _ attribute: String, to value: [UInt8], of name: VariableName, in session: SessionID
  ) throws(StoreError) {
    var insert = try prepare("INSERT OR REPLACE INTO file_attribute VALUES (?, ?, ?, ?)")
    try insert.bind(session.row, name.text, attribute)
    try insert.bind(value, at: 4)
    while try insert.step() {}
  }

  /// Removes an extended attribute of a file.
  func removeFileAttribute(
    _ attribute: String, of name: VariableName, in session: SessionID
  ) throws(StoreError) {
    try run(
      "DELETE FROM file_attribute WHERE session = ? AND name = ? AND attribute = ?",
      session.row, name.text, attribute)
  }

  /// Forgets all that is remembered of a name, which leads to no file any more or to a new one.
  func forgetFile(_ name: VariableName, in session: SessionID) throws(StoreError) {
    try run("DELETE FROM file WHERE session = ? AND name = ?", session.row, name.text)
    try run("DELETE FROM file_attribute WHERE session = ? AND name = ?", session.row, name.text)
  }

  /// Forgets all that is remembered of the files of a workspace.
  func forgetFiles(of session: SessionID) throws(StoreError) {
    try run("DELETE FROM file WHERE session = ?", session.row)
    try run("DELETE FROM file_attribute WHERE session = ?", session.row)
  }

  /// Gives what is remembered of `name` to `newName`, in place of what was of that.
  func moveFile(
    _ name: VariableName, to newName: VariableName, in session: SessionID
  ) throws(StoreError) {
    try forgetFile(newName, in: session)
    try moveFile(name.text, to: newName.text, in: session)
  }

  /// Exchanges what is remembered of two names.
  func exchangeFiles(
    _ name: VariableName, _ other: VariableName, in session: SessionID
  ) throws(StoreError) {
    // No file can have an empty name.
    try moveFile(name.text, to: "", in: session)
    try moveFile(other.text, to: name.text, in: session)
    try moveFile("", to: other.text, in: session)
  }

  private func moveFile(
    _ name: String, to newName: String, in session: SessionID
  ) throws(StoreError) {
    try run(
      "UPDATE file SET name = ? WHERE session = ? AND name = ?", newName, session.row, name)
    try run(
      "UPDATE file_attribute SET name = ? WHERE session = ? AND name = ?",
      newName, session.row, name)
  }
}

extension Statement {
  /// Reads what is remembered of a file; its times only if they are those of `version`.
  fileprivate func fileStatus(bound version: VersionID) -> FileStatus {
    var status = FileStatus()
    // No store gives set-user-ID bits to the files of who mounts it.
    if !isNull(0) { status.permissions = UInt32(truncatingIfNeeded: integer(0) & 0o1777) }
    if !isNull(1), integer(1) == version.row {
      status.times = FileTimes(accessed: fileTime(2), modified: fileTime(4), changed: fileTime(6))
    }
    return status
  }

  private func fileTime(_ column: Int32) -> FileTime {
    FileTime(seconds: integer(column), nanoseconds: integer(column + 1))
  }
}
