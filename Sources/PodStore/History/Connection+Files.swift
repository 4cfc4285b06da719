import PodModel

/// What is remembered of workspace files besides their values, within a transaction.
extension Connection {
  /// Returns the status of a file that is bound to `version`.
  func fileStatus(
    of name: VariableName, in session: SessionID, bound version: VersionID
  ) throws(StoreError) -> FileStatus {
    var status = FileStatus(permissions: try permissions(of: version))
    var select = try prepare(
      """
      SELECT accessed, accessed_nanoseconds, modified, modified_nanoseconds,
        changed, changed_nanoseconds
      FROM file WHERE session = ? AND name = ? AND version = ? AND \(Seals.file.isIntact)
      """, session.row, name.text, version.row)
    if try select.step() { status.times = select.fileTimes() }
    return status
  }

  /// The name of the rows that tell of a workspace itself, which no variable can have.
  private static let directory = "."

  /// Returns what is remembered of a workspace as a directory.
  func workspaceStatus(of session: SessionID) throws(StoreError) -> FileStatus {
    let mode = try integer("SELECT mode FROM session WHERE id = ?", session.row)
    var status = FileStatus(permissions: mode.map { UInt32(truncatingIfNeeded: $0 & 0o1777) })
    var select = try prepare(
      """
      SELECT accessed, accessed_nanoseconds, modified, modified_nanoseconds,
        changed, changed_nanoseconds
      FROM file WHERE session = ? AND name = ? AND \(Seals.file.isIntact)
      """, session.row, Self.directory)
    if try select.step() { status.times = select.fileTimes() }
    return status
  }

  /// Remembers the permissions and the times of a workspace, as far as they are given.
  func setWorkspaceStatus(
    _ status: FileStatus, of session: SessionID
  ) throws(StoreError) {
    if let permissions = status.permissions {
      try run("UPDATE session SET mode = ? WHERE id = ?", Int64(permissions), session.row)
      try seal(session)
    }
    if let times = status.times {
      try setTimes(times, ofFile: Self.directory, in: session, bound: nil)
    }
  }

  /// Moves the times of a workspace, one of whose names has changed, unless they are later.
  func noteNames(of session: SessionID, at time: FileTime) throws(StoreError) {
    let known = try workspaceStatus(of: session).times
    if let known, known.changed >= time { return }
    var times = known ?? FileTimes(time)
    times.modified = time
    times.changed = time
    try setWorkspaceStatus(FileStatus(times: times), of: session)
  }

  /// Returns the extended attributes that were set of a workspace.
  func workspaceAttributes(of session: SessionID) throws(StoreError) -> [String: [UInt8]] {
    try fileAttributes(of: Self.directory, in: session)
  }

  /// Sets or, with nil, removes an extended attribute of a workspace.
  func setWorkspaceAttribute(
    _ attribute: String, to value: [UInt8]?, of session: SessionID
  ) throws(StoreError) {
    try setFileAttribute(attribute, to: value, of: Self.directory, in: session)
  }

  /// Remembers the permissions and the times of a file, as far as they are given.
  func setFileStatus(
    _ status: FileStatus, of name: VariableName, in session: SessionID, bound version: VersionID
  ) throws(StoreError) {
    if let permissions = status.permissions { try setPermissions(permissions, of: version) }
    guard let times = status.times else { return }
    try setTimes(times, ofFile: name.text, in: session, bound: version)
  }

  private func setTimes(
    _ times: FileTimes, ofFile name: String, in session: SessionID, bound version: VersionID?
  ) throws(StoreError) {
    try run(
      "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
      session.row, name, version?.row,
      times.accessed.seconds, times.accessed.nanoseconds,
      times.modified.seconds, times.modified.nanoseconds,
      times.changed.seconds, times.changed.nanoseconds)
    try run(Seals.file.sealing(where: "session = ? AND name = ?"), session.row, name)
  }

  /// Returns the extended attributes that were set of a file.
  func fileAttributes(
    of name: VariableName, in session: SessionID
  ) throws(StoreError) -> [String: [UInt8]] {
    try fileAttributes(of: name.text, in: session)
  }

  private func fileAttributes(
    of name: String, in session: SessionID
  ) throws(StoreError) -> [String: [UInt8]] {
    var select = try prepare(
      """
      SELECT attribute, value, \(Seals.fileAttribute.isIntact) FROM file_attribute
      WHERE session = ? AND name = ?
      """, session.row, name)
    var attributes: [String: [UInt8]] = [:]
    while try select.step() {
      try select.requireIntact(2, "an attribute of '\(name)'")
      attributes[select.text(0)] = select.bytes(1)
    }
    return attributes
  }

  /// Sets or, with nil, removes an extended attribute of a file.
  func setFileAttribute(
    _ attribute: String, to value: [UInt8]?, of name: VariableName, in session: SessionID
  ) throws(StoreError) {
    try setFileAttribute(attribute, to: value, of: name.text, in: session)
  }

  private func setFileAttribute(
    _ attribute: String, to value: [UInt8]?, of name: String, in session: SessionID
  ) throws(StoreError) {
    guard let value else {
      return try run(
        "DELETE FROM file_attribute WHERE session = ? AND name = ? AND attribute = ?",
        session.row, name, attribute)
    }
    var insert = try prepare(
      "INSERT OR REPLACE INTO file_attribute VALUES (?1, ?2, ?3, ?4, podfs_seal(?1, ?2, ?3, ?4))")
    try insert.bind(session.row, name, attribute)
    try insert.bind(value, at: 4)
    while try insert.step() {}
  }

  /// Forgets all that is remembered of a name, which leads to no file any more or to a new one.
  func forgetFile(_ name: VariableName, in session: SessionID) throws(StoreError) {
    try run("DELETE FROM file WHERE session = ? AND name = ?", session.row, name.text)
    try run("DELETE FROM file_attribute WHERE session = ? AND name = ?", session.row, name.text)
  }

  /// Forgets all that is remembered of the files of a workspace.
  func forgetFiles(of session: SessionID) throws(StoreError) {
    for table in ["file", "file_attribute"] {
      try run(
        "DELETE FROM \(table) WHERE session = ? AND name <> ?", session.row, Self.directory)
    }
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
    for table in [Seals.file, Seals.fileAttribute] {
      try run(table.sealing(where: "session = ? AND name = ?"), session.row, newName)
    }
  }
}

extension Statement {
  /// Reads three times, each from two columns.
  fileprivate func fileTimes() -> FileTimes {
    FileTimes(accessed: fileTime(0), modified: fileTime(2), changed: fileTime(4))
  }

  private func fileTime(_ column: Int32) -> FileTime {
    FileTime(seconds: integer(column), nanoseconds: integer(column + 1))
  }
}
