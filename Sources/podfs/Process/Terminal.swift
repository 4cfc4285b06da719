import Glibc

/// What a terminal tells of itself.
enum Terminal {
  /// Returns the number of columns, or nil if `number` is the descriptor of no terminal.
  static func width(of number: CInt) -> Int? {
    var size = winsize()
    guard unsafe ioctl(number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
