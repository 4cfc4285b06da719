import Glibc
import PodTesting

/// Processes that are really killed, to show that the stops of records are like those of processes.
struct Kills {
  let scratch: String
  private(set) var survived = 0
  private static let steps = 30

  init(scratch: String) { self.scratch = scratch }

  /// Runs the workload `count` times, and kills it at a random call, or in the middle of one.
  mutating func run(count: Int, seed: UInt64) throws(Failure) {
    var random = SeededGenerator(seed: seed)
    let recording = try Recording(
      at: scratch + "/recorded", start: Image(), observation: Observation(), seed: seed,
      firstStep: 0, steps: Self.steps)
    for number in 0..<count {
      let call = Int.random(in: 0..<recording.events.count, using: &random)
      let path = "\(scratch)/killed\(number)"
      guard
        let steps = try acknowledged(
          [path, "\(seed)", "\(call)", "\(random.next() % 2)"], log: path + ".log")
      else { continue }
      let allowed = recording.observations[steps...].prefix(2).map(\.withoutDigests)
      do throws(Failure) { _ = try Verification.verify(path, allowed: allowed) } catch {
        throw Failure("seed \(seed), killed at call \(call) behind step \(steps): \(error)")
      }
      try Scratch.remove(path)
      survived += 1
    }
  }

  /// What the process does that is killed.
  static func child(_ path: String, seed: UInt64, call: Int, tears: Bool) throws(Failure) {
    let fault = Fault(
      first: call, last: .max, effect: tears ? .tearAndKill : .kill, kinds: Fault.changes)
    _ = try Recording(
      at: path, start: Image(), observation: Observation(), seed: seed, firstStep: 0,
      steps: steps, fault: fault
    ) { unsafe _ = Glibc.write(STDOUT_FILENO, "a", 1) }
  }

  /// Runs this program as a child; returns how many steps it acknowledged before it was killed, or
  /// nil if it was not.
  private func acknowledged(_ arguments: [String], log: String) throws(Failure) -> Int? {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, log, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    var words: [UnsafeMutablePointer<CChar>?] = unsafe []
    for word in ["/proc/self/exe", "child"] + arguments { unsafe words.append(strdup(word)) }
    defer { unsafe words.forEach { unsafe free($0) } }
    unsafe words.append(nil)
    var process: pid_t = 0
    guard unsafe posix_spawn(&process, "/proc/self/exe", &actions, nil, words, environ) == 0 else {
      throw Failure("the child did not start")
    }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let output = try Scratch.bytes(of: log)
    unsafe _ = unlink(log)
    if status == SIGKILL { return output.count }
    if status == 0 { return nil }
    throw Failure(
      "the child ended with status \(status): \(String(decoding: output, as: UTF8.self))")
  }
}
