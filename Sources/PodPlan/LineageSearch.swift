import PodModel

/// The commits whose cells are still to be looked at, and what is needed of each.
struct LineageSearch {
  private var needs: [CommitNumber: Set<VariableName>] = [:]
  /// What may have passed through a commit as it was, in another version, and must stay the same
  /// objects for the sake of a value that could not be stored.
  private var passing: [CommitNumber: Set<VariableName>] = [:]
  private var pending = NewestFirst()
  /// For each name that could not be stored, the commits that were asked for it: the first and the
  /// last of each stretch without a break.
  private var stretches: [VariableName: [ClosedRange<CommitNumber>]] = [:]

  /// Returns the newest commit that something is needed of, with the names, and those of what may
  /// have passed through it.
  mutating func next() -> (
    number: CommitNumber, gives: Set<VariableName>, passes: Set<VariableName>
  )? {
    guard let number = pending.pop() else { return nil }
    let passes = passing.removeValue(forKey: number) ?? []
    return (number, needs.removeValue(forKey: number) ?? [], passes)
  }

  /// Asks for the value that a name got in the commit `origin`.
  mutating func need(_ name: VariableName, from origin: CommitNumber) {
    if needs[origin] == nil { pending.insert(origin) }
    needs[origin, default: []].insert(name)
  }

  /// Asks for the value that a name had in the commit `number`, which could not keep it.
  mutating func needUnsaved<Failure: Error>(
    _ name: VariableName, in number: CommitNumber,
    run: (CommitNumber, Set<VariableName>) throws(Failure) -> CellRun?
  ) throws(Failure) {
    // What a stretch asks for up to one of its commits does not depend on those behind it.
    if stretches[name]?.contains(where: { $0.contains(number) }) == true { return }
    var values = UnsavedValues(leadingTo: name)
    var stretch: [CommitNumber] = []
    var next: CommitNumber? = number
    while let number = next, let found = try run(number, []), values.goBack(over: found) {
      stretch.append(number)
      next = found.parent.flatMap { $0 < number ? $0 : nil }
    }
    var first: CommitNumber?
    for number in stretch.reversed() {
      guard let found = try run(number, []) else { continue }
      let passes = values.stored(in: name).intersection(found.changed)
      let changed = values.go(over: found)
      if !found.unsaved.contains(name) { first = nil }
      guard changed.contains(name) else { continue }
      first = first ?? number
      need(name, from: number)
      passing[number, default: []].formUnion(passes)
    }
    if let first { stretches[name, default: []].append(first...number) }
  }
}

/// Values that could not be stored, and what each may be made of, as far as commits are known.
private struct UnsavedValues {
  /// What a value may be made of: stored values, and others that could not be stored.
  private struct Parts {
    var stored: Set<VariableName> = []
    var unsaved: Set<VariableName>
  }

  /// The names that the one that is asked for may be made of, its own among them.
  private var names: Set<VariableName>
  private var parts: [VariableName: Parts] = [:]

  init(leadingTo name: VariableName) { names = [name] }

  /// Looks at the cell of an earlier commit for more names; returns whether the commit has any.
  mutating func goBack(over run: CellRun) -> Bool {
    guard !names.isDisjoint(with: run.unsaved) else { return false }
    names.formUnion(run.takenUnsaved)
    return true
  }

  /// The stored values that a value may be made of.
  func stored(in name: VariableName) -> Set<VariableName> { parts[name]?.stored ?? [] }

  /// Looks at the cell of the next commit; returns the values that it may have made or changed.
  mutating func go(over run: CellRun) -> Set<VariableName> {
    let present = names.intersection(run.unsaved)
    let changed = present.filter { parts[$0].map { mayChange($0, in: run) } ?? true }
    var new = Parts(unsaved: run.takenUnsaved)
    new.unsaved.formUnion(run.reads?.bound.intersection(run.unsaved) ?? [])
    new.stored = Set(run.taken.keys).union(run.changed)
    for name in run.takenUnsaved {
      guard let old = parts[name] else { continue }
      new.unsaved.formUnion(old.unsaved)
      new.stored.formUnion(old.stored)
    }
    parts = parts.filter { present.contains($0.key) }
    for name in changed {
      parts[name, default: Parts(unsaved: [name])].unsaved.formUnion(new.unsaved)
      parts[name]?.stored.formUnion(new.stored)
    }
    return changed
  }

  /// Whether a cell may have changed a value that is made of `parts`.
  private func mayChange(_ parts: Parts, in run: CellRun) -> Bool {
    guard parts.stored.isDisjoint(with: run.changed) else { return true }
    guard let reads = run.reads else { return run.source != nil }
    return reads.isEverything || !parts.unsaved.isDisjoint(with: reads.names)
      || !parts.unsaved.isDisjoint(with: reads.bound)
  }
}

/// Commit numbers, the largest of which is found first.
private struct NewestFirst {
  /// A heap: each is larger than those at twice its place, and one and two more.
  private var heap: [CommitNumber] = []

  mutating func insert(_ number: CommitNumber) {
    heap.append(number)
    var place = heap.count - 1
    while place > 0, heap[(place - 1) / 2] < heap[place] {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> CommitNumber? {
    guard let last = heap.popLast() else { return nil }
    guard let first = heap.first else { return last }
    heap[0] = last
    var place = 0
    while 2 * place + 1 < heap.count {
      var child = 2 * place + 1
      if child + 1 < heap.count, heap[child] < heap[child + 1] { child += 1 }
      guard heap[place] < heap[child] else { break }
      heap.swapAt(place, child)
      place = child
    }
    return first
  }
}
