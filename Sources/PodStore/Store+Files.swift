public import PodModel

/// What a file brings with it that becomes a version.
public struct NewFile: Sendable {
  /// What is to be remembered of it.
  ///
  /// Permissions count for a new file, and for a name that leads to no file.
  public var status: FileStatus
  /// All its extended attributes, if it is a new file; nil leaves those of the name.
  public var attributes: [String: [UInt8]]?
  /// When it got its name, if it is a new file.
  public var named: FileTime?

  /// Creates a value from its parts.
  public init(
    status: FileStatus, attributes: [String: [UInt8]]?, named: FileTime? = nil
  ) {
    self.status = status
    self.attributes = attributes
    self.named = named
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
      try connection.setFileAttribute(attribute, to: value, of: name, in: session)
      try connection.setFileStatus(status, of: name, in: session, bound: version)
    }
  }
}

/// A workspace as a directory, of which as much is remembered as of its files.
extension Store {
  /// Returns what is remembered of a workspace.
  ///
  /// Its times are those at which a name changed, or that somebody has set since.
  public func workspaceStatus(of session: SessionID) throws(StoreError) -> FileStatus {
    try engine.read { connection throws(StoreError) in
      try connection.workspaceStatus(of: session)
    }
  }

  /// Remembers the permissions and the times of a workspace, as far as they are given.
  public func setWorkspaceStatus(
    _ status: FileStatus, of session: SessionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      try connection.setWorkspaceStatus(status, of: session)
    }
  }

  /// Returns the extended attributes that were set of a workspace.
  public func workspaceAttributes(
    of session: SessionID
  ) throws(StoreError) -> [String: [UInt8]] {
    try engine.read { connection throws(StoreError) in
      try connection.workspaceAttributes(of: session)
    }
  }

  /// Sets or, with nil, removes an extended attribute of a workspace, and remembers its times.
  public func setWorkspaceAttribute(
    _ attribute: String, to value: [UInt8]?, of session: SessionID, times: FileTimes
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      try connection.setWorkspaceAttribute(attribute, to: value, of: session)
      try connection.setWorkspaceStatus(FileStatus(times: times), of: session)
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
