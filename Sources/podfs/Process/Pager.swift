import Glibc

/// A program that shows long output on a terminal page by page.
struct Pager {
  private let child: pid_t
  /// Where to write what is to be shown.
  let input: CInt

  /// Starts $PODFS_PAGER, else $PAGER, else `less`; nil if that is `cat`.
  ///
  /// From then on an interrupt is for the pager, which decides what it means.
  init?() throws(CommandError) {
    let command =
      SystemCall.environment("PODFS_PAGER") ?? SystemCall.environment("PAGER")
      ?? "command -v less >/dev/null && exec less -FRX || exec cat"
    guard command != "cat" else { return nil }
    let (reading, writing) = try ChildProcess.pipe()
    defer { close(reading) }
    // As git does: a bare `less` must let colours through, and end if all fits on the screen.
    let script = "export LESS=\"${LESS-FRX}\" LV=\"${LV--c}\"; \(command)"
    var descriptors = ChildProcess.Descriptors()
    descriptors.input = reading
    child = try ChildProcess.start("/bin/sh", ["-c", script], descriptors: descriptors)
    input = writing
    signal(SIGINT, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
  }

  /// Waits until the person has left it.
  func wait() throws(CommandError) { _ = try ChildProcess.wait(for: child) }
}
