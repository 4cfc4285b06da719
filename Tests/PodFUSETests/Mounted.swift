import Glibc
import PodFUSE
import PodFilesystem
import PodModel
import PodStore
import Synchronization

/// A store in a directory of its own, mounted by a thread of this process until the value goes.
///
/// The thread is none of the cooperative pool, so tests may block in system calls on the mount.
@safe final class Mounted {
  let root: String
  let store: Store
  let lines = Lines()
  private var thread = pthread_t()

  /// What the tree reported.
  final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  /// The directory that is mounted.
  var path: String { root + "/mount" }

  /// Mounts a new store; on a disk of its own, if its size is given.
  init(disk megabytes: Int? = nil) throws {
    root = try temporaryDirectory()
    if let megabytes {
      shell("mkdir '\(root)/store' && mount -t tmpfs -o size=\(megabytes)m disk '\(root)/store'")
    }
    store = try Store(creatingAt: root + "/store")
    try store.createSession(SessionName("alice"))
    _ = unsafe mkdir(root + "/mount", 0o755)
    let options = FilesystemOptions(user: geteuid(), group: getegid())
    let filesystem = Filesystem(store: store, options: options) { [lines] line in
      lines.all.withLock { $0.append(line) }
    }
    let server = unsafe Unmanaged.passRetained(Server(try Mount(filesystem, at: root + "/mount")))
    _ = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Server>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, server.toOpaque())
  }

  deinit {
    unmount()
    shell("umount -l '\(root)/store'; rm -rf '\(root)'")
  }

  /// Ends the mount, whoever still uses it.
  func unmount() {
    guard thread != 0 else { return }
    _ = unsafe umount2(path, Int32(MNT_DETACH))
    _ = pthread_join(thread, nil)
    thread = 0
  }

  /// Holds a mount for the thread that serves it.
  private final class Server {
    private var mount: Mount?

    init(_ mount: consuming Mount) { self.mount = consume mount }

    func run() {
      guard let mount = mount.take() else { return }
      do { try mount.serve(stoppingAtSignals: false) {} } catch {
        print("the mount ended: \(error)")
      }
    }
  }
}

/// Makes an empty directory.
func temporaryDirectory() throws -> String {
  var template = Array("/tmp/podfs-mount-XXXXXX".utf8CString)
  let path = unsafe template.withUnsafeMutableBufferPointer { buffer in
    unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
  }
  guard let path else { throw MountError.refused(path: "/tmp", errno: errno) }
  return path
}

/// What a command wrote, and how it ended.
struct Outcome: Equatable {
  var output: String
  var status: Int32
}

/// Runs a command in a shell, at most for twenty seconds.
@discardableResult
func shell(_ command: String) -> Outcome {
  let arguments = ["timeout", "-s", "KILL", "20", "sh", "-c", command]
  var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
  defer { unsafe pointers.forEach { unsafe free($0) } }
  var ends: [CInt] = [0, 0]
  guard unsafe pipe(&ends) == 0 else { return Outcome(output: "no pipe", status: -1) }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
  unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
  var process = pid_t()
  let failure = unsafe posix_spawnp(&process, "timeout", &actions, nil, &pointers, environ)
  close(ends[1])
  defer { close(ends[0]) }
  guard failure == 0 else { return Outcome(output: "no process", status: failure) }
  var output: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = unsafe read(ends[0], &buffer, buffer.count)
    if count <= 0 { break }
    output += buffer[..<count]
  }
  var status: CInt = 0
  while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
  return Outcome(output: String(decoding: output, as: UTF8.self), status: status >> 8 & 0xFF)
}
