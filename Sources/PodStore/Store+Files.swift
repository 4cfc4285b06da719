public import PodModel

/// What a file brings with it that becomes a version.
public struct NewFile: Sendable {
  /// What is to be remembered of it. Permissions count for a name that has none, or a new file.
  public var status: FileStatus
  /// All its extended attributes, if it is a new file; nil leaves those of the name.
  public var attributes: [String: [UInt8]]?

  /// Creates a value from its parts.
  public init(status: FileStatus, attributes: [String: [UInt8]]?) {
    self.status = status
    self.attributes = attributes
  }
}

extension Store {
  /// Returns what the workspace binds `name` to, or nil, without reading the others.
  public func workspaceEntry(
    of name: VariableName, in session: SessionID
  ) throws(StoreError) -> WorkspaceEntry? {
    let engine = engine
    return try engine.read { connection throws(StoreError) in
      let version = try connection.workspaceVersion(
        of: name, in: session, cache: engine.manifests)
      guard let version else { return nil }
      let status = try connection.fileStatus(of: name, in: session, bound: version.id)
      return WorkspaceEntry(version: version, status: status)
    }
  }

  /// Returns what is remembered of a workspace file that is bound to `version`.
  public func fileStatus(
    of name: VariableName, in session: SessionID, bound version: VersionID
  ) throws(StoreError) -> FileStatus {
    try engine.read { connection throws(StoreError) in
      try connection.fileStatus(of: name, in: session, bound: version)
    }
  }

  /// Returns the number of transactions that changed the permissions of a committed version.
  public func permissionChanges() throws(StoreError) -> Int64 {
    try engine.withReader { connection throws(StoreError) in try connection.permissionChanges() }
  }

  /// Remembers the permissions and the times of a workspace file that is bound to `version`, as far
  /// as they are given.
  ///
  /// Permissions belong to the version: all commits that have it show them.
  public func setFileStatus(
    _ status: FileStatus, of name: VariableName, in session: SessionID, bound version: VersionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      try connection.setFileStatus(status, of: name, in: session, bound: version)
    }
  }

  /// Returns the extended attributes that were set of a workspace file.
  public func fileAttributes(
    of name: VariableName, in session: SessionID
  ) throws(StoreError) -> [String: [UInt8]] {
    try engine.read { connection throws(StoreError) in
      try connection.fileAttributes(of: name, in: session)
    }
  }

  /// Sets or, with nil, removes an extended attribute of a workspace file, and remembers its
  /// status with it.
  public func setFileAttribute(
    _ attribute: String, to value: [UInt8]?, of name: VariableName, in session: SessionID,
    status: FileStatus, bound version: VersionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      if let value {
        try connection.setFileAttribute(attribute, to: value, of: name, in: session)
      } else {
        try connection.removeFileAttribute(attribute, of: name, in: session)
      }
      try connection.setFileStatus(status, of: name, in: session, bound: version)
    }
  }
}

extension Connection {
  /// Remembers the times and attributes that a file brought with it that became `version`.
  func note(
    _ file: NewFile?, of name: VariableName, in session: SessionID, bound version: VersionID
  ) throws(StoreError) {
    guard let file else { return }
    if let attributes = file.attributes {
      try forgetFile(name, in: session)
      for (attribute, value) in attributes {
        try setFileAttribute(attribute, to: value, of: name, in: session)
      }
    }
    let times = FileStatus(times: file.status.times)
    try setFileStatus(times, of: name, in: session, bound: version)
  }
}
