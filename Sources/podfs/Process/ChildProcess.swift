import Glibc

/// Starting other programs, and waiting for them.
enum ChildProcess {
  /// Which of our descriptors the child gets as its standard input, output and error, and as 3.
  struct Descriptors {
    /// Its standard input.
    var input: CInt = STDIN_FILENO
    /// Its standard output.
    var output: CInt = STDOUT_FILENO
    /// Its standard error.
    var error: CInt = STDERR_FILENO
    /// Its descriptor 3, if it is to have one.
    var third: CInt?
  }

  /// Starts `executable`, which is searched in $PATH if it has no "/", and returns its number.
  ///
  /// With `detached`, the child leads a session of its own, so that closing the terminal does not
  /// end it. In any case it starts with no signal blocked or ignored.
  static func start(
    _ executable: String, _ arguments: [String], descriptors: Descriptors = Descriptors(),
    detached: Bool = false
  ) throws(CommandError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let mapping = [descriptors.input, descriptors.output, descriptors.error, descriptors.third]
    for (target, source) in mapping.enumerated() {
      guard let source else { continue }
      unsafe posix_spawn_file_actions_adddup2(&actions, source, CInt(target))
    }

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (detached ? sessionFlag : 0)
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

    var words: [UnsafeMutablePointer<CChar>?] = unsafe ([executable] + arguments).map {
      unsafe strdup($0)
    }
    unsafe words.append(nil)
    defer { unsafe words.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let code = FileIdentity.asCaller {
      unsafe posix_spawnp(&child, executable, &actions, &attributes, words, environ)
    }
    if code != 0 { throw .system(doing: "run", path: executable, errno: code) }
    return child
  }

  /// Waits until the child has ended, and returns its exit code: 128 and the signal, as in a
  /// shell, if a signal ended it.
  static func wait(for child: pid_t) throws(CommandError) -> CInt {
    var status: CInt = 0
    _ = try SystemCall.retrying("wait for", "process \(child)") {
      unsafe Int(waitpid(child, &status, 0))
    }
    let signal = status & 0x7f
    return signal == 0 ? status >> 8 & 0xff : 128 + signal
  }

  /// Makes a pipe: what is written to the second can be read from the first.
  ///
  /// Neither end is inherited by a child, unless it is given to it.
  static func pipe() throws(CommandError) -> (reading: CInt, writing: CInt) {
    var ends: [CInt] = [-1, -1]
    _ = try SystemCall.retrying("make", "a pipe") { unsafe Int(Glibc.pipe(&ends)) }
    for end in ends {
      _ = try SystemCall.retrying("make", "a pipe") { Int(fcntl(end, F_SETFD, FD_CLOEXEC)) }
    }
    return (ends[0], ends[1])
  }

  /// POSIX_SPAWN_SETSID, which Swift does not import everywhere.
  private static let sessionFlag: CInt = 0x80
}
