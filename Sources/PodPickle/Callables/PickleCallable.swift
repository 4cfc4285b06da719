/// Something that unpickling imports, and may call.
public struct PickleCallable: Hashable, Sendable {
  /// What is known of what it does.
  public enum Verdict: Int, Hashable, Sendable, Comparable {
    /// It makes a value, and does nothing else.
    case safe
    /// Code that the pickle holds itself, as those of functions of a notebook do.
    case ownCode
    /// Nothing is known of it.
    case unknown
    /// It runs what it is told, reads or writes what is not the pickle's, or leads to what does.
    case dangerous

    /// The less is known, the greater.
    public static func < (one: Verdict, other: Verdict) -> Bool { one.rawValue < other.rawValue }
  }

  /// Module and qualified name, such as `posix.system`; what has no name is described in `<>`.
  public let name: String
  /// What is known of it.
  public internal(set) var verdict: Verdict
  /// Whether unpickling calls it; otherwise it is imported and nothing more.
  public internal(set) var isCalled = false

  init(name: String, verdict: Verdict) {
    self.name = name
    self.verdict = verdict
  }
}

/// What unpickling a file would import and call.
public struct PickleCallables: Sendable {
  /// The callables: the dangerous ones first, each sort in the order of the names.
  public internal(set) var list: [PickleCallable] = []
  /// The number of pickles that stand in the file, one behind the other.
  ///
  /// `pickle.load` reads one, and the next when it is called again.
  public internal(set) var pickleCount = 0
  /// The number of bytes behind the last pickle, which are none.
  public internal(set) var restCount = 0
  /// Whether there were too many callables to name all; no dangerous one is left out before others.
  public internal(set) var isCut = false
  /// Whether the file says that it is a pickle, or would have called something.
  public internal(set) var isPickle = false
}

extension PickleCallables {
  /// Looks through a file of `count` bytes, of which `read` returns some from an offset on.
  ///
  /// Nothing is imported or called. What the file is does not matter: what unpickling it would do
  /// before it fails is told, too.
  public init<E>(
    ofFile count: Int, read: (_ offset: Int, _ count: Int) throws(E) -> [UInt8]
  ) throws(E) {
    self = try withoutActuallyEscaping(read) { read throws(E) in
      var search = CallableSearch(PickleWindow(count: count, read: read))
      return try search.run()
    }
  }
}

extension CallableSearch {
  fileprivate mutating func run() throws(Failure) -> PickleCallables {
    var callables = PickleCallables()
    callables.isPickle = try window.byte() == Opcode.proto
    window.offset = 0
    var end = 0
    while try pickle() {
      callables.pickleCount += 1
      end = window.offset
    }
    callables.restCount = window.count - end
    callables.list = found.list
    callables.isCut = found.isCut
    callables.isPickle = callables.isPickle || hasCalled || found.hasDangerous
    return callables
  }
}
