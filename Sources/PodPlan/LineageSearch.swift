import PodModel

/// The commits whose cells are still to be looked at, and what is needed of each.
struct LineageSearch {
  private var needs: [CommitNumber: Set<VariableName>] = [:]
  private var pending = NewestFirst()
  /// For each name that could not be stored, the commits that were asked for it: the first and the
  /// last of each stretch without a break.
  private var stretches: [VariableName: [ClosedRange<CommitNumber>]] = [:]

  /// Returns the newest commit that something is needed of, with the names.
  mutating func next() -> (CommitNumber, Set<VariableName>)? {
    guard let number = pending.pop() else { return nil }
    return (number, needs.removeValue(forKey: number) ?? [])
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
    var stretch: [CommitNumber] = []
    var next: CommitNumber? = number
    while let number = next, let found = try run(number, []), found.unsaved.contains(name) {
      stretch.append(number)
      next = found.parent.flatMap { $0 < number ? $0 : nil }
    }
    guard let first = stretch.last else { return }
    stretches[name, default: []].append(first...number)
    var made = UnsavedValue(name)
    for number in stretch.reversed() {
      guard let found = try run(number, []) else { continue }
      if number == first || made.mayChange(in: found) {
        need(name, from: number)
        made.add(found)
      }
    }
  }
}

/// What a value that could not be stored may be made of, as far as its commits are known.
private struct UnsavedValue {
  private var unsaved: Set<VariableName>
  private var stored: Set<VariableName> = []

  init(_ name: VariableName) { unsaved = [name] }

  /// Whether a cell may have changed the value.
  func mayChange(in run: CellRun) -> Bool {
    guard stored.isDisjoint(with: run.changed) else { return true }
    guard let reads = run.reads else { return run.source != nil }
    return reads.isEverything || !unsaved.isDisjoint(with: reads.names)
      || !unsaved.isDisjoint(with: reads.bound)
  }

  /// Adds what a cell that made or changed the value had to do with.
  mutating func add(_ run: CellRun) {
    unsaved.formUnion(run.takenUnsaved)
    if let bound = run.reads?.bound { unsaved.formUnion(bound.intersection(run.unsaved)) }
    stored.formUnion(run.taken.keys)
    stored.formUnion(run.changed)
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
