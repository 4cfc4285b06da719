/// The callables that a search has met so far.
struct FoundCallables {
  /// The most that are named; dangerous ones are named up to twice as many.
  private static let limit = 10_000
  /// What stands for all that are not named.
  private static let rest = "<more callables than are named>"

  private struct Entry {
    let module: String
    let qualifiedName: String
    var callable: PickleCallable
    /// How often it was on the stack, and how often it was called from there with what it finds named.
    var uses = 0
    var namedUses = 0
  }

  private var entries: [Entry] = []
  private var indices: [String: Int] = [:]
  private(set) var isCut = false

  /// Whether any is dangerous.
  private(set) var hasDangerous = false

  /// Notes `name` of `module` as Python 3 finds it, and returns its number.
  mutating func add(module: String, name: String) -> Int {
    let known = Self.presentModules[module] ?? module
    let verdict: PickleCallable.Verdict =
      DangerousCallables.contains(module: known, name: name)
      ? .dangerous : SafeCallables.contains(module: known, name: name) ? .safe : .unknown
    return add("\(module).\(name)", verdict, module: known, qualifiedName: name)
  }

  /// Notes something that has no name of its own.
  @discardableResult
  mutating func add(_ description: String, _ verdict: PickleCallable.Verdict) -> Int {
    add(description, verdict, module: "", qualifiedName: description)
  }

  private mutating func add(
    _ name: String, _ verdict: PickleCallable.Verdict, module: String, qualifiedName: String
  ) -> Int {
    if let index = indices[name] {
      entries[index].callable.verdict = max(entries[index].callable.verdict, verdict)
      return index
    }
    if verdict == .dangerous { hasDangerous = true }
    if entries.count >= (verdict == .dangerous ? 2 * Self.limit : Self.limit), name != Self.rest {
      isCut = true
      return add(Self.rest, verdict)
    }
    indices[name] = entries.count
    entries.append(
      Entry(
        module: module, qualifiedName: qualifiedName,
        callable: PickleCallable(name: name, verdict: verdict)))
    return entries.count - 1
  }

  /// Module and name, by which a callable is known to Python 3.
  func name(of index: Int) -> (module: String, name: String) {
    (entries[index].module, entries[index].qualifiedName)
  }

  mutating func noteUse(of index: Int) { entries[index].uses += 1 }
  mutating func noteCall(of index: Int) { entries[index].callable.isCalled = true }

  /// Notes a call of what finds something by name, when the name is known and told by itself.
  mutating func noteNamedUse(of index: Int) { entries[index].namedUses += 1 }

  /// All of them, the worst first.
  var list: [PickleCallable] {
    entries.map { entry in
      var callable = entry.callable
      if entry.namedUses > 0, entry.namedUses == entry.uses { callable.verdict = .safe }
      return callable
    }.sorted { ($1.verdict, $0.name) < ($0.verdict, $1.name) }
  }

  /// Modules of Python 2, which pickles of protocols 0 to 2 name.
  private static let presentModules = [
    "__builtin__": "builtins", "copy_reg": "copyreg", "commands": "subprocess",
    "cPickle": "pickle", "_cPickle": "pickle", "exceptions": "builtins", "UserDict": "collections",
    "Queue": "queue", "cStringIO": "io", "StringIO": "io",
  ]
}
