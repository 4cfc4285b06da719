import Glibc
import PodStore

/// The process in the background that serves a mount: this executable, run again with
/// `mount --foreground` and a pipe on which it says that the mount answers.
///
/// It writes to the pipe either ``ready``, when the mount answers, or the line that tells why it
/// cannot. Then it closes it. A pipe that ends without either means that the daemon died.
enum Daemon {
  /// The descriptor of the pipe in the daemon.
  static let readinessDescriptor: CInt = 3

  /// What it says when the mount answers.
  static let ready = "+"

  /// Starts the daemon, and returns when its mount answers.
  static func start(store: Store, mountPoint: String, options: OptionList) throws {
    let logPath = try DaemonFolder.path(for: store).map { DaemonLog.path(in: $0) } ?? "/dev/null"
    let log = try DaemonLog.open(logPath, of: store)
    let nothing = try Descriptor(opening: "/dev/null", O_RDONLY)
    let pipe = try ChildProcess.pipe()
    let answers = Descriptor(takingOver: pipe.reading, path: "the daemon's answer")
    let child: pid_t
    do {
      let writing = Descriptor(takingOver: pipe.writing, path: "the daemon's answer")
      child = try ChildProcess.start(
        Path.executable(),
        ["mount", "--foreground", "--tell-readiness", "--store", store.path]
          + (options.words.isEmpty ? [] : ["-o", options.text]) + ["--", mountPoint],
        descriptors: .init(
          input: nothing.number, output: log.number, error: log.number, third: writing.number),
        detached: true)
    }
    let answer = String(decoding: try answers.readToEnd(), as: UTF8.self)
    if answer == ready { return }
    let status = try ChildProcess.wait(for: child)
    if answer.isEmpty {
      throw CommandError.failed(
        "the daemon for '\(mountPoint)' ended with \(status) before the mount answered; "
          + "read '\(logPath)'")
    }
    throw CommandError.failed(answer)
  }
}

/// The duty of a daemon to answer, once, the `podfs mount` that started it.
struct Readiness: ~Copyable {
  private let pipe: Descriptor

  /// Takes over the pipe that this process was started with.
  init() {
    let number = Daemon.readinessDescriptor
    // What the daemon starts itself must not keep the pipe open.
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    pipe = Descriptor(takingOver: number, path: "the pipe to podfs mount")
  }

  /// Says that the mount answers, or why there is none.
  consuming func tell(_ failure: String?) {
    do { try pipe.write(Array((failure ?? Daemon.ready).utf8)) } catch { tellError("\(error)") }
  }
}
