import PodModel
import PodPickle
import PodStore

/// A namespace on its way into a store, told piece by piece.
private final class Capture {
  let store: Store
  let session: SessionID
  var base: NamespaceBase?
  let message: String
  var cell: Cell?
  var unsaved: [Unsaved] = []
  var environment: String?
  var onlyIfChanged = false
  var kept: [NewCoVariable] = []
  var variables: [(name: VariableName, stream: ByteSource, buffers: [ByteSource])] = []
  /// All variables, if they were written as a tuple.
  var tuple: CapturedNamespace?

  init(store: Store, session: SessionID, base: NamespaceBase?, message: String) {
    self.store = store
    self.session = session
    self.base = base
    self.message = message
  }

  /// What was written, as it was told.
  private var told: CapturedNamespace {
    tuple
      ?? CapturedNamespace(
        variables.map {
          CapturedVariable(name: $0.name, part: .init(stream: $0.stream, buffers: $0.buffers))
        })
  }

  /// What is stored by another thread, the thread, and what came of it.
  private var copied: CapturedNamespace?
  private var work: BackgroundWork?
  private var result: Result<JSON, StoreError>?

  /// Begins to store it all on another thread, and returns whether that could be; the memory of
  /// buffers is not read any more then.
  func begin() -> Bool {
    copied = store.giveBack(told, in: session)
    guard copied != nil else { return false }
    let address = unsafe UInt(bitPattern: makeHandle(self))
    work = BackgroundWork {
      guard let handle = unsafe Handle(bitPattern: address) else { return }
      let capture = unsafe object(handle, as: Capture.self)
      capture.result = Result { () throws(StoreError) in try capture.save() }
      unsafe release(handle, as: Capture.self)
    }
    return true
  }

  /// Waits for what ``begin()`` began, at most so many steps; returns whether it is over.
  func wait(steps: Int64) -> Bool { work?.wait(steps: steps) ?? true }

  /// Stores it all, or waits until it is stored; says what the commit is and what it has from
  /// elsewhere.
  func commit() throws(StoreError) -> JSON {
    guard let work else { return try save() }
    _ = work.wait()
    guard let result else { preconditionFailure("the work leaves a result") }
    return try result.get()
  }

  /// Stores it all, or says which variable has a pickle that no store can take.
  private func save() throws(StoreError) -> JSON {
    let namespace = copied ?? told
    do throws(StoreError) { return try save(namespace) } catch {
      guard case .badPickle(let problem) = error else { throw error }
      switch namespace.refused() {
      case .nothing: throw error
      case .one(let name):
        return .object(["refused": .array([.string(name.text), .string(problem.description)])])
      case .some: return .object(["refused": .null])
      }
    }
  }

  private func save(_ namespace: CapturedNamespace) throws(StoreError) -> JSON {
    let saved = try store.capture(
      namespace, base: base, message: message, cell: cell, unsaved: unsaved,
      environment: environment, kept: kept, onlyIfChanged: onlyIfChanged, in: session)
    let number = saved.commit.number
    let present = try saved.adopted.isEmpty ? [:] : store.manifest(of: number, in: session).versions
    return .object([
      "number": .number(number.value),
      "changed": JSON(saved.isNew ? try store.changes(of: number, in: session).keys : [:].keys),
      "adopted": JSON(saved.adopted.filter { present[$0] != nil }),
      "dropped": JSON(saved.adopted.filter { present[$0] == nil }),
      "unsaved": JSON(saved.leftOut),
    ])
  }
}

/// Begins to capture a namespace.
///
/// `base` is the commit that was checked out when the namespace was last in step with the session:
/// 0 if there was none yet, and -1 if that is not known.
@c(podfs_capture_begin)
public func podfsCaptureBegin(
  _ store: UnsafeMutableRawPointer, _ session: Int64, _ base: Int64,
  _ message: UnsafePointer<CChar>?, _ messageCount: Int64,
  _ capture: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) {
    unsafe capture.pointee = makeHandle(
      Capture(
        store: object(store, as: Store.self), session: SessionID(row: session),
        base: base < 0 ? nil : NamespaceBase(commit: CommitNumber(base)),
        message: text(message, messageCount) ?? ""))
    return nil
  }
}

/// Tells of a change of the workspace since `base` that the namespace had too: the key of the
/// version that a variable got, or 0 if it was removed.
@c(podfs_capture_seen)
public func podfsCaptureSeen(
  _ capture: UnsafeMutableRawPointer, _ name: UnsafePointer<CChar>?, _ nameCount: Int64,
  _ version: Int64, _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let text = unsafe text(name, nameCount) ?? ""
    let name = try naming { () throws(NameError) in try VariableName(text) }
    let id = version == 0 ? nil : VersionID(row: version)
    unsafe object(capture, as: Capture.self).base?.changes.updateValue(id, forKey: name)
    return nil
  }
}

/// Tells the code whose run made the namespace; a negative number means that it is not known.
///
/// `reads` is a text as ``CellReads`` has it; no text means that it is not known what the code reads.
@c(podfs_capture_cell)
public func podfsCaptureCell(
  _ capture: UnsafeMutableRawPointer, _ source: UnsafePointer<CChar>?, _ sourceCount: Int64,
  _ executionCount: Int64, _ duration: Double,
  _ standardOutput: UnsafePointer<CChar>?, _ standardOutputCount: Int64,
  _ error: UnsafePointer<CChar>?, _ errorCount: Int64,
  _ reads: UnsafePointer<CChar>?, _ readsCount: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) {
    unsafe object(capture, as: Capture.self).cell = Cell(
      source: text(source, sourceCount) ?? "",
      executionCount: executionCount < 0 ? nil : executionCount,
      duration: duration < 0 ? nil : duration,
      standardOutput: text(standardOutput, standardOutputCount) ?? "",
      error: text(error, errorCount),
      reads: text(reads, readsCount).map(CellReads.init(parsing:)))
    return nil
  }
}

/// Tells what the namespace was made in: the interpreter, the system and the libraries, a line each.
@c(podfs_capture_environment)
public func podfsCaptureEnvironment(
  _ capture: UnsafeMutableRawPointer, _ environment: UnsafePointer<CChar>?,
  _ environmentCount: Int64, _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) {
    unsafe object(capture, as: Capture.self).environment = text(environment, environmentCount)
    return nil
  }
}

/// Tells that no commit is to be made if nothing is otherwise than at the base.
@c(podfs_capture_if_changed)
public func podfsCaptureIfChanged(
  _ capture: UnsafeMutableRawPointer, _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) {
    unsafe object(capture, as: Capture.self).onlyIfChanged = true
    return nil
  }
}

/// Adds variables of a co-variable of a load as they are stored: those that nobody used.
///
/// `names` has a NUL behind each name; without it, all variables are added.
@c(podfs_capture_kept)
public func podfsCaptureKept(
  _ capture: UnsafeMutableRawPointer, _ load: UnsafeMutableRawPointer, _ index: Int64,
  _ names: UnsafePointer<CChar>?, _ namesCount: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let names = try unsafe text(names, namesCount).map { text throws(BridgeError) in
      try Set(variableNames(in: text))
    }
    let kept = unsafe object(load, as: Load.self).stored(Int(index), names: names)
    unsafe object(capture, as: Capture.self).kept.append(kept)
    return nil
  }
}

/// Tells of a variable that is left out, and why.
@c(podfs_capture_unsaved)
public func podfsCaptureUnsaved(
  _ capture: UnsafeMutableRawPointer, _ name: UnsafePointer<CChar>?, _ nameCount: Int64,
  _ type: UnsafePointer<CChar>?, _ typeCount: Int64,
  _ reason: UnsafePointer<CChar>?, _ reasonCount: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) {
    unsafe object(capture, as: Capture.self).unsaved.append(
      Unsaved(
        name: text(name, nameCount) ?? "", type: text(type, typeCount) ?? "",
        reason: text(reason, reasonCount) ?? ""))
    return nil
  }
}

/// Adds a variable: the pickle that a dump of the namespace's one pickler made of it.
///
/// The memory is read by ``podfsCaptureCommit(_:_:)``; it must stay as it is until then.
@c(podfs_capture_part)
public func podfsCapturePart(
  _ capture: UnsafeMutableRawPointer, _ name: UnsafePointer<CChar>?, _ nameCount: Int64,
  _ stream: UnsafeRawPointer?, _ streamCount: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let text = unsafe text(name, nameCount) ?? ""
    let name = try naming { () throws(NameError) in try VariableName(text) }
    unsafe object(capture, as: Capture.self).variables.append(
      (name, ByteSource(borrowing: .init(start: stream, count: Int(streamCount))), []))
    return nil
  }
}

/// Adds the next buffer that the pickle of the last variable refers to; see above.
@c(podfs_capture_buffer)
public func podfsCaptureBuffer(
  _ capture: UnsafeMutableRawPointer, _ buffer: UnsafeRawPointer?, _ count: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) {
    let capture = unsafe object(capture, as: Capture.self)
    precondition(!capture.variables.isEmpty, "a buffer belongs to the variable before it")
    unsafe capture.variables[capture.variables.count - 1].buffers.append(
      ByteSource(borrowing: .init(start: buffer, count: Int(count))))
    return nil
  }
}

/// Gives all variables at once: the pickle of the tuple of their values, in the order of `names`,
/// which has a NUL between each two, and the buffers that the pickle refers to.
///
/// The memory is read by ``podfsCaptureCommit(_:_:)``; it must stay as it is until then.
@c(podfs_capture_tuple)
public func podfsCaptureTuple(
  _ capture: UnsafeMutableRawPointer, _ names: UnsafeRawPointer?, _ namesCount: Int64,
  _ stream: UnsafeRawPointer?, _ streamCount: Int64,
  _ buffers: UnsafePointer<UnsafeRawPointer?>, _ counts: UnsafePointer<Int64>,
  _ buffersCount: Int64, _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let capture = unsafe object(capture, as: Capture.self)
    let block = unsafe ByteSource(borrowing: .init(start: names, count: Int(namesCount)))
    let names = try naming { () throws(NameError) in
      try capture.store.names(in: block, of: capture.session)
    }
    var lent: [ByteSource] = []
    for index in 0..<Int(buffersCount) {
      let buffer = unsafe UnsafeRawBufferPointer(start: buffers[index], count: Int(counts[index]))
      lent.append(unsafe ByteSource(borrowing: buffer))
    }
    let source = unsafe ByteSource(borrowing: .init(start: stream, count: Int(streamCount)))
    capture.tuple = CapturedNamespace(names: names, tuple: .init(stream: source, buffers: lent))
    return nil
  }
}

/// Begins to store the namespace as a commit on another thread, and answers with whether it could
/// be begun: not if too much would have to be copied, and ``podfsCaptureCommit(_:_:)`` does it all.
///
/// The memory of the buffers may change from then on. The streams must stay until it is over.
@c(podfs_capture_store)
public func podfsCaptureStore(
  _ capture: UnsafeMutableRawPointer, _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { unsafe .bool(object(capture, as: Capture.self).begin()) }
}

/// Waits for what ``podfsCaptureStore(_:_:)`` began, at most so many steps of 0.2 ms; answers with
/// whether it is over.
@c(podfs_capture_wait)
public func podfsCaptureWait(
  _ capture: UnsafeMutableRawPointer, _ steps: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { unsafe .bool(object(capture, as: Capture.self).wait(steps: steps)) }
}

/// Stores the namespace as a commit, or waits until another thread has.
///
/// Answers with its number, the names of what it has otherwise than its parent, and the names of
/// what it has not from the namespace: what is to be loaded, and what is to be removed. If a pickle
/// is one that no store takes, nothing is stored, and the answer is the variable's name and the
/// reason, or null if the variables came at once and must be told one by one.
@c(podfs_capture_commit)
public func podfsCaptureCommit(
  _ capture: UnsafeMutableRawPointer, _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let capture = unsafe object(capture, as: Capture.self)
    return try storing { () throws(StoreError) in try capture.commit() }
  }
}

/// Ends a capture, committed or not.
@c(podfs_capture_end)
public func podfsCaptureEnd(_ capture: UnsafeMutableRawPointer?) {
  unsafe release(capture, as: Capture.self)
}

/// Answers with how many bytes of long buffers the kernel watches now, and how many it proved
/// unchanged and how many were read so far, in this process.
@c(podfs_capture_counts)
public func podfsCaptureCounts(
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) {
    let counts = BufferCounts.ofThisProcess
    return .object([
      "watched": .number(Int64(counts.watched)), "proven": .number(Int64(counts.proven)),
      "read": .number(Int64(counts.read)),
    ])
  }
}
