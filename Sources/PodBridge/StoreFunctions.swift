import PodModel
import PodStore

/// Opens the store at a path, or the default one without a path; answers with its path.
@c(podfs_open)
public func podfsOpen(
  _ path: UnsafePointer<CChar>?, _ pathCount: Int64, _ create: Int32,
  _ store: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let given = unsafe text(path, pathCount)
    let opened = try storing { () throws(StoreError) in
      let path = if let given { given } else { try Store.defaultPath() }
      return try create != 0 ? Store(creatingAt: path) : Store(openingAt: path)
    }
    unsafe store.pointee = makeHandle(opened)
    return .string(opened.path)
  }
}

/// Closes a store.
@c(podfs_close)
public func podfsClose(_ store: UnsafeMutableRawPointer?) {
  unsafe release(store, as: Store.self)
}

/// Answers with the sessions, in the order of their names.
@c(podfs_sessions)
public func podfsSessions(
  _ store: UnsafeMutableRawPointer, _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let sessions = try storing { () throws(StoreError) in try store.sessions() }
    return .array(
      sessions.map { session in
        .object([
          "name": .string(session.name.text), "id": .number(session.id.row),
          "created": .number(session.created.microseconds),
        ])
      })
  }
}

/// Answers with the number of a session, which is made if it is not there and `create` is not 0.
@c(podfs_session)
public func podfsSession(
  _ store: UnsafeMutableRawPointer, _ name: UnsafePointer<CChar>?, _ nameCount: Int64,
  _ create: Int32, _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let text = unsafe text(name, nameCount) ?? ""
    let name = try naming { () throws(NameError) in try SessionName(text) }
    let session = try storing { () throws(StoreError) in
      do throws(StoreError) { return try store.session(name) } catch {
        guard case .noSuchSession = error, create != 0 else { throw error }
      }
      do throws(StoreError) { return try store.createSession(name) } catch {
        guard case .sessionExists = error else { throw error }
        return try store.session(name)
      }
    }
    return .number(session.id.row)
  }
}

/// Answers with the number of the commit that a session has checked out, or null.
@c(podfs_head)
public func podfsHead(
  _ store: UnsafeMutableRawPointer, _ session: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let head = try storing { () throws(StoreError) in try store.head(of: SessionID(row: session)) }
    return JSON(head.commit)
  }
}

/// Answers with the number of the commit that a session has checked out, or null, and with what its
/// workspace has otherwise: names, and the numbers of versions or 0 for what was removed.
@c(podfs_step)
public func podfsStep(
  _ store: UnsafeMutableRawPointer, _ session: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let session = SessionID(row: session)
    return try storing { () throws(StoreError) in
      // Read as one, although they are two reads: again, if anything was committed meanwhile.
      while true {
        let version = try store.dataVersion()
        let head = try store.head(of: session).commit
        let changes = try store.workspaceChanges(of: session)
        guard try store.dataVersion() == version else { continue }
        return .object([
          "head": JSON(head),
          "changes": JSON(changes),
        ])
      }
    }
  }
}

extension JSON {
  /// A commit's number, or null.
  init(_ number: CommitNumber?) {
    self = number.map { .number($0.value) } ?? .null
  }

  /// Changes of a workspace: names, and the numbers of versions or 0 for what was removed.
  init(_ changes: [VariableName: Version?]) {
    self = .array(changes.map { .array([.string($0.key.text), .number($0.value?.id.row ?? 0)]) })
  }

  /// Names, in the order of their bytes.
  init(_ names: some Collection<VariableName>) {
    self = .array(names.sorted().map { .string($0.text) })
  }
}
