import PodModel
import PodStore
import Synchronization

/// How many bytes the extended attributes of a file may take, with their names, and how many the
/// names alone: the kernel lists no more than 64 KiB of them.
private let attributesLimit = 1 << 20
private let attributeNamesLimit = 32 << 10

/// How an extended attribute is to be set.
public enum AttributeSetting: Sendable {
  /// Whether there is one of the name or not.
  case always
  /// Only if there is none yet.
  case creating
  /// Only if there is one.
  case replacing
}

extension WorkspaceFile {
  /// Takes `change`, except for the size, which ``resize(to:by:)`` changes, and remembers it.
  func set(_ change: AttributeChange) throws(FilesystemError) {
    try changes.withLock { _ throws(FilesystemError) in
      var (permissions, times) = state.withLock { ($0.permissions, $0.times) }
      permissions = change.permissions.map { $0 & 0o7777 } ?? permissions
      let now = FileTime.now
      change.accessed?.set(&times.accessed, now)
      change.modified?.set(&times.modified, now)
      times.changed = now
      try remember(permissions, times, evenIfDirty: change.permissions != nil)
    }
  }

  /// Notes that the file was written just now, though its bytes are what they were.
  ///
  /// Called under `changes`.
  func touch() throws(FilesystemError) {
    var (permissions, times) = state.withLock { ($0.permissions, $0.times) }
    times.noteWrite()
    try remember(permissions, times, evenIfDirty: false)
  }

  /// Has the store remember what the file is besides its value, and shows it then; what will be
  /// sealed is remembered with that, apart from permissions.
  private func remember(
    _ permissions: UInt32, _ times: FileTimes, evenIfDirty: Bool
  ) throws(FilesystemError) {
    let (name, sealed, dirt) = state.withLock { state in
      (state.name, state.isInStore ? state.sealed : nil, state.dirt)
    }
    if let sealed, dirt == .none || evenIfDirty {
      let status = FileStatus(permissions: permissions, times: dirt == .none ? times : nil)
      try remember(status, of: name, sealed)
    }
    state.withLock { state in
      state.permissions = permissions
      state.times = times
    }
  }

  /// Has the store remember what the file is besides the value `version`.
  func remember(
    _ status: FileStatus, of name: VariableName, _ version: Version
  ) throws(FilesystemError) {
    try backing.run { store throws(StoreError) in
      try store.setFileStatus(status, of: name, in: session, bound: version.id)
    }
    seals.increment()
  }

  /// Returns the extended attributes that were set.
  func setAttributes() throws(FilesystemError) -> [String: [UInt8]] {
    while true {
      let before = seals.value
      let (name, own) = state.withLock { ($0.name, $0.isInStore ? nil : $0.attributes) }
      if let own { return own }
      let stored = try backing.run { store throws(StoreError) in
        try store.fileAttributes(of: name, in: session)
      }
      // A rename in between has moved them.
      if before == seals.value { return stored }
    }
  }

  /// Sets an extended attribute or, with nil, removes it.
  func setAttribute(
    _ attribute: String, to value: [UInt8]?, _ setting: AttributeSetting
  ) throws(FilesystemError) {
    try changes.withLock { _ throws(FilesystemError) in
      var all = try setAttributes()
      try all.set(attribute, to: value, setting)
      var changed = state.withLock { $0 }
      changed.times.changed = .now
      if changed.isInStore, let sealed = changed.sealed {
        let status =
          changed.dirt == .none ? changed.status : FileStatus(permissions: changed.permissions)
        try backing.run { store throws(StoreError) in
          try store.setFileAttribute(
            attribute, to: value, of: changed.name, in: session, status: status,
            bound: sealed.id)
        }
        seals.increment()
      }
      state.withLock { state in
        state.times.changed = changed.times.changed
        if !state.isInStore { state.attributes = all }
      }
    }
  }

  /// Takes over from the store what goes with the name, before the file loses it.
  ///
  /// Called under `changes`.
  func keepAttributes() throws(FilesystemError) {
    let attributes = try setAttributes()
    state.withLock { $0.attributes = attributes }
  }
}

extension [String: [UInt8]] {
  /// Sets an extended attribute among all of them or, with nil, removes it; throws if that cannot be.
  mutating func set(
    _ attribute: String, to value: [UInt8]?, _ setting: AttributeSetting
  ) throws(FilesystemError) {
    switch setting {
    case .creating where self[attribute] != nil: throw .exists
    case .replacing where self[attribute] == nil: throw .noAttribute
    case .always, .creating, .replacing: break
    }
    self[attribute] = value
    let names = keys.reduce(0) { $0 + $1.utf8.count + 1 }
    guard value == nil || names <= attributeNamesLimit,
      value == nil || values.reduce(names, { $0 + $1.count }) <= attributesLimit
    else { throw .attributesFull }
  }
}

extension WorkspaceFile.State {
  /// Whether the store has a row for what is set of the file.
  fileprivate var isInStore: Bool { binding == .bound && sealed != nil }
}

extension FileTimes {
  /// Notes that bytes changed just now.
  mutating func noteWrite() {
    modified = .now
    changed = modified
  }
}

extension AttributeChange.NewTime {
  /// Makes `time` the new one.
  func set(_ time: inout FileTime, _ now: FileTime) {
    switch self {
    case .now: time = now
    case .at(let given): time = given
    }
  }
}
