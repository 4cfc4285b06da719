/// One thing that differs between two values.
public struct Difference: Equatable, Sendable {
  /// What became of it.
  public enum Kind: String, Equatable, Sendable {
    case added, removed, changed
  }

  /// How to get to it, such as `config['lr']` or `model.coef_[0, 2]`.
  ///
  /// What was removed has the place that it had, all else the one that it has.
  public let path: String
  /// What became of it.
  public let kind: Kind
  /// What it was, on one line and cut if it is long; nil if it was not there, or if ``note`` says it.
  public var before: String?
  /// What it is, likewise.
  public var after: String?
  /// What is to be said of it as a whole: `3 of 150 elements, in [0:3, 1:2]`.
  public var note: String?
  /// The lines of a text that differ, as `diff -u` writes them.
  public var lines: [String] = []
}

extension Difference: CustomStringConvertible {
  /// The line for a person: `config['lr']: 0.1 -> 0.2`.
  public var description: String { "\(path): \(text)" }

  /// What is said of it behind its path.
  public var text: String {
    if let note { return note }
    return switch kind {
    case .added: "added \(after ?? "")"
    case .removed: "removed \(before ?? "")"
    case .changed: "\(before ?? "") -> \(after ?? "")"
    }
  }
}

/// All that differs between two values: how much it is, and the first of it.
public struct Differences: Equatable, Sendable {
  /// The first differences, in the order of the value.
  public private(set) var first: [Difference] = []
  /// How many parts were added, removed and changed, those that are not among the first included.
  public private(set) var counts: [Difference.Kind: Int] = [:]
  /// How many differences are told at most.
  let limit: Int

  init(limit: Int) { self.limit = limit }

  /// The number of parts that differ.
  public var count: Int { counts.values.reduce(0, +) }
  /// How many differences are not told.
  public private(set) var untold = 0
  /// Whether there is room for one more.
  var hasRoom: Bool { first.count < limit }

  /// Adds a difference that stands for `count` of them; it is nil where there is no room.
  mutating func add(_ kind: Difference.Kind, count: Int = 1, _ difference: Difference?) {
    guard count > 0 else { return }
    counts[kind, default: 0] += count
    if let difference { first.append(difference) }
    untold += difference == nil ? count : count - 1
  }

  /// Adds what is said of parts whose own differences follow.
  mutating func add(heading: Difference) {
    if hasRoom { first.append(heading) }
  }
}
