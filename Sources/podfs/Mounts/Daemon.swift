import Glibc
import PodStore

/// The process in the background that serves a mount: this executable, run again with
/// `mount --foreground` and a pipe on which it says that the mount answers.
///
/// It writes to the pipe either the one byte "+", when the mount answers, or the line that tells
/// why it cannot. Then it closes it. A pipe that ends without either means that it died.
enum Daemon {
  /// The descriptor of the pipe in the daemon.
  static let readinessDescriptor: CInt = 3

  /// Where the daemons of a store write what they have to tell later.
  static func logPath(of store: String) -> String { store + "/log" }

  /// Starts the daemon, and returns when its mount answers.
  static func start(store: String, mountPoint: String) throws(CommandError) {
    let log = try Descriptor(
      opening: logPath(of: store), O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    let nothing = try Descriptor(opening: "/dev/null", O_RDONLY)
    let pipe = try ChildProcess.pipe()
    let answers = Descriptor(takingOver: pipe.reading, path: "the daemon's answer")
    let child: pid_t
    do {
      let writing = Descriptor(takingOver: pipe.writing, path: "the daemon's answer")
      child = try ChildProcess.start(
        Path.executable(),
        ["mount", "--foreground", "--tell-readiness", "--store", store, mountPoint],
        descriptors: .init(
          input: nothing.number, output: log.number, error: log.number, third: writing.number),
        detached: true)
    }
    let answer = String(decoding: try answers.readToEnd(), as: UTF8.self)
    if answer == "+" { return }
    let status = try ChildProcess.wait(for: child)
    if answer.isEmpty {
      throw .failed(
        "the daemon for '\(mountPoint)' ended with \(status) before the mount answered; "
          + "read '\(logPath(of: store))'")
    }
    throw .failed(answer)
  }

  /// In the daemon: says that the mount answers.
  static func tellReady() throws(CommandError) {
    try Descriptor(takingOver: readinessDescriptor, path: "the pipe to podfs mount").write([
      UInt8(ascii: "+")
    ])
  }

  /// In the daemon: says why there is no mount.
  static func tellFailure(_ text: String) throws(CommandError) {
    try Descriptor(takingOver: readinessDescriptor, path: "the pipe to podfs mount").write(
      Array(text.utf8))
  }
}
