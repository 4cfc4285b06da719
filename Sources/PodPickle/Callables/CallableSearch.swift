/// What is on the stack of a search: only what may become a name, or a callable.
enum SearchedValue {
  /// Anything else.
  case other
  case text(String)
  /// Something imported, by its number.
  case named(Int)
  case module(String)
  /// The first elements of a tuple.
  case tuple([SearchedValue])
  /// What calls `callee` when it is called.
  indirect case partial(SearchedValue)
  /// What takes attributes of what it is called with; nil where their names are not known.
  case getter(String?, finder: Int)
  /// What calls a method of what it is called with.
  case caller(String?, finder: Int)
  /// Code that the pickle holds: a code object, or a function or class made of it.
  case code(String)
  case function(String)
  case ownClass(String)
  /// An object that a callable of this name made.
  case object(String)
}

/// Finds what unpickling a file would import and call, without doing either.
///
/// It is run as the pickle machine is, over whole files: one pickle after the other, whatever the
/// opcodes leave on the stack or drop from it. What is too deep, too long or made by a call is not
/// followed; a name that comes from there counts as dangerous. Memory is bounded, whatever the file
/// holds; time is linear in its opcodes.
struct CallableSearch<Failure: Error> {
  /// Names and memo entries are followed up to these.
  static var nameLimit: Int { 512 }
  private static var stackLimit: Int { 1 << 20 }
  private static var memoLimit: Int { 1 << 20 }
  private static var memoTextLimit: Int { 16 << 20 }
  /// A code object has its name among its first elements.
  private static var tupleLimit: Int { 12 }

  var window: PickleWindow<Failure>
  var found = FoundCallables()
  private var stack: [SearchedValue] = []
  private var marks: [Int] = []
  /// Whether the lower part of the stack was forgotten.
  private var isStackCut = false
  private var memo: [UInt32: SearchedValue] = [:]
  private var memoText = 0
  /// The index that MEMOIZE takes next, and the one behind the highest.
  private var memoCount: UInt32 = 0
  private var memoEnd: UInt32 = 0
  /// Whether something was called.
  var hasCalled = false

  init(_ window: PickleWindow<Failure>) { self.window = window }

  // MARK: The stack

  mutating func push(_ value: SearchedValue) {
    if case .named(let index) = value { found.noteUse(of: index) }
    if stack.count == Self.stackLimit {
      let cut = Self.stackLimit / 2
      stack.removeFirst(cut)
      for index in marks.indices { marks[index] = max(0, marks[index] - cut) }
      isStackCut = true
    }
    stack.append(value)
  }

  /// Takes the topmost value; nil ends the pickle, as an empty stack does.
  mutating func pop() -> SearchedValue? {
    stack.popLast() ?? (isStackCut ? .other : nil)
  }

  var top: SearchedValue? { stack.last ?? (isStackCut ? .other : nil) }

  mutating func mark() { if marks.count < Self.stackLimit { marks.append(stack.count) } }

  /// Takes all above the last mark.
  mutating func popMark() -> [SearchedValue]? {
    guard let mark = marks.popLast() else { return nil }
    let values = Array(stack[min(mark, stack.count)...])
    stack.removeLast(values.count)
    return values
  }

  /// POP takes a mark, if one is topmost.
  mutating func drop() -> Bool {
    if marks.last == stack.count {
      marks.removeLast()
      return true
    }
    return pop() != nil
  }

  mutating func pushTuple(_ values: ArraySlice<SearchedValue>) {
    let kept = values.prefix(Self.tupleLimit).map { value -> SearchedValue in
      // No tuples in tuples: what is nested is not followed.
      if case .tuple = value { return .other }
      return value
    }
    push(.tuple(kept))
  }

  mutating func pushTuple(count: Int) -> Bool {
    guard stack.count >= count || isStackCut else { return false }
    let taken = min(count, stack.count)
    // A copy: a slice would keep the stack alive, which then is copied to be changed.
    let values = Array(stack[(stack.count - taken)...])
    stack.removeLast(taken)
    pushTuple([SearchedValue](repeating: .other, count: count - taken) + values)
    return true
  }

  private mutating func pushTuple(_ values: [SearchedValue]) { pushTuple(values[...]) }

  mutating func begin() {
    stack = []
    marks = []
    isStackCut = false
  }

  // MARK: The memo

  mutating func memoize() -> Bool { remember(at: memoCount) }

  mutating func remember(at index: UInt32) -> Bool {
    guard let value = top else { return false }
    if index == memoCount, memoCount < .max { memoCount += 1 }
    memoEnd = max(memoEnd, index == .max ? index : index + 1)
    memo[index] = nil
    switch value {
    case .other: break
    case .text(let text):
      guard memoText < Self.memoTextLimit else { break }
      memoText += text.utf8.count + 16
      memo[index] = value
    default: if memo.count < Self.memoLimit { memo[index] = value }
    }
    return true
  }

  /// Pushes a memo entry; false ends the pickle, as one that was never made does.
  mutating func fetch(_ index: UInt32) -> Bool {
    guard index < memoEnd else { return false }
    push(memo[index] ?? .other)
    return true
  }
}
