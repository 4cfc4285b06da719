import Glibc

/// A line on standard error that tells how far long work is, if a person reads it there.
///
/// It is written over by the next one, at most ten times a second, and cleared in the end.
final class ProgressLine {
  private let isShown = isatty(STDERR_FILENO) == 1
  private var last: ContinuousClock.Instant?

  /// Shows `text` in place of what was shown before.
  func show(_ text: String) {
    let now = ContinuousClock.now
    guard isShown, last.map({ now - $0 > .milliseconds(100) }) ?? true else { return }
    last = now
    writeError("\r\u{1b}[K" + text)
  }

  /// Leaves an empty line.
  func clear() {
    if last != nil { writeError("\r\u{1b}[K") }
  }
}
