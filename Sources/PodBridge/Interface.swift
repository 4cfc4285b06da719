import Glibc
import PodModel

// The C interface of libpodfs.so, for the Python package and for anything else with a way to call
// C. All functions keep to the same rules:
//
// - A function returns 0 for success, or the kind of its error (see `BridgeError.status`).
// - The last argument of a function that returns a status is where its answer goes: JSON text or
//   nothing after success, one line for a person after an error. The caller frees it by
//   `podfs_free`.
// - A text is an address and a number of bytes of UTF-8. No address means no text.
// - A handle (store, capture, load) is made by `…_open` or `…_begin` and freed by `…_close` or
//   `…_end`. A store may be used by any thread, the others by one at a time.
// - No function keeps a signal handler or a lock of the process, and none but `podfs_capture_store` a
//   thread.

/// A handle in C.
typealias Handle = UnsafeMutableRawPointer

/// Where a function puts a handle or an answer.
typealias Output = UnsafeMutablePointer<UnsafeMutableRawPointer?>

/// Returns the number of this interface; a caller that knows another must not go on.
@c(podfs_interface)
public func podfsInterface() -> CInt { 7 }

/// Frees an answer.
@c(podfs_free)
public func podfsFree(_ answer: UnsafeMutableRawPointer?) {
  unsafe free(answer)
}

/// Makes a handle that keeps `object` until ``release(_:as:)``.
func makeHandle(_ object: some AnyObject) -> Handle {
  unsafe Unmanaged.passRetained(object).toOpaque()
}

/// The object behind a handle.
func object<T: AnyObject>(_ handle: Handle, as type: T.Type) -> T {
  unsafe Unmanaged<T>.fromOpaque(handle).takeUnretainedValue()
}

/// Ends the life of a handle.
func release<T: AnyObject>(_ handle: Handle?, as type: T.Type) {
  guard let handle = unsafe handle else { return }
  unsafe Unmanaged<T>.fromOpaque(handle).release()
}

/// The text at `start`, with what is no UTF-8 replaced; nil if there is none.
func text(_ start: UnsafePointer<CChar>?, _ count: Int64) -> String? {
  guard let start = unsafe start else { return nil }
  return unsafe String(
    decoding: UnsafeRawBufferPointer(start: start, count: Int(count)), as: UTF8.self)
}

/// Reads a revision; none is `HEAD`.
func parse(_ text: String?) throws(BridgeError) -> Revision {
  try naming { () throws(NameError) in try Revision(parsing: text ?? "HEAD") }
}

/// Reads a revision, if there is one; none is the workspace.
func parse(orWorkspace text: String?) throws(BridgeError) -> Revision? {
  try text.map { text throws(BridgeError) in try parse(text) }
}

/// Reads names of variables, each with a NUL behind it.
func variableNames(in text: String) throws(BridgeError) -> [VariableName] {
  try naming { () throws(NameError) in
    try text.utf8.split(separator: 0).map { name throws(NameError) in
      try VariableName(String(decoding: name, as: UTF8.self))
    }
  }
}

/// Runs `body`, puts its answer or its error where `output` points, and returns the status.
func answer(_ output: Output, _ body: () throws(BridgeError) -> JSON?) -> CInt {
  do {
    if let json = try body() { unsafe output.pointee = copy(json.description) }
    return 0
  } catch {
    unsafe output.pointee = copy(error.description)
    return error.status
  }
}

/// A copy of `text` for C, where a NUL ends a text; nil only if there is no memory.
private func copy(_ text: String) -> UnsafeMutableRawPointer? {
  let shown = text.utf8.contains(0) ? text.split(separator: "\0").joined(separator: "\\0") : text
  return unsafe UnsafeMutableRawPointer(strdup(shown))
}
